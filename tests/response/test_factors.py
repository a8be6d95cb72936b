"""Why the drugs failed: what speaks for and against each factor, and what no factor may do."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from epilepsy_pgx.clinical_entry import COLUMNS, ClinicalEntry
from epilepsy_pgx.model import Interpretation, VariantFinding
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import FactorCondition, FactorRow, FactorSign
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.statement import Factor, FactorPoint, Value, ValueKind
from epilepsy_pgx.vocabulary import FactorSide, GeneStatus, Mri
from tests.drawing import examples
from tests.response.builders import case, covered, gave_up, takes, variant
from tests.said import SpeakingEngine

FAILED = "failed_drugs=levetiracetam[reason=lack_of_effect;adequate=yes]"
DAY = "entry_date=2026-11-20"
GOES_ON = "last_seizure=2026-11-18"


DECLINE = ("age_years=20", "onset_months=236", "cognition=declining")


def told(
    engine: ResponseEngine, reference: Reference, *entry: str, genes: tuple[str, ...] = ()
) -> dict[str, Factor]:
    facts = parse_given(genes, [FAILED, *entry], reference, engine)
    return {f.factor: f for f in engine.interpret_facts(facts).factors}


def texts(points: tuple[FactorPoint, ...]) -> set[str]:
    return {point.said.text_id for point in points}


LEVEL = (
    "current_drugs=carbamazepine[start=2024-01-01;level={};level_date=2026-11-10;level_hours=12]"
)
SIGNS = [
    (("diagnosis_confirmed=doubted",), "diagnosis", "supports", "factor-entered"),
    (("diagnosis_confirmed=video_eeg", DAY), "diagnosis", "opposes", "factor-against"),
    (("diagnosis_confirmed=clinical", DAY), "diagnosis", "unknown", "factor-no-answer"),
    (("syndromes=functional_seizures",), "diagnosis", "supports", "factor-entered"),
    (
        ("syndromes=dravet", "current_drugs=carbamazepine"),
        "diagnosis",
        "supports",
        "factor-unsuited",
    ),
    ((LEVEL.format("1 mg/L"), DAY), "drug_way", "supports", "factor-level-below"),
    ((LEVEL.format("8 mg/L"), DAY), "drug_way", "opposes", "factor-level-within"),
    ((LEVEL.format("20 mg/L"), DAY), "tolerance", "supports", "factor-level-above"),
    (
        ("current_drugs=phenytoin[level=12 mg/L;level_date=2026-11-10]", "albumin_g_l=25", DAY),
        "drug_way",
        "unknown",
        "factor-level-unreadable",
    ),
    (("current_drugs=lamotrigine|carbamazepine",), "drug_way", "supports", "factor-lowered"),
    (("current_drugs=lamotrigine",), "drug_way", "unknown", "factor-level-not-given"),
    (
        ("current_drugs=carbamazepine[route=feeding_tube]",),
        "drug_way",
        "unknown",
        "factor-feeding-tube",
    ),
    ((), "drug_way", "unknown", "factor-list-not-given"),
    ((), "drug_way", "unknown", "factor-highest-not-given"),
    ((), "cause", "unknown", "factor-nothing-read"),
    (("mri=lesion",), "lesion_network", "supports", "factor-entered"),
    (("zone=wide",), "lesion_network", "supports", "factor-entered"),
    (("mri=normal", DAY), "lesion_network", "unknown", "factor-scan-normal"),
    (("mri=not_done",), "lesion_network", "unknown", "factor-no-answer"),
    (("syndromes=hippocampal_sclerosis",), "lesion_network", "supports", "factor-entered"),
    (("failed_drugs=lamotrigine[reason=rash]",), "tolerance", "supports", "factor-intolerance"),
    (("alcohol_drugs=alcohol",), "life", "supports", "factor-entered"),
    (("alcohol_drugs=none", DAY), "life", "opposes", "factor-against"),
    (("sleep=sleep_apnoea",), "life", "supports", "factor-entered"),
    (("stress=high",), "life", "supports", "factor-entered"),
    (("mood=depression",), "mood_cognition", "supports", "factor-entered"),
    (("cognition=normal", DAY), "mood_cognition", "opposes", "factor-against"),
    (("adherence=often_missed",), "doses", "supports", "factor-entered"),
    (("adherence=taken", DAY), "doses", "opposes", "factor-against"),
    ((), "doses", "unknown", "factor-not-given"),
    (("surgery=resection",), "other_treatments", "supports", "factor-goes-on"),
    (("stimulator=vagus_nerve",), "other_treatments", "supports", "factor-goes-on"),
    (("diet=modified_atkins",), "other_treatments", "supports", "factor-goes-on"),
    (("surgery=none",), "other_treatments", "unknown", "factor-no-answer"),
    ((), "other_treatments", "unknown", "factor-not-given"),
    (
        ("failed_drugs=lamotrigine[reason=worsened_seizures]",),
        "diagnosis",
        "supports",
        "factor-worsened",
    ),
]


@pytest.mark.parametrize(("entry", "factor", "side", "text"), SIGNS)
def test_a_sign_is_told(
    engine: SpeakingEngine,
    reference: Reference,
    entry: tuple[str, ...],
    factor: str,
    side: str,
    text: str,
) -> None:
    found = told(engine, reference, *entry)[factor]
    assert text in texts(getattr(found, side))


def test_genetic_findings_speak_for_the_cause(engine: SpeakingEngine, reference: Reference) -> None:
    clinical = ClinicalEntry(
        affected=True,
        age_years=Decimal(4),
        current=(takes("carbamazepine"),),
        failed=(gave_up("carbamazepine"),),
    )
    patient = case(
        findings=(variant("SCN1A", truncating=True),), coverage=covered("SCN1A"), clinical=clinical
    )
    facts = engine.facts(patient.genes, patient.findings, patient.coverage, patient.clinical)
    cause = next(f for f in engine.interpret_facts(facts).factors if f.factor == "cause")
    assert texts(cause.supports) == {"factor-variant", "factor-aggravation"}
    named = next(p.said for p in cause.supports if p.said.text_id == "factor-variant")
    assert [v.items for v in named.values if v.name == "genes"] == [("SCN1A",)]
    assert "factor-no-explanation" not in texts(cause.unknown)
    every = {i for point in cause.supports for i in point.statements}
    assert "scn1a-lof-blockers:carbamazepine" in every


@pytest.mark.parametrize(
    "found", [variant("SCN1A", truncating=True, classification=None), variant("SCN1A", own=False)]
)
def test_a_variant_that_nobody_here_calls_pathogenic_may_be_the_cause(
    plain: ResponseEngine, found: VariantFinding
) -> None:
    clinical = ClinicalEntry(failed=(gave_up("levetiracetam"),))
    facts = plain.facts({}, (found,), covered("SCN1A"), clinical)
    cause = next(f for f in plain.interpret_facts(facts).factors if f.factor == "cause")
    assert texts(cause.supports) == set()
    assert texts(cause.unknown) == {"factor-variant-possible"}


def test_no_table_without_a_failure(engine: SpeakingEngine, reference: Reference) -> None:
    for entry in (["current_drugs=lamotrigine"], ["affected=no", FAILED], ["mri=lesion"]):
        facts = parse_given((), entry, reference, engine)
        assert engine.interpret_facts(facts).factors == ()
    ongoing = ["current_drugs=lamotrigine", "last_seizure=2026-11-01", DAY]
    assert engine.interpret_facts(parse_given((), ongoing, reference, engine)).factors


def test_every_factor_has_a_row_and_the_last_is_last(
    engine: SpeakingEngine, reference: Reference
) -> None:
    found = tuple(told(engine, reference, "adherence=not_taken").values())
    rows = sorted(reference.rows(FactorRow), key=lambda row: row.order)
    assert [f.factor for f in found] == [row.factor for row in rows]
    assert [f.last for f in found] == [False] * (len(rows) - 1) + [True]
    # It never stands alone: its own action points at all before it.
    before = [f for f in found[:-1] if f.unknown]
    assert before
    assert found[-1].action is not None


def test_lack_of_effect_is_never_put_down_to_a_metaboliser_status_without_a_level(
    engine: SpeakingEngine, reference: Reference
) -> None:
    for genes in ("CYP2C19=Ultrarapid Metabolizer", "CYP2C9=Poor Metabolizer"):
        for drug in ("phenytoin", "clobazam", "levetiracetam"):
            row = f"failed_drugs={drug}[reason=lack_of_effect;adequate=yes]"
            found = told(engine, reference, row, genes=(genes,))
            assert not any(f.supports for f in found.values()), (genes, drug)


def test_nothing_speaks_against_a_factor_without_a_day(
    engine: SpeakingEngine, reference: Reference
) -> None:
    """Every word that speaks against one leaves it open without its day, and is never lost."""
    positive = [(e, factor, text) for e, factor, side, text in SIGNS if side == "opposes"]
    assert len(positive) > 4
    for entry, factor, text in positive:
        undated = [x.replace("level_date=2026-11-10;", "") for x in entry if x != DAY]
        found = told(engine, reference, *undated)
        assert not any(f.opposes for f in found.values()), entry
        assert f"{text}-undated" in texts(found[factor].unknown), entry


def test_levels_with_and_without_a_day_are_told_apart(
    engine: SpeakingEngine, reference: Reference
) -> None:
    dated = LEVEL.format("8 mg/L")
    found = told(engine, reference, f"{dated}|ethosuximide[level=70 mg/L;start=2024-01-01]", DAY)
    way = found["drug_way"]
    points = {
        p.said.text_id: next(v.items for v in p.said.values if v.name == "drugs")
        for p in (*way.opposes, *way.unknown)
        if p.said.text_id.startswith("factor-level-within")
    }
    assert points == {
        "factor-level-within": ("carbamazepine",),
        "factor-level-within-undated": ("ethosuximide",),
    }


@pytest.mark.parametrize("together", [True, False])
def test_conditions_on_medicines_are_met_by_one_medicine_together(
    plain: ResponseEngine, reference: Reference, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    table = plain._factors._conditions
    (tube,) = table["way-feeding-tube"]
    liquid = structs.replace(tube, subject=("formulation",), value=("liquid",))
    monkeypatch.setattr(
        plain._factors, "_conditions", {**table, "way-feeding-tube": (tube, liquid)}
    )
    drugs = "carbamazepine[route=feeding_tube]|phenytoin[formulation=liquid]"
    both = "|lamotrigine[route=feeding_tube;formulation=liquid]" if together else ""
    way = told(plain, reference, f"current_drugs={drugs}{both}")["drug_way"]
    found = [p.said for p in way.unknown if p.said.text_id == "factor-feeding-tube"]
    wanted = Value("drugs", ("lamotrigine",), ValueKind.DRUG)
    assert [said.values for said in found] == ([(wanted,)] if together else [])


def test_only_what_is_entered_speaks_against(reference: Reference) -> None:
    against = {r.sign_id for r in reference.rows(FactorSign) if r.side is FactorSide.AGAINST}
    for row in reference.rows(FactorCondition):
        if row.sign_id in against:
            assert row.operator in ("is", "any_of")
            # A level is entered too, within all ranges or within all but one.
            levels = (("level-within",), ("level-disagree-within",))
            assert row.kind == "clinical" or row.value in levels


WARNED = replace(
    ClinicalEntry(
        affected=True,
        age_years=Decimal(20),
        entry_date="2026-11-22",
        syndromes=("dravet",),
        current=(takes("carbamazepine", "2026-11-01"), takes("valproate"), takes("phenytoin")),
        failed=(gave_up("lamotrigine"), gave_up("oxcarbazepine")),
    ),
    mri=Mri.LESION,
)
ENTRIES = st.fixed_dictionaries(
    {
        "mri": st.sampled_from((None, Mri.NORMAL, Mri.LESION)),
        "zone": st.sampled_from((None, "wide", "one_resectable")),
        "adherence": st.sampled_from((None, "taken", "not_taken")),
        "alcohol_drugs": st.sampled_from(((), ("alcohol",), ("none",))),
        "sleep": st.sampled_from(((), ("good",), ("insomnia",))),
        "mood": st.sampled_from(((), ("normal",), ("depression",))),
        "cognition": st.sampled_from(((), ("normal",), ("declining",))),
        "diagnosis_confirmed": st.sampled_from((None, "video_eeg", "doubted")),
        "stress": st.sampled_from((None, "high", "low")),
    }
)


def drug_lines(said: Interpretation) -> object:
    return said.drugs, said.urgent, said.interactions, said.monogenic, said.adjusted_phenotypes


@settings(max_examples=examples(8), deadline=None)
@given(entry=ENTRIES)
def test_a_factor_removes_no_warning(plain: ResponseEngine, entry: dict[str, object]) -> None:
    """Whatever is entered for the factors, what is said of every drug stays as it is.

    Abilities that are being lost add a warning on a drug that can cause it, and take none away.
    """
    bare = replace(WARNED, mri=None)
    without = plain.interpret({}, (), {}, bare)
    said = plain.interpret({}, (), {}, replace(bare, **entry))  # type: ignore[arg-type]
    if entry["cognition"] == ("declining",):
        before = {x.statement_id: x.response for d in without.drugs for x in d.statements}
        after = {x.statement_id: x.response for d in said.drugs for x in d.statements}
        assert before.items() <= after.items()
        assert set(without.urgent) <= set(said.urgent)
        return
    assert drug_lines(said) == drug_lines(without)


OWN = {"syndromes", "current", "failed", "age_years", "entry_date", "affected"}
"""Entries that are themselves the cause of warnings in `WARNED`."""


def test_removing_an_entry_removes_no_warning_of_another_cause(plain: ResponseEngine) -> None:
    full = replace(WARNED, adherence="not_taken", sleep=("insomnia",), mood=("depression",))
    before = plain.interpret({}, (), {}, full)
    names = {column.attribute for column in COLUMNS} - OWN
    for field in fields(ClinicalEntry):
        if field.name not in names or getattr(full, field.name) in (None, ()):
            continue
        empty = () if isinstance(getattr(full, field.name), tuple) else None
        after = plain.interpret({}, (), {}, replace(full, **{field.name: empty}))
        assert drug_lines(after) == drug_lines(before), field.name


def test_the_table_is_worked_out_of_what_is_said(
    plain: ResponseEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = plain.interpret({}, (), {}, WARNED)
    monkeypatch.setattr(plain._factors, "_rows", [])
    assert replace(said, factors=()) == plain.interpret({}, (), {}, WARNED)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (("SCN1A", "POLG"), {"read": ("SCN1A", "POLG"), "listed": ("1",), "unread": ("2",)}),
        ((), {"read": ("word-none",), "listed": ("1",), "unread": ("2",)}),
    ],
)
def test_genes_without_an_explanation_are_counted_by_how_they_were_read(
    engine: SpeakingEngine, read: tuple[str, ...], said: dict[str, tuple[str, ...]]
) -> None:
    unread = covered("CDKL5", "GNAO1", "SCN2A", status=GeneStatus.NOT_ASSESSED)
    unread["CDKL5"] = replace(unread["CDKL5"], known_total=9, known_absent=8)
    clinical = ClinicalEntry(failed=(gave_up("levetiracetam"),))
    facts = engine.facts({}, (), {**covered(*read), **unread}, clinical)
    cause = next(f for f in engine.interpret_facts(facts).factors if f.factor == "cause")
    (point,) = (p for p in cause.unknown if p.said.text_id == "factor-no-explanation")
    assert {v.name: v.items for v in point.said.values if v.name in said} == said


@pytest.mark.parametrize(
    ("entry", "factor", "text", "said"),
    [
        (("age_years=0.8",), "diagnosis", "factor-do-diagnosis-infant", True),
        (("age_years=0.8",), "diagnosis", "factor-do-diagnosis", False),
        (("age_years=2",), "diagnosis", "factor-do-diagnosis", True),
        (("age_years=2",), "diagnosis", "factor-do-diagnosis-infant", False),
        ((), "diagnosis", "factor-do-diagnosis", True),
        ((), "diagnosis", "factor-do-diagnosis-infant", False),
        (("syndromes=polg_disease",), "cause", "factor-do-metabolic", True),
        (("syndromes=pyridoxine_dependent",), "cause", "factor-do-own-treatment", False),
        (("syndromes=tuberous_sclerosis",), "cause", "factor-do-own-treatment", True),
        ((*DECLINE, "syndromes=polg_disease"), "cause", "factor-do-decline-known", True),
        ((*DECLINE, "syndromes=polg_disease"), "cause", "factor-do-autoimmune", False),
        ((*DECLINE, "syndromes=tuberous_sclerosis"), "cause", "factor-do-autoimmune", True),
        (DECLINE, "cause", "factor-do-autoimmune", True),
    ],
)
def test_what_is_to_be_done_fits_the_age_and_the_cause(
    engine: SpeakingEngine,
    reference: Reference,
    entry: tuple[str, ...],
    factor: str,
    text: str,
    said: bool,
) -> None:
    asks = told(engine, reference, *entry)[factor].action
    assert asks is not None
    found = {asks.text_id, *(m.text_id for v in asks.values for m in v.messages)}
    assert (text in found) is said


@pytest.mark.parametrize(
    ("age", "asked"),
    [("0.1", set()), ("7", {"stress", "mood"}), ("30", {"alcohol_drugs", "stress", "mood"}),
     ("", {"alcohol_drugs", "stress", "mood"})],
)  # fmt: skip
def test_a_newborn_is_not_asked_for_stress(
    engine: SpeakingEngine, reference: Reference, age: str, asked: set[str]
) -> None:
    found = told(engine, reference, *([f"age_years={age}"] if age else []))
    columns = {point.column for factor in found.values() for point in factor.unknown}
    assert columns & {"alcohol_drugs", "stress", "mood"} == asked
    assert "sleep" in columns


@pytest.mark.parametrize(
    ("interval", "free"), [("longest_interval_before=2 months", True), ("mri=normal", True)]
)
def test_whoever_is_free_of_seizures_has_no_table(
    engine: SpeakingEngine, reference: Reference, interval: str, free: bool
) -> None:
    entry = (DAY, "last_seizure=2024-06-01", interval)
    assert bool(told(engine, reference, *entry)) is not free
    assert told(engine, reference, DAY, "last_seizure=2026-06-01", interval)
