"""Who else is to be thought of for an evaluation for surgery, beside resistance up to 70 years."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.vocabulary import Mri, Tier
from tests.response.builders import gave_up, takes
from tests.said import SpeakingEngine

OLDER, LESION = "context-surgery-older", "context-surgery-seizure-free-lesion"
RESISTANT = ClinicalEntry(
    age_years=Decimal(74),
    failed=(gave_up("levetiracetam"), gave_up("topiramate")),
    seizures_per_month=Decimal(2),
)
FREE = ClinicalEntry(
    mri=Mri.LESION,
    zone="one_resectable",
    seizures_per_month=Decimal(0),
    current=(takes("levetiracetam"),),
)


@pytest.mark.parametrize(
    ("entry", "row", "said"),
    [
        (RESISTANT, OLDER, True),
        (replace(RESISTANT, age_years=Decimal(70)), OLDER, False),
        (replace(RESISTANT, age_years=None), OLDER, False),
        (replace(RESISTANT, seizures_per_month=None), OLDER, False),
        (FREE, LESION, True),
        (replace(FREE, current=(takes("levetiracetam"), takes("topiramate"))), LESION, True),
        (replace(FREE, current=()), LESION, False),
        (replace(FREE, current=None), LESION, False),
        (replace(FREE, zone="one_eloquent"), LESION, False),
        (replace(FREE, zone=None), LESION, False),
        (replace(FREE, mri=Mri.NORMAL), LESION, False),
        (replace(FREE, seizures_per_month=Decimal(1)), LESION, False),
        (replace(FREE, seizures_per_month=None), LESION, False),
    ],
)
def test_rows(plain, entry, row, said):
    result = plain.interpret({}, (), {}, entry)
    found = {s.text_id for section in result.context for s in section.statements}
    assert (row in found) is said


SURGERY = ("referral", "older", "possible", "diagnosis")
TWO = RESISTANT.failed
SEIZURES = {"seizures_per_month": Decimal(2)}
QUIET = {
    "last_seizure": "2020-01-01",
    "entry_date": "2026-11-20",
    "longest_interval_before": Quantity(Decimal(1), "month"),
}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"failed": TWO, **SEIZURES}, ["referral"]),
        ({"failed": TWO, "age_years": Decimal("70.9"), **SEIZURES}, ["referral"]),
        ({"failed": TWO, "age_years": Decimal(71), **SEIZURES}, ["older"]),
        ({"failed": TWO, "diagnosis_confirmed": "video_eeg", **SEIZURES}, ["referral"]),
        (
            {
                "failed": TWO,
                "age_years": Decimal(30),
                "diagnosis_confirmed": "clinical",
                **SEIZURES,
            },
            ["referral"],
        ),
        (
            {
                "failed": TWO,
                "age_years": Decimal(80),
                "diagnosis_confirmed": "clinical",
                **SEIZURES,
            },
            ["older"],
        ),
        ({"failed": TWO, "diagnosis_confirmed": "doubted", **SEIZURES}, ["diagnosis"]),
        ({"failed": TWO}, ["possible"]),
        ({"failed": TWO, "diagnosis_confirmed": "clinical"}, ["possible"]),
        ({"failed": TWO, "diagnosis_confirmed": "doubted"}, ["diagnosis"]),
        ({}, ["possible"]),
        ({"failed": ()}, []),
        ({"affected": False}, []),
        ({"affected": False, "failed": TWO}, []),
        ({"affected": False, "failed": TWO, **SEIZURES}, ["referral"]),
        (QUIET, []),
        ({"failed": TWO, **QUIET}, []),
        ({"failed": TWO[:1], **QUIET}, []),
        # A year without a seizure, whatever the intervals before.
        ({"failed": TWO, **QUIET, "longest_interval_before": None}, []),
        ({**QUIET, "longest_interval_before": None}, []),
        ({"failed": TWO, **QUIET, "last_seizure": "2026-08-01"}, ["possible"]),
    ],
)
def test_one_line_on_surgery_that_fits(plain, cells, said):
    result = plain.interpret({}, (), {}, ClinicalEntry(**cells))
    found = [s.text_id for section in result.context for s in section.statements]
    names = [i.removeprefix("context-surgery-") for i in found if i.startswith("context-surgery-")]
    assert [n for n in names if n in SURGERY] == said


CONVULSIONS = {"seizure_types": ("focal_to_bilateral",), **SEIZURES}
SINGLE = {"mri": Mri.LESION, "zone": "one_resectable", "failed": (), **SEIZURES}
MONTH = {"age_years": Decimal("0.8"), "onset_months": Decimal(4), **SEIZURES}
NEWBORN = {"age_years": Decimal("0.03"), "failed": TWO[:1], **SEIZURES}


@pytest.mark.parametrize(
    ("cells", "text", "said"),
    [
        (CONVULSIONS, "context-sudep", True),
        (CONVULSIONS | {"seizure_types": ("generalised_tonic_clonic",)}, "context-sudep", True),
        (CONVULSIONS | {"seizure_types": ("tonic_clonic",)}, "context-sudep", True),
        (CONVULSIONS | {"seizure_types": ("focal_aware",)}, "context-sudep", False),
        (CONVULSIONS | {"seizure_types": ()}, "context-sudep", False),
        (CONVULSIONS | {"affected": False}, "context-sudep", False),
        (CONVULSIONS | {"diagnosis_confirmed": "doubted"}, "context-sudep", False),
        ({"seizure_types": ("tonic_clonic",), **QUIET}, "context-sudep", False),
        # Nothing of it hangs on a number of them.
        ({"seizure_types": ("tonic_clonic",)}, "context-sudep", True),
        (NEWBORN, "context-surgery-newborn", True),
        (NEWBORN, "context-surgery-possible", False),
        (NEWBORN | {"age_years": Decimal("0.5")}, "context-surgery-newborn", False),
        (NEWBORN | {"age_years": Decimal("0.5")}, "context-surgery-possible", True),
        (NEWBORN | {"age_years": None}, "context-surgery-possible", True),
        (NEWBORN | {"failed": TWO}, "context-surgery-newborn", False),
        (NEWBORN | {"failed": TWO}, "context-surgery-referral", True),
        (NEWBORN | {"diagnosis_confirmed": "doubted"}, "context-surgery-newborn", False),
        (NEWBORN | {"syndromes": ("pyridoxine_dependent",)}, "context-surgery-newborn", False),
        (NEWBORN | {"syndromes": ("pyridoxine_dependent",)}, "context-surgery-own", True),
        (SINGLE, "context-surgery-lesion", True),
        (SINGLE | {"failed": TWO}, "context-surgery-lesion", False),
        (SINGLE | {"zone": "several"}, "context-surgery-lesion", False),
        (SINGLE | {"surgery": ("resection",)}, "context-surgery-lesion", False),
        (SINGLE | {"seizures_per_month": None}, "context-surgery-lesion", False),
        (MONTH, "context-b6", True),
        (MONTH | {"mri": Mri.LESION}, "context-b6", False),
        (MONTH | {"mri": Mri.LESION}, "context-b6-cause", True),
        (MONTH | {"syndromes": ("malformation_of_cortical_development",)}, "context-b6", False),
        (
            MONTH | {"syndromes": ("malformation_of_cortical_development",)},
            "context-b6-cause",
            True,
        ),
        (MONTH | {"mri": Mri.NORMAL}, "context-b6", True),
    ],
)
def test_what_the_entry_asks_for_beside_drugs(plain, cells, text, said):
    entry = ClinicalEntry(**({"affected": True} | cells))
    result = plain.interpret({}, (), {}, entry)
    found = [s.text_id for section in result.context for s in section.statements]
    assert found.count(text) == said


@pytest.mark.parametrize(
    ("syndrome", "age", "text"),
    [
        ("pyridoxine_dependent", "0.02", "context-pyridoxine-now"),
        ("pnpo_deficiency", "0.02", "context-pnpo-now"),
        (None, "0.02", "context-neonates-now"),
    ],
)
@pytest.mark.parametrize(
    ("cells", "conditional"),
    [
        ({}, True),
        ({"last_seizure": "2026-11-20", "entry_date": "2026-11-20"}, False),
        ({"last_seizure": "2026-10-20", "entry_date": "2026-11-20"}, True),
        ({"seizures_per_month": Decimal(3)}, False),
    ],
)
def test_a_seizure_of_the_last_week_shows_that_they_go_on(
    plain, syndrome, age, text, cells, conditional
):
    words = (syndrome,) if syndrome else ()
    entry = ClinicalEntry(affected=True, age_years=Decimal(age), syndromes=words, **cells)
    said = [s for s in plain.interpret({}, (), {}, entry).urgent if s.text_id == text]
    assert [s.conditional for s in said] == [conditional]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"failed": TWO, **SEIZURES}, "dravet"),
        ({"failed": TWO, "age_years": Decimal(80), **SEIZURES}, "dravet"),
        ({"failed": TWO[:1], **SEIZURES}, "dravet-possible"),
        ({"failed": TWO, "diagnosis_confirmed": "doubted", **SEIZURES}, "diagnosis"),
    ],
)
def test_dravet_syndrome_has_a_line_of_its_own(plain, cells, said):
    result = plain.interpret({}, (), {}, ClinicalEntry(syndromes=("dravet",), **cells))
    found = [s.text_id for section in result.context for s in section.statements]
    assert [t for t in found if t.startswith("context-surgery-")] == [f"context-surgery-{said}"]


@pytest.mark.parametrize("age", [None, 1, 40, 70, 71, 90])
@pytest.mark.parametrize("diagnosis", [None, "clinical", "video_eeg", "doubted"])
def test_neither_age_nor_doubt_takes_every_referral_away(plain, age, diagnosis):
    years = None if age is None else Decimal(age)
    entry = replace(RESISTANT, age_years=years, diagnosis_confirmed=diagnosis)
    result = plain.interpret({}, (), {}, entry)
    found = [s.text_id for section in result.context for s in section.statements]
    assert sum(text.startswith("context-surgery-") for text in found) == 1


OWN = (
    "absence_epilepsy",
    "childhood_absence_epilepsy",
    "febrile_seizures",
    "juvenile_absence_epilepsy",
    "polg_disease",
    "selects",
    "self_limited_neonatal_infantile",
)
"""Words for what is first treated in a way of its own."""


@pytest.mark.parametrize("word", OWN)
@pytest.mark.parametrize("mri", [None, "normal", "lesion"])
@pytest.mark.parametrize("met", [True, False])
def test_no_syndrome_makes_less_of_a_referral_that_is_due(plain, word, mri, met):
    """The consensus asks for it whatever the type of epilepsy; a lesion is named as without."""
    failed = TWO if met else TWO[:1]
    entry = ClinicalEntry(syndromes=(word,), failed=failed, mri=mri, **SEIZURES)
    found = [
        s
        for section in plain.interpret({}, (), {}, entry).context
        for s in section.statements
        if s.text_id.startswith("context-surgery-")
    ]
    name = "referral" if met and mri == "lesion" else "own"
    assert [(s.text_id, s.tier) for s in found] == [
        (f"context-surgery-{name}", Tier.ACT if met else Tier.CONSIDER)
    ]


GIVEN_UP = (
    "failed_drugs=levetiracetam[reason=lack_of_effect;adequate=yes]"
    "|lamotrigine[reason=lack_of_effect;adequate=yes]",
    "seizures_per_month=4",
    "entry_date=2026-11-20",
)


@pytest.mark.parametrize(
    ("row", "column", "silent", "more"),
    [
        ("context-diet", "diet", ("ketogenic", "modified_atkins", "low_glycaemic"), ()),
        ("context-diet-resistant", "diet", ("ketogenic", "medium_chain_triglyceride"), ()),
        ("context-diet-syndrome", "diet", ("ketogenic",), ("syndromes=lennox_gastaut",)),
        ("context-neurostimulation", "stimulator", ("vagus_nerve", "deep_brain"), ()),
        (
            "context-stimulation-responsive",
            "stimulator",
            ("responsive",),
            ("zone=one_eloquent", "age_years=30"),
        ),
        ("context-mri-lesion", "zone", ("one_eloquent",), ("mri=lesion",)),
    ],
)
def test_what_is_in_use_is_not_offered_again(
    engine: SpeakingEngine,
    reference: Reference,
    row: str,
    column: str,
    silent: tuple[str, ...],
    more: tuple[str, ...],
) -> None:
    def said(*entry: str) -> bool:
        facts = parse_given((), [*GIVEN_UP, *more, *entry], reference, engine)
        context = engine.interpret_facts(facts).context
        return any(e.row == row for c in context for s in c.statements for e in s.evidence)

    assert said()
    for word in silent:
        assert not said(f"{column}={word}"), word
    if column != "zone":
        assert said(f"{column}=none")


ONGOING = ("age_years=40", "last_seizure=2026-11-15", "entry_date=2026-11-20")
TONIC = (*ONGOING, "seizure_types=focal_to_bilateral")
TRIAL = "failed_drugs=levetiracetam[reason=lack_of_effect;adequate=yes]"
RESISTS = TRIAL + "|topiramate[reason=lack_of_effect;adequate=yes]"
FITS = [
    # Treated: as before.
    ((*TONIC, "current_drugs=levetiracetam"), {"sudep", "surgery-possible"}),
    ((*TONIC, "current_drugs=levetiracetam", TRIAL), {"sudep", "surgery-possible"}),
    (TONIC, {"sudep", "surgery-possible"}),
    # No drug yet: none has failed, and nobody keeps treating.
    ((*TONIC, "current_drugs=none"), {"sudep-untreated", "surgery-untreated"}),
    ((*TONIC, "current_drugs=apixaban"), {"sudep-untreated", "surgery-untreated"}),
    ((*TONIC, "current_drugs=none", TRIAL), {"sudep", "surgery-possible"}),
    ((*TONIC, "current_drugs=levetiracetm"), {"sudep", "surgery-possible"}),
    ((*TONIC, "current_drugs=none", "mri=lesion", "zone=one_resectable", "seizures_per_month=1"),
     {"sudep-untreated", "surgery-untreated", "surgery-lesion"}),
    # A status is treated first.
    ((*TONIC, "current_drugs=levetiracetam", "syndromes=status_epilepticus"), {"surgery-status"}),
    ((*TONIC, "current_drugs=none", "syndromes=status_epilepticus"), {"surgery-status"}),
    ((*TONIC, RESISTS, "syndromes=status_epilepticus"), {"surgery-referral-status"}),
    ((*TONIC, RESISTS, "syndromes=status_epilepticus", "age_years=75"),
     {"surgery-referral-status"}),
    # Withdrawal of alcohol is no failure of a drug.
    ((*TONIC, "current_drugs=none", "alcohol_drugs=alcohol_withdrawal"), {"surgery-withdrawal"}),
    ((*TONIC, "current_drugs=levetiracetam", "alcohol_drugs=alcohol_withdrawal"),
     {"sudep", "surgery-withdrawal"}),
    ((*TONIC, RESISTS, "alcohol_drugs=alcohol_withdrawal"), {"sudep", "surgery-referral"}),
    # Absences are treated by their own drugs first.
    ((*ONGOING, "current_drugs=ethosuximide", "seizure_types=absence"), {"surgery-own"}),
    ((*ONGOING, RESISTS, "seizure_types=absence"), {"surgery-referral"}),
    # A fit of fever is no epilepsy.
    ((*ONGOING, "current_drugs=none", "seizure_types=generalised_tonic_clonic",
      "syndromes=febrile_seizures"), {"surgery-own"}),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "said"), FITS)
def test_what_is_said_of_surgery_and_sudep_fits_the_patient(
    engine: SpeakingEngine, reference: Reference, entry: tuple[str, ...], said: set[str]
) -> None:
    facts = parse_given((), list(entry), reference, engine)
    found = [s for section in engine.interpret_facts(facts).context for s in section.statements]
    told = {s.text_id.removeprefix("context-") for s in found}
    assert {text for text in told if text.startswith(("sudep", "surgery"))} == said
    # What is no advice of today is no line of page one.
    aside = ("surgery-untreated", "surgery-status", "surgery-withdrawal")
    later = [s for s in found if s.text_id.removeprefix("context-") in aside]
    assert all(s.tier is Tier.CONTEXT for s in later)


def syndromes_of(reference: Reference, row: str, operator: str) -> set[str]:
    """Return the syndromes that a row asks for, or leaves to others."""
    return {
        word
        for c in reference.rows(RuleCondition)
        if (c.rule_id, c.subject, c.operator) == (f"context-surgery-{row}", ("syndrome",), operator)
        for word in c.value
    }


def test_the_rows_on_surgery_leave_no_syndrome_between_them(reference: Reference) -> None:
    """Several rows name the same syndromes, which others have: none may lose one of them."""
    own = ("own", "inflammation", "dravet-possible")
    theirs = set[str]().union(*(syndromes_of(reference, row, "any_of") for row in own))
    status = syndromes_of(reference, "status", "any_of")
    rows = {c.rule_id.removeprefix("context-surgery-") for c in reference.rows(RuleCondition)}
    usual = {row for row in rows if row.startswith(("possible", "referral", "older"))}
    usual -= {"referral-status", "referral-own-lesion"}
    assert len(usual) == 10
    for row in (*usual, "untreated", "withdrawal", "own-absence"):
        assert syndromes_of(reference, row, "other_than") == theirs | status, row
    for row in ("status", "referral-status", "newborn"):
        assert syndromes_of(reference, row, "other_than") == theirs, row
    for row in ("own", "own-resistant", "referral-own-lesion"):
        assert syndromes_of(reference, row, "any_of") == syndromes_of(reference, "own", "any_of")
        left = theirs - syndromes_of(reference, "own", "any_of")
        assert syndromes_of(reference, row, "other_than") == left, row
