"""The safety invariants, as properties over generated patients."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.model import ClinicalEntry, DrugPrediction, Interpretation
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import beside_results, with_entry
from epilepsy_pgx.response.ordering import STOPPING
from epilepsy_pgx.response.rules import WARNINGS, Rule, fire
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import (
    FailureReason,
    GeneStatus,
    Mri,
    Origin,
    Resistance,
    Response,
    Tier,
)
from tests.drawing import examples
from tests.response.builders import (
    PHENOTYPES,
    VALPROATE_GENES,
    Case,
    case,
    covered,
    gave_up,
    star_gene,
    takes,
    typed,
    unassessed,
    variant,
)
from tests.response.strategies import DRUGS, cases
from tests.said import SpeakingEngine, reasons_of, resolve_of

FEW = settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
REASSURING = {Response.MAY_FAVOUR, Response.STANDARD}


@pytest.fixture(scope="module")
def second(reference: Reference) -> ResponseEngine:
    """Return an engine that no other test uses."""
    return ResponseEngine(reference)


def ask(engine: SpeakingEngine, patient: Case) -> Interpretation:
    return engine.interpret(patient.genes, patient.findings, patient.coverage, patient.clinical)


def by_drug(result: Interpretation) -> dict[str, DrugPrediction]:
    return {d.drug: d for d in result.drugs}


def rows(statement: Statement) -> set[str]:
    return {e.row for e in statement.evidence}


def warned(prediction: DrugPrediction) -> dict[str, tuple[Response, Tier]]:
    return {
        row: (s.response, s.tier)
        for s in prediction.statements
        if s.response in WARNINGS
        for row in rows(s)
    }


def sentences(statement: Statement) -> list[str]:
    return re.split(r"(?<=[.!?]) (?=[A-Z])", statement.text.removeprefix("If this applies: "))


def without_genotype(statement: Statement) -> list[str]:
    """Return the sentences of a clinical warning but for those that a genotype adds to it."""
    return [s for s in sentences(statement) if not s.startswith(ADDED)]


ADDED = "Broken down more slowly here by the genotype"
"""What a warning says besides where the genotype slows the drug."""


def subjects(engine: SpeakingEngine) -> dict[str, set[str]]:
    return {
        rule.rule_id: {subject for _, subject, _, _ in rule.kinds} for rule in engine.rules.rules
    }


def taken_over(rules: Sequence[Rule], rule: Rule, subject: str, word: str) -> bool:
    """Say whether a word that silences a warning brings another of the same drug, no weaker.

    The other may ask for what the first one asks for, and for nothing more but the word.
    """
    tiers, severity = list(Tier), list(Response)
    return any(
        other.subject == rule.subject
        and tiers.index(other.tier) <= tiers.index(rule.tier)
        and severity.index(other.response) <= severity.index(rule.response)
        and [
            (k, s, o)
            for k, s, o, v in other.kinds
            if (k, s) != ("exposure", "self") and (k, s, o, v) not in rule.kinds
        ]
        == [("clinical", subject, "any_of")]
        and any(s == subject and word in v.split("|") for _, s, _, v in other.kinds)
        for other in rules
    )


def weighed_over(rules: Sequence[Rule], rule: Rule, subject: str, word: str) -> bool:
    """Say whether a warning by seizure type gives way to one that weighs the same types.

    Where a gene, a syndrome or spasms make the drug one of choice, another row of the drug is
    still a warning, names the seizure types too, and leaves it to the specialist.
    """
    types = {v for _, s, o, v in rule.kinds if (s, o) == ("seizure_types", "any_of")}
    return any(
        other.subject == rule.subject
        and other.tier in (Tier.ACT, Tier.CONSIDER)
        and other.response in WARNINGS
        and any(s == subject and o != "other_than" and word in v.split("|") for _, s, o, v in asked)
        and any(
            set().union(*(t.split("|") for t in types)) <= set(v.split("|"))
            for _, s, o, v in asked
            if (s, o) == ("seizure_types", "any_of")
        )
        for other in rules
        for asked in (other.kinds,)
    )


STATUS = {"status_epilepticus", "fires", "norse"}


def gives_way_to_status(rules: Sequence[Rule], rule: Rule, subject: str, word: str) -> bool:
    """Say whether an order to lower a drug gives way, in status, to a warning by the same signs.

    What ends the status is not lowered for signs of the status; the status itself is urgent.
    """
    if subject != "syndrome" or word not in STATUS:
        return False
    signs = {w for k, _, _, v in rule.kinds if k == "reaction" for w in v.split("|")}
    told = {
        w
        for other in rules
        if other.subject == rule.subject and other.response in WARNINGS
        if any((s, o) == ("syndrome", "any_of") and word in v for _, s, o, v in other.kinds)
        for k, _, _, v in other.kinds
        if k == "reaction"
        for w in v.split("|")
    }
    return bool(signs) and signs <= told


def test_no_warning_has_a_negative_precondition(engine: SpeakingEngine) -> None:
    """Invariant 1."""
    negative = {"Normal Metabolizer", "none_found", "benign_only", "vus", "no"}
    for table in engine.tables:
        for rule in table.rules:
            if rule.response not in WARNINGS:
                continue
            for kind, subject, operator, value in rule.kinds:
                assert operator != "absent", rule.rule_id
                if operator == "other_than":
                    over = weighed_over if rule.effect == "aggravation" else taken_over
                    assert kind == "clinical" or over is weighed_over, rule.rule_id
                    assert all(
                        over(table.rules, rule, subject, w)
                        or gives_way_to_status(table.rules, rule, subject, w)
                        for w in value.split("|")
                    ), rule.rule_id
                assert not negative & set(value.split("|")), (rule.rule_id, kind, subject)


@FEW
@given(patient=cases(), data=st.data())
def test_blanking_a_gene_keeps_the_other_warnings(
    engine: SpeakingEngine, patient: Case, data: st.DataObject
) -> None:
    """Invariant 2, whole genes: only what the blanked gene itself showed may go."""
    names = sorted({*patient.genes, *patient.coverage})
    gone = data.draw(st.sampled_from(names))
    blanked = replace(
        patient,
        genes=patient.genes | {gone: unassessed(gone)},
        coverage={g: c for g, c in patient.coverage.items() if g != gone},
        findings=tuple(f for f in patient.findings if f.gene != gone),
    )
    depends = subjects(engine)
    before, after = by_drug(ask(engine, patient)), by_drug(ask(engine, blanked))
    for drug, prediction in before.items():
        kept = warned(after[drug])
        for row, said in warned(prediction).items():
            # What drugs do to each other depends on no gene.
            if gone not in depends.get(row, ()):
                assert kept.get(row) == said
        favoured = {s.text_id for s in prediction.statements if s.response in REASSURING}
        new = {s.text_id for s in after[drug].statements if s.response in REASSURING}
        assert new <= favoured
        if any(gene == gone for gene, _ in after[drug].deciding):
            assert gone in after[drug].not_assessed
            assert after[drug].response not in (*REASSURING, Response.NO_RULE)


@FEW
@given(patient=cases(), gene=st.sampled_from(sorted(PHENOTYPES)), data=st.data())
def test_a_blanked_site_makes_warnings_conditional_at_most(
    engine: SpeakingEngine, patient: Case, gene: str, data: st.DataObject
) -> None:
    """Invariants 2 and 6: more candidates never lose or soften a line."""
    pool = sorted(PHENOTYPES[gene])
    one = data.draw(st.sampled_from(pool))
    more = data.draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True))
    sure = replace(patient, genes=patient.genes | {gene: star_gene(gene, one)})
    wide = tuple(dict.fromkeys((one, *more)))
    open_ = replace(patient, genes=patient.genes | {gene: star_gene(gene, *wide)})
    before, after = by_drug(ask(engine, sure)), by_drug(ask(engine, open_))
    tiers = list(Tier)
    for drug, prediction in before.items():
        strong = WARNINGS | {Response.ADJUST_DOSE}
        said = {r: s for s in after[drug].statements if s.response in strong for r in rows(s)}
        for statement in prediction.statements:
            if statement.response not in strong:
                continue
            for row in rows(statement):
                assert row in said
                assert said[row].response == statement.response
                if statement.origin is Origin.INTERACTION and statement.conditional:
                    # What a drug would do if it were started counts more once a line proposes it.
                    assert tiers.index(said[row].tier) <= tiers.index(statement.tier)
                else:
                    assert said[row].tier == statement.tier
                if said[row].conditional:
                    assert statement.conditional or resolve_of(said[row])
        new = {s.text_id for s in after[drug].statements if s.response in REASSURING}
        assert new <= {s.text_id for s in prediction.statements if s.response in REASSURING}


@FEW
@given(patient=cases(), data=st.data())
def test_untyping_an_hla_allele_never_clears(
    engine: SpeakingEngine, patient: Case, data: st.DataObject
) -> None:
    """Invariant 2, typing: alleles shown absent may become unknown without any line going."""
    typed_genes = {
        name: replace(
            g,
            alleles_absent=data.draw(
                st.lists(st.sampled_from(g.alleles_absent), unique=True).map(tuple)
                if g.alleles_absent
                else st.just(())
            ),
        )
        for name, g in patient.genes.items()
        if g.basis == "HLA typing"
    }
    fewer = replace(patient, genes=patient.genes | typed_genes)
    before, after = by_drug(ask(engine, patient)), by_drug(ask(engine, fewer))
    for drug, prediction in before.items():
        assert warned(after[drug]) == warned(prediction)
        new = Counter(s.text_id for s in after[drug].statements if s.response in REASSURING)
        assert new <= Counter(s.text_id for s in prediction.statements if s.response in REASSURING)


@FEW
@given(patient=cases(), drug=st.sampled_from(DRUGS))
def test_comedication_never_changes_the_genetic_result(
    engine: SpeakingEngine, patient: Case, drug: str
) -> None:
    """Invariant 3: a drug added to the list adds lines and removes no warning."""
    current = patient.clinical.current or ()
    without = tuple(d for d in current if d.drug != drug)
    added = (*without, takes(drug))
    less = replace(patient, clinical=replace(patient.clinical, current=without))
    more = replace(patient, clinical=replace(patient.clinical, current=added))
    before, after = by_drug(ask(engine, less)), by_drug(ask(engine, more))
    for name, prediction in before.items():
        if name == drug:
            continue
        genetic = {
            (r, s.response, s.tier, s.conditional)
            for s in prediction.statements
            if s.origin in (Origin.GENOTYPE, Origin.TYPING)
            and s.response not in (*REASSURING, Response.NO_RULE)
            for r in rows(s)
        }
        kept = {
            (r, s.response, s.tier, s.conditional) for s in after[name].statements for r in rows(s)
        }
        assert genetic <= kept
        assert warned(prediction).items() <= warned(after[name]).items()


@FEW
@given(patient=cases())
def test_nothing_is_favoured_over_an_open_safety_gene(
    engine: SpeakingEngine, patient: Case
) -> None:
    """Invariants 4 and 5."""
    for prediction in ask(engine, patient).drugs:
        responses = {s.response for s in prediction.statements}
        if Response.MAY_FAVOUR in responses:
            assert not responses & WARNINGS
            assert not [
                item
                for item in engine.deciding.get(prediction.drug, ())
                if item.blocks_benefit and item.gene in prediction.not_assessed
            ]
        if Response.STANDARD in responses:
            assert not prediction.not_assessed
            assert not responses & WARNINGS
            assert Response.ADJUST_DOSE not in responses
        if prediction.response is Response.NO_RULE:
            assert not prediction.not_assessed
        if prediction.not_assessed:
            assert prediction.response not in (*REASSURING, Response.NO_RULE)


def test_standard_needs_everything(engine: SpeakingEngine) -> None:
    """Invariant 5, on the one pair whose guideline speaks of a usual dose."""
    full = case(
        star_gene("CYP2C9", "*1/*1"),
        typed("HLA-B"),
        coverage=covered("SCN1A"),
        clinical=ClinicalEntry(current=()),
    )
    assert by_drug(ask(engine, full))["phenytoin"].response is Response.STANDARD
    for less in (
        replace(full, coverage={}),
        replace(full, coverage=covered("SCN1A", status=GeneStatus.PARTIAL)),
        replace(full, genes={**full.genes, "HLA-B": typed("HLA-B", absent=())}),
        replace(
            full,
            genes={**full.genes, "CYP2C9": star_gene("CYP2C9", "*1/*1", not_excluded=("*18",))},
        ),
        replace(full, clinical=ClinicalEntry(syndromes=("dravet",))),
        replace(full, clinical=ClinicalEntry(current=(), age_years=Decimal("1.9"))),
    ):
        assert by_drug(ask(engine, less))["phenytoin"].response is not Response.STANDARD


def test_open_candidates_show_the_most_cautious_conditionally(engine: SpeakingEngine) -> None:
    """Invariant 6."""
    patient = case(star_gene("CYP2C9", "*1/*1", "*1/*3"))
    phenytoin = by_drug(ask(engine, patient))["phenytoin"]
    line = next(s for s in phenytoin.statements if "cyp2c9-phenytoin-as1-cpic" in rows(s))
    assert line.conditional
    assert resolve_of(line)
    assert phenytoin.response is not Response.STANDARD


def test_reduced_allele_beside_an_unknown_one_is_said(engine: SpeakingEngine) -> None:
    """Invariant 6: `*3/*7` is not `no recommendation`."""
    result = replace(
        star_gene("CYP2C9", "*1/*3"),
        diplotypes=(Diplotype(("*3", "*7")),),
        phenotypes=("Indeterminate",),
        activity_scores=(),
        functions=(("No function", "Uncertain function"),),
    )
    phenytoin = by_drug(ask(engine, case(result)))["phenytoin"]
    said = {r: s for s in phenytoin.statements for r in rows(s)}
    assert said["cyp2c9-phenytoin-as1-cpic"].conditional
    assert said["cyp2c9-phenytoin-pm-cpic"].conditional
    assert any("at least one allele" in b for b in reasons_of(said["cyp2c9-phenytoin-pm-cpic"]))


def test_two_unknown_alleles_fire_nothing_but_are_not_standard(engine: SpeakingEngine) -> None:
    result = replace(
        star_gene("CYP2C19", "*1/*1"),
        diplotypes=(Diplotype(("*12", "*12")),),
        phenotypes=("Indeterminate",),
        functions=(("Uncertain function", "Uncertain function"),),
    )
    clobazam = by_drug(ask(engine, case(result)))["clobazam"]
    assert clobazam.response is Response.PARTIAL


def test_lost_function_withdraws_normal(engine: SpeakingEngine) -> None:
    """Invariant 7."""
    for gene, drug in (("CYP2C9", "phenytoin"), ("CYP2C19", "clobazam")):
        sound = case(star_gene(gene, "*1/*1"), typed("HLA-B"), coverage=covered("SCN1A"))
        broken = replace(
            sound, genes={**sound.genes, gene: star_gene(gene, "*1/*1", lost_function=True)}
        )
        assert by_drug(ask(engine, sound))[drug].response is Response.STANDARD
        prediction = by_drug(ask(engine, broken))[drug]
        assert prediction.response is Response.ADJUST_DOSE
        assert all(
            s.conditional for s in prediction.statements if s.response is Response.ADJUST_DOSE
        )
        assert gene in prediction.not_assessed


@FEW
@given(patient=cases())
def test_clinical_warnings_do_not_depend_on_the_genotype(
    engine: SpeakingEngine, patient: Case
) -> None:
    """Invariant 8."""
    bare = replace(patient, genes={}, findings=(), coverage={})
    before, after = by_drug(ask(engine, patient)), by_drug(ask(engine, bare))
    for drug, prediction in before.items():
        # What a genotype forbids is not started, changed or weighed as other drugs are.
        forbidden = any(
            s.origin is not Origin.CLINICAL and s.response in STOPPING
            for s in prediction.statements
        )
        for one, other in ((prediction, after[drug]), (after[drug], prediction)):
            clinical = {
                (r, s.response, s.tier): without_genotype(s)
                for s in one.statements
                if s.origin is Origin.CLINICAL and s.response in WARNINGS
                for r in rows(s)
            }
            said = {(r, s.response, s.tier): s for s in other.statements for r in rows(s)}
            assert clinical.keys() <= said.keys()
            # What to do is said once on the line, whichever rule says it first.
            whole = {x for s in other.statements for x in sentences(s)}
            for key, words in clinical.items():
                assert words[0] == sentences(said[key])[0]
                assert forbidden or set(words) <= whole


@FEW
@given(patient=cases(), shown=st.sampled_from(Mri))
def test_what_mri_shows_changes_no_drug_and_nothing_urgent(
    engine: SpeakingEngine, patient: Case, shown: Mri
) -> None:
    entry = replace(patient.clinical, mri=shown)
    before, after = ask(engine, patient), ask(engine, replace(patient, clinical=entry))
    # In status epilepticus a lesion makes jerks likely to be focal: asked about, not barred.
    jerks = {"myoclonic", "myoclonic_atonic", "eyelid_myoclonia"} & set(entry.seizure_types)
    status = {"status_epilepticus", "fires", "norse"} & set(entry.syndromes)
    if not (shown == Mri.LESION and jerks and (status or "status" in entry.seizure_types)):
        assert (after.drugs, after.urgent) == (before.drugs, before.urgent)
    said = {r for section in after.context for s in section.statements for r in rows(s)}
    assert f"context-mri-{shown.replace('_', '-')}" in said


def test_every_clinical_line_says_where_it_comes_from(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """Invariant 8: the label `from the clinical entry` is part of the wording."""
    for rule in engine.rules.rules:
        if rule.origin is Origin.CLINICAL:
            values = engine.wording.fill(rule.values)
            text = engine.wording.say(rule.text_id, drug="x", Drug="X", later="y", **values)
            assert text.startswith("From the clinical entry, not from the genotype"), rule.rule_id


def test_guidelines_that_differ_stand_side_by_side(engine: SpeakingEngine) -> None:
    """Invariant 9."""
    for diplotype, cpic, dpwg in (("*1/*2", 100, 75), ("*2/*2", 75, 50), ("*3/*3", 50, 40)):
        patient = case(star_gene("CYP2C9", diplotype))
        for drug in ("phenytoin", "fosphenytoin"):
            sources = {
                s.evidence[0].source: s.text
                for s in by_drug(ask(engine, patient))[drug].statements
                if s.evidence[0].row.startswith("cyp2c9-phenytoin")
            }
            assert set(sources) == {"CPIC", "DPWG", "FDA association table"}
            assert f"{dpwg} %" in sources["DPWG"]
            assert f"{cpic} %" in sources["CPIC"] or "no change" in sources["CPIC"]


def test_three_wordings(engine: SpeakingEngine) -> None:
    """Invariant 10."""

    def line(**entry: object) -> Statement:
        patient = case(
            typed("HLA-B", "*15:02"),
            clinical=ClinicalEntry(entry_date="2026-11-22", **entry),  # type: ignore[arg-type]
        )
        prediction = by_drug(ask(engine, patient))["carbamazepine"]
        return next(s for s in prediction.statements if "hla-b1502-carbamazepine" in rows(s))

    naive = line(current=())
    taking = line(current=(takes("carbamazepine", "2026-10-18"),))
    reaction = line(
        current=(takes("carbamazepine", "2026-10-18"),),
        failed=(gave_up("carbamazepine", FailureReason.SEVERE_SKIN),),
    )
    assert "Do not start" in naive.text
    assert not naive.urgent
    assert "the prescriber decides now" in taking.text
    assert "stop carbamazepine at once" in taking.text
    assert taking.urgent
    assert reaction.urgent
    assert "stop it at once" not in taking.text
    stopped = by_drug(
        ask(
            engine,
            case(
                typed("HLA-B", "*15:02"),
                clinical=ClinicalEntry(
                    entry_date="2026-11-22",
                    current=(takes("carbamazepine", "2026-10-18"),),
                    failed=(gave_up("carbamazepine", FailureReason.SEVERE_SKIN),),
                ),
            ),
        )
    )["carbamazepine"]
    said = " ".join(s.text for s in stopped.statements)
    assert said.count("A reaction to carbamazepine is on record: stop it at once") == 1
    assert "never give it again" in said
    assert stopped.statements[0].urgent
    assert len({naive.text, taking.text, reaction.text}) == 3


def test_unverified_rows_never_ask_for_action(engine: SpeakingEngine) -> None:
    """Invariant 11, in the tables."""
    for table in engine.tables:
        for rule in table.rules:
            if not rule.evidence.verified:
                assert rule.tier in (Tier.CONTEXT, Tier.NONE) or table is engine.context, (
                    rule.rule_id
                )
                assert rule.response in (Response.NO_RULE, Response.CAUTION), rule.rule_id
                assert rule.critical == "no", rule.rule_id
            elif rule.tier in (Tier.ACT, Tier.CONSIDER) and table is not engine.context:
                # That nobody read the drug is said of the tables themselves, and needs no source.
                own = rule.evidence.source == "scope of this software"
                if own and not rule.evidence.citations:
                    said = engine.wording.say(rule.text_id, drug="x", Drug="X", later="y")
                    assert "These tables hold no" in said, rule.rule_id
                assert own or rule.evidence.citations, rule.rule_id


@FEW
@given(patient=cases())
def test_act_needs_verified_evidence_and_the_laboratory(
    engine: SpeakingEngine, patient: Case
) -> None:
    """Invariant 11, in the results."""
    result = ask(engine, patient)
    lines = [s for d in result.drugs for s in (*d.statements, *d.safety_notes)]
    lines += [*result.monogenic, *result.urgent]
    lines += [s for section in result.context for s in section.statements]
    lines += result.interactions
    for line in lines:
        assert line.evidence
        if line.tier is Tier.ACT:
            assert any(e.verified for e in line.evidence)


def test_third_party_class_never_asks_for_action(engine: SpeakingEngine) -> None:
    patient = case(
        findings=[variant("SCN1A", truncating=True, own=False)],
        clinical=ClinicalEntry(affected=True),
    )
    prediction = by_drug(ask(engine, patient))["carbamazepine"]
    line = next(s for s in prediction.statements if "scn1a-lof-blockers" in rows(s))
    assert line.tier is Tier.CONTEXT
    assert line.conditional
    assert "own classification" in resolve_of(line)


@FEW
@given(patient=cases())
def test_everything_has_a_line_and_every_line_a_source(
    engine: SpeakingEngine, patient: Case
) -> None:
    result = ask(engine, patient)
    assert len(result.drugs) == 38
    for prediction in result.drugs:
        assert prediction.statements
        for statement in (*prediction.statements, *prediction.safety_notes):
            assert statement.text
            assert statement.evidence
            assert "{" not in statement.text
    for statement in (*result.urgent, *result.monogenic, *result.interactions):
        assert statement.evidence
    for entry in patient.clinical.current or ():
        if not entry.known:
            assert any(entry.entered in m.text for m in result.not_considered)


def test_inappropriate_trials_do_not_count(engine: SpeakingEngine) -> None:
    """Invariant 13."""
    failed = (gave_up("carbamazepine"), gave_up("lamotrigine"), gave_up("clobazam"))
    entry = ClinicalEntry(failed=failed, seizures_per_month=Decimal(2))
    plain = case(clinical=entry)
    dravet = case(clinical=replace(entry, syndromes=("dravet",)))
    texts = {
        name: next(s for s in section.statements if s.text_id.startswith("context-resistance-"))
        for name, patient in (("plain", plain), ("dravet", dravet))
        for section in ask(engine, patient).context
        if section.heading_id == "section-drug-resistance"
    }
    assert texts["plain"].text_id == "context-resistance-drug-resistant"
    assert texts["dravet"].text_id == "context-resistance-aggravated-open"
    assert "carbamazepine: not counted" in texts["dravet"].text
    assert "lamotrigine: not counted" in texts["dravet"].text


def test_valproate_is_never_reassured(engine: SpeakingEngine) -> None:
    patient = case(
        coverage=covered(*VALPROATE_GENES),
        clinical=ClinicalEntry(current=(), age_years=Decimal(60), affected=True),
    )
    prediction = by_drug(ask(engine, patient))["valproate"]
    assert prediction.response is Response.NO_RULE
    assert "not assessed" in prediction.statements[0].text


@settings(FEW, max_examples=examples(25))
@given(patient=cases())
def test_an_engine_used_for_many_patients_says_what_a_new_one_says(
    engine: SpeakingEngine, reference: Reference, patient: Case
) -> None:
    assert ask(engine, patient) == ask(SpeakingEngine(reference), patient)


def other_patients(patient: Case) -> st.SearchStrategy[Case]:
    """Patients who differ from one in one thing only, or in everything."""
    counts = st.tuples(st.integers(0, 3), st.integers(3, 5))
    read = st.fixed_dictionaries({gene: counts for gene in patient.coverage}).map(
        lambda known: replace(
            patient,
            coverage={
                gene: replace(c, known_absent=known[gene][0], known_total=known[gene][1])
                for gene, c in patient.coverage.items()
            },
        )
    )
    return (
        read
        | cases()
        | cases().map(lambda c: replace(patient, clinical=c.clinical))
        | (cases().map(lambda c: replace(patient, genes=c.genes)))
    )


@FEW
@given(data=st.data(), patient=cases())
def test_no_patient_changes_what_is_said_of_another(
    second: ResponseEngine, data: st.DataObject, patient: Case
) -> None:
    """What an engine keeps of earlier patients never shows, whatever differs between them."""
    first = data.draw(other_patients(patient))
    patients = [first, data.draw(other_patients(first)), patient]
    fresh = []
    for one in patients:
        second.forget()
        fresh.append(second.interpret(one.genes, one.findings, one.coverage, one.clinical))
    for order in (range(3), reversed(range(3))):
        second.forget()
        for i in order:
            one = patients[i]
            again = second.interpret(one.genes, one.findings, one.coverage, one.clinical)
            assert again == fresh[i]


@FEW
@given(patient=cases())
def test_fixed_rules_say_the_same_of_everyone(engine: SpeakingEngine, patient: Case) -> None:
    facts = engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)
    for table in engine.tables:
        for place, said in table.fixed.items():
            assert fire(table.rules[place], facts) == said


@FEW
@given(patient=cases(), word=st.sampled_from(list(Resistance)))
def test_computed_words_add_their_keys_and_change_no_other(
    engine: SpeakingEngine, patient: Case, word: Resistance
) -> None:
    facts = engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)
    told = facts.with_computed({"resistance": word})
    assert told.keys == replace(facts, computed={"resistance": word}).keys
    assert told == replace(facts, computed={"resistance": word})
    stopped = told.with_stopping({"valproate"})
    assert (
        stopped.keys
        == replace(facts, computed={"resistance": word}, stopping=frozenset({"valproate"})).keys
    )


@FEW
@given(data=st.data(), patient=cases())
def test_keys_of_results_hold_beside_any_entry(
    engine: SpeakingEngine, data: st.DataObject, patient: Case
) -> None:
    other = data.draw(cases())
    one, two = (
        engine.facts(case.genes, case.findings, case.coverage, case.clinical)
        for case in (patient, other)
    )
    assert one.keys, "worked out before it stands beside another entry"
    entered = with_entry(one, other.clinical)
    assert entered.keys == beside_results(two, one).keys
    assert entered.keys == replace(entered).keys, "a copy remembers nothing"
