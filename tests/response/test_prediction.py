"""What the report says of the model: context, whatever else it says stays."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.response.prediction import Predictions
from epilepsy_pgx.vocabulary import Classification, Direction, PredictionStatus, Tier
from tests.response.builders import case, covered, takes, variant

GENE = "SCN1A"
ENTRY = ClinicalEntry(onset_months=Decimal(6), affected=True, current=(takes("carbamazepine"),))


def found(protein="p.(Arg222Ter)", consequence=None, transcript="NM_001165963.4", **more):
    cut = more.setdefault("truncating", "Ter" in (protein or "") or "fs" in (protein or ""))
    made = variant(GENE, protein=protein, **more)
    terms = (consequence or ("stop_gained" if cut else "missense_variant"),)
    return replace(made, transcript=transcript, consequences=terms)


def ask(engine, *findings, clinical=ENTRY):
    patient = case(findings=findings, coverage=covered(GENE), clinical=clinical)
    return engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)


def said(interpretation):
    sections = {s.heading_id: s.statements for s in interpretation.context}
    return sections.get("section-prediction", ())


def only(engine, *findings, clinical=ENTRY):
    (statement,) = said(ask(engine, *findings, clinical=clinical))
    return statement


def reason(statement):
    """Return the status that a statement gives as its reason; `computed` if it has a figure."""
    for value in statement.values:
        if value.name == "reason":
            return value.messages[0].text_id.removeprefix("prediction-status-")
    return PredictionStatus.COMPUTED


def test_a_probability_is_context_with_what_it_rests_on(engine):
    statement = only(engine, found())
    assert statement.tier is Tier.CONTEXT
    assert not statement.urgent
    assert statement.action_id is None
    assert "97 %" in statement.text
    assert "95 to 98 %" in statement.text
    assert "743" in statement.text
    assert "PMID:35074891" in statement.evidence[0].citations
    assert statement.evidence[0].table == "prediction_models"
    assert [r.subject.names[0] for r in statement.reasons][-1] == "onset_months"


@pytest.mark.parametrize(
    ("finding", "status"),
    [
        (found("p.(Arg1636Gln)"), "computed"),
        (found("p.(Met1?)", truncating=True), "computed"),
        (found(None, "exon_loss_variant", truncating=True), "computed"),
        # Nobody of the cohort has a variant at a splice site.
        (found(None, "splice_donor_variant", truncating=True), "not-missense-or-truncating"),
        (found("p.?", "splice_donor_variant", truncating=True), "not-missense-or-truncating"),
        (found("p.(Arg1636=)"), "not-missense-or-truncating"),
        (found("p.(Lys5_Gly9del)"), "not-missense-or-truncating"),
        (found("p.(Phe100Leu)"), "no-residue-score"),
        (found("p.(Arg100Trp)"), "other-protein"),
        (found(transcript="NM_000001.1"), "other-protein"),
        (found("p.(Thr782Ile)", direction=Direction.GAIN), "gain-of-function"),
        (found(classification=Classification.LIKELY_BENIGN), "benign-class"),
    ],
)
def test_what_is_computed(engine, finding, status):
    assert reason(only(engine, finding)) == status


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (ClinicalEntry(), "no-onset"),
        (ClinicalEntry(onset_months=Decimal(0)), "onset-outside-training-range"),
        (ClinicalEntry(onset_months=Decimal(240)), "onset-outside-training-range"),
    ],
)
def test_an_age_that_is_missing_or_beyond_the_cohort(engine, entry, status):
    statement = only(engine, found(), clinical=entry)
    assert reason(statement) == status
    assert "changes no warning" in statement.text


def test_several_variants_and_one_that_is_the_cause(engine):
    other = found("p.(Arg1636Gln)", name="c.4907G>A")
    assert reason(only(engine, found(), other)) == "several-variants"
    open_one = found("p.(Gly5Ser)", name="c.13G>A", classification=Classification.UNCERTAIN)
    assert only(engine, found(), open_one) == only(engine, found())


def test_an_open_class_leaves_it_conditional(engine):
    statement = only(engine, found(classification=Classification.UNCERTAIN))
    assert statement.conditional
    assert statement.resolve[0].text_id == "resolve-class"
    assert not only(engine, found()).conditional


def test_nothing_without_a_variant_or_without_seizures(engine):
    assert said(ask(engine)) == ()
    assert said(ask(engine, found(), clinical=ClinicalEntry(affected=False))) == ()


@pytest.mark.parametrize("months", ["0.5", "6", "40", "240", None])
def test_the_model_changes_nothing_else(plain, months, monkeypatch):
    """With and without the model a report says the same, but for the model's own statement."""
    onset = None if months is None else Decimal(months)
    clinical = replace(ENTRY, onset_months=onset)
    with_it = ask(plain, found("p.(Arg1636Gln)"), clinical=clinical)
    monkeypatch.setattr(plain, "_predictions", Predictions(()))
    without = ask(plain, found("p.(Arg1636Gln)"), clinical=clinical)
    assert len(said(with_it)) == 1
    rest = tuple(s for s in with_it.context if s.heading_id != "section-prediction")
    assert replace(with_it, context=rest) == without


def test_the_figures_behind_a_probability_have_their_names(engine):
    """A chart is drawn from them: people of the cohort by probability, and cases among them."""
    values = {v.name: v.items for v in only(engine, found()).values}
    people, cases = ([int(n) for n in values[f"band_{name}"]] for name in ("people", "cases"))
    assert len(people) == len(cases) > 1
    assert all(0 <= case <= all_of_band for case, all_of_band in zip(cases, people, strict=True))
    assert (values["people"], values["cases"]) == ((str(sum(people)),), (str(sum(cases)),))
    chance, lower, upper = map(float, values["place"])
    assert 0 < lower < chance < upper < 100
