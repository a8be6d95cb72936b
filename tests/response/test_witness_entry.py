"""An entry that meets the conditions of a rule, made of their words."""

from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.response.witness_entry import Entry
from epilepsy_pgx.vocabulary import Exposure, FailureReason, Sex

GROUPS = {
    "aromatic": frozenset({"carbamazepine", "phenytoin"}),
    "antiseizure": frozenset({"carbamazepine", "phenytoin", "valproate", "levetiracetam"}),
}
LAST_WEEK, LONG_AGO = "2026-03-24", "2020-01-01"
F = FailureReason


def asks(kind: str, subject: str, operator: str, value: str = "") -> RuleCondition:
    return RuleCondition(
        1,
        "rule",
        kind,
        tuple(subject.split("|")),
        operator,
        tuple(value.split("|")) if value else (),
        "no",
    )


def made(reference: Reference, drug: str, *rows: RuleCondition) -> ClinicalEntry:
    entry = Entry(drug, GROUPS)
    entry.meet(rows)
    finished = entry.finish(reference)
    assert finished is not None
    return finished


def taken(entry: ClinicalEntry) -> list[tuple[str, str | None, tuple[str, ...]]] | None:
    if entry.current is None:
        return None
    assert all(item.known and item.entered == item.drug for item in entry.current)
    return [(item.drug, item.start, item.reaction) for item in entry.current]


def given_up(entry: ClinicalEntry) -> list[tuple[str, FailureReason, bool | None]] | None:
    if entry.failed is None:
        return None
    assert all(item.known for item in entry.failed)
    return [(item.drug, item.reason, item.adequate) for item in entry.failed]


EXPOSURE = {
    Exposure.NAIVE: (None, None),
    Exposure.TAKING_EARLY: ([("phenytoin", LAST_WEEK, ())], None),
    Exposure.TAKING_TOLERATED: ([("phenytoin", LONG_AGO, ())], None),
    Exposure.TAKING_UNKNOWN: ([("phenytoin", None, ())], None),
    Exposure.STOPPED: (None, [("phenytoin", F.LACK_OF_EFFECT, True)]),
    Exposure.REACTION: (None, [("phenytoin", F.SEVERE_SKIN, True)]),
}


@pytest.mark.parametrize("exposure", Exposure)
def test_how_the_drug_was_taken(reference: Reference, exposure: Exposure) -> None:
    entry = made(reference, "phenytoin", asks("exposure", "self", "any_of", exposure.value))
    assert (taken(entry), given_up(entry)) == EXPOSURE[exposure]
    assert entry.planned is None


def test_a_drug_that_is_planned(reference: Reference) -> None:
    entry = made(reference, "phenytoin", asks("exposure", "self", "any_of", "planned|stopped"))
    assert [(item.drug, item.known) for item in entry.planned or ()] == [("phenytoin", True)]
    assert (entry.current, entry.failed) == (None, None)


@pytest.mark.parametrize(
    ("row", "current", "failed"),
    [
        (asks("medication", "@aromatic", "taking"), [("carbamazepine", LAST_WEEK, ())], None),
        (asks("medication", "tramadol", "taking"), [("tramadol", LAST_WEEK, ())], None),
        # The drug itself is no other medicine.
        (asks("medication", "phenytoin", "taking"), [], None),
        (
            asks("history", "self", "any_of", "liver|rash"),
            None,
            [("phenytoin", F.LIVER, True)],
        ),
        (asks("history", "@aromatic", "any_of", "rash"), None, [("carbamazepine", F.RASH, True)]),
        (asks("reaction", "self", "any_of", "rash|fever"), [("phenytoin", LAST_WEEK, ("rash",))],
         None),
        (
            asks("reaction", "@aromatic", "any_of", "fever"),
            [("carbamazepine", LAST_WEEK, ("fever",))],
            None,
        ),
        (
            asks("computed", "resistance", "is", "drug_resistant"),
            None,
            [("carbamazepine", F.LACK_OF_EFFECT, True), ("levetiracetam", F.LACK_OF_EFFECT, True)],
        ),
        (
            asks("computed", "resistance", "any_of", "undetermined|not_given"),
            None,
            [("carbamazepine", F.LACK_OF_EFFECT, True)],
        ),
        (asks("computed", "resistance", "is", "not_shown"), None, []),
        (asks("computed", "resistance", "is", "not_given"), None, None),
        (
            asks("computed", "rash_while_taking", "is", "yes"),
            [("phenytoin", LAST_WEEK, ())],
            [("phenytoin", F.RASH, True)],
        ),
        (asks("computed", "recent_seizure", "is", "yes"), None, None),
        (
            asks("regimen", "current", "between", "2|3"),
            [("carbamazepine", LAST_WEEK, ()), ("levetiracetam", LAST_WEEK, ())],
            None,
        ),
        (asks("regimen", "current", "is", "0"), [], None),
        (
            asks("regimen", "failed", "at_least", "1"),
            None,
            [("carbamazepine", F.LACK_OF_EFFECT, True)],
        ),
    ],
)  # fmt: skip
def test_lists_of_drugs(
    reference: Reference, row: RuleCondition, current: list | None, failed: list | None
) -> None:
    entry = made(reference, "phenytoin", row)
    assert (taken(entry), given_up(entry)) == (current, failed)
    ongoing = row.value[:1] == ("drug_resistant",)
    assert entry.seizures_per_month == (Decimal(1) if ongoing else None)


def test_a_drug_keeps_its_signs_and_its_start(reference: Reference) -> None:
    """What one condition says of a drug stays when another asks only that it is taken."""
    rows = [
        asks("reaction", "self", "any_of", "rash"),
        asks("exposure", "self", "is", "taking_over_3_months"),
        asks("regimen", "current", "is", "1"),
    ]
    assert taken(made(reference, "phenytoin", *rows)) == [("phenytoin", LONG_AGO, ("rash",))]


@pytest.mark.parametrize(
    ("limits", "number"),
    [
        ([("less_than", "18")], "0"),
        ([("at_least", "18")], "18"),
        ([("at_least", "2"), ("less_than", "18")], "2"),
        ([("at_least", "130")], "130"),
        ([("between", "3|5")], "3"),
        ([("at_most", "0")], "0"),
        ([("is", "7")], "7"),
    ],
)
def test_a_number_within_all_limits(
    reference: Reference, limits: list[tuple[str, str]], number: str
) -> None:
    rows = [asks("clinical", "age_years", operator, value) for operator, value in limits]
    assert made(reference, "phenytoin", *rows).age_years == Decimal(number)


def test_no_number_where_limits_exclude_each_other(reference: Reference) -> None:
    limits = (("less_than", "2"), ("at_least", "18"))
    rows = [asks("clinical", "age_years", operator, value) for operator, value in limits]
    assert made(reference, "phenytoin", *rows).age_years is None


@pytest.mark.parametrize(
    ("rows", "column", "value"),
    [
        ([asks("clinical", "affected", "is", "yes")], "affected", True),
        ([asks("clinical", "affected", "missing")], "affected", None),
        ([asks("clinical", "affected", "other_than", "no")], "affected", None),
        ([asks("clinical", "age_years", "missing")], "age_years", None),
        ([asks("clinical", "syndrome", "any_of", "dravet|west")], "syndromes", ("dravet",)),
        (
            [
                asks("clinical", "seizure_types", "is", "absence"),
                asks("clinical", "seizure_types", "is", "myoclonic"),
            ],
            "seizure_types",
            ("absence", "myoclonic"),
        ),
        ([asks("clinical", "childbearing", "is", "yes")], "pregnancy_potential", True),
        ([asks("clinical", "childbearing", "is", "no")], "pregnancy_potential", False),
        ([asks("clinical", "childbearing", "any_of", "possible|yes")], "sex", Sex.FEMALE),
        ([], "entry_date", "2026-03-31"),
    ],
)
def test_words_of_the_entry(
    reference: Reference, rows: list[RuleCondition], column: str, value: object
) -> None:
    assert getattr(made(reference, "phenytoin", *rows), column) == value


def test_what_a_sheet_cannot_hold_makes_no_entry(reference: Reference) -> None:
    entry = Entry("phenytoin", GROUPS)
    entry.meet([asks("clinical", "affected", "is", "perhaps")])
    assert entry.finish(reference) is None
