"""What an entry leaves open, and every answer that is tried for it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugLevel, FailedDrug, Quantity
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.reference.rows.words import Place
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.open_entry import OpenEntry
from epilepsy_pgx.response.open_results import Lists
from epilepsy_pgx.statement import Value, ValueKind
from epilepsy_pgx.vocabulary import FailureReason, LevelPart, Sex
from tests.response.builders import gave_up, takes

UNKNOWN, EFFECT = FailureReason.UNKNOWN, FailureReason.LACK_OF_EFFECT
DAY = "2026-11-22"


@pytest.fixture(scope="module")
def open_entry(plain: ResponseEngine) -> OpenEntry:
    return OpenEntry(plain, [])


def answers(
    plain: ResponseEngine, open_entry: OpenEntry, entry: ClinicalEntry
) -> dict[str, list[ClinicalEntry]]:
    """Return, by item, the entry with each answer."""
    facts = plain.facts({}, (), {}, entry)
    return {
        f"{item.kind}:{item.subject}": [way.clinical for way in item.ways()]
        for item in open_entry.of(facts)
    }


@pytest.mark.parametrize(
    ("item", "kind", "tried"),
    [
        (gave_up("lamotrigine", adequate=None), "adequate", [(EFFECT, True), (EFFECT, False)]),
        *(
            (
                gave_up("lamotrigine", UNKNOWN, adequate),
                "reason",
                [
                    (EFFECT, adequate is not False),
                    *(
                        (FailureReason(word), adequate is not False)
                        for word in ("side_effect", "rash", "severe_skin_or_DRESS", "liver")
                    ),
                ],
            )
            for adequate in (None, True, False)
        ),
        (gave_up("lamotrigine"), None, []),
        (gave_up("lamotrigine", FailureReason.RASH, None), None, []),
        (replace(gave_up("lamotrigin"), known=False, adequate=None), None, []),
    ],
)
def test_a_trial_of_which_something_is_open(
    plain: ResponseEngine,
    open_entry: OpenEntry,
    item: FailedDrug,
    kind: str | None,
    tried: list[tuple[FailureReason, bool]],
) -> None:
    other = gave_up("phenytoin")
    found = answers(plain, open_entry, ClinicalEntry(failed=(other, item)))
    trials = {key: ways for key, ways in found.items() if key.startswith(("reason:", "adequate:"))}
    assert set(trials) == ({f"{kind}:lamotrigine"} if kind else set())
    for ways in trials.values():
        told = [(way.failed[1].reason, way.failed[1].adequate) for way in ways if way.failed]
        assert told[: len(tried)] == tried
        assert all(way.failed and way.failed[0] == other for way in ways)


@pytest.mark.parametrize(
    ("albumin", "free", "asked"),
    [(Decimal(24), False, True), (Decimal(40), False, False), (Decimal(24), True, False)],
)
def test_a_total_level_that_cannot_be_read_asks_for_the_free_one(
    plain: ResponseEngine, open_entry: OpenEntry, albumin: Decimal, free: bool, asked: bool
) -> None:
    """Of every drug whose binding albumin changes, where a free range was read."""
    for drug in ("phenytoin", "valproate"):
        amount = Quantity(Decimal(15 if drug == "phenytoin" else 80), "mg/L")
        levels = [DrugLevel(LevelPart.TOTAL, amount, date=DAY)]
        if free:
            levels.append(DrugLevel(LevelPart.FREE, Quantity(Decimal(1), "mg/L"), date=DAY))
        item = replace(takes(drug, "2024-01-01"), levels=tuple(levels))
        entry = ClinicalEntry(current=(item,), entry_date=DAY, albumin_g_l=albumin)
        found = answers(plain, open_entry, entry)
        assert (f"free_level:{drug}" in found) is asked
        for way in found.get(f"free_level:{drug}", ()):
            (taken,) = way.current or ()
            assert {x.part for x in taken.levels} == {LevelPart.TOTAL, LevelPart.FREE}


def test_since_when_a_drug_is_taken(plain: ResponseEngine, open_entry: OpenEntry) -> None:
    taken = (takes("carbamazepine", "2026-11-01"), takes("phenytoin"))
    found = answers(plain, open_entry, ClinicalEntry(current=taken, entry_date=DAY))
    assert [key for key in found if key.startswith("start:")] == ["start:phenytoin"]
    ways = found["start:phenytoin"]
    assert [way.current and way.current[1].start for way in ways] == ["2026-11-15", "2024-11-22"]
    assert all(way.current and way.current[0] == taken[0] for way in ways)
    # Without a day of the entry none is early or late: it is asked of each drug.
    undated = answers(plain, open_entry, ClinicalEntry(current=taken))
    starts = {key: ways for key, ways in undated.items() if key.startswith("start:")}
    assert set(starts) == {"start:carbamazepine", "start:phenytoin"}
    assert {way.entry_date for ways in starts.values() for way in ways} == {"2026-11-01"}


def test_what_is_asked_of_a_drug_names_it(plain: ResponseEngine, open_entry: OpenEntry) -> None:
    level = DrugLevel(LevelPart.TOTAL, Quantity(Decimal(15), "mg/L"), date=DAY)
    taken = (replace(takes("phenytoin", "2024-01-01"), levels=(level,)), takes("carbamazepine"))
    failed = (gave_up("lamotrigine", UNKNOWN), gave_up("topiramate", adequate=None))
    entry = ClinicalEntry(current=taken, failed=failed, entry_date=DAY, albumin_g_l=Decimal(24))
    items = [i for i in open_entry.of(plain.facts({}, (), {}, entry)) if i.kind != "field"]
    assert {(i.kind, i.subject) for i in items} == {
        ("reason", "lamotrigine"),
        *(("adequate", drug) for drug in ("topiramate", "phenytoin", "carbamazepine")),
        ("start", "carbamazepine"),
        ("level", "carbamazepine"),
        ("free_level", "phenytoin"),
    }
    empty = open_entry.of(plain.facts({}, (), {}, ClinicalEntry()))
    assert {i.shown.name for i in empty} == {"subject"}
    assert [i.shown for i in items] == [
        Value("subject", (i.subject,), ValueKind.DRUG) for i in items
    ]


def test_a_list_that_is_missing(plain: ResponseEngine, open_entry: OpenEntry) -> None:
    drugs = [info.drug for info in plain.drugs]
    found = answers(plain, open_entry, ClinicalEntry())
    current = [way.current for way in found["list:current"]]
    assert current[0] == ()
    assert [c[0].drug for c in current[1:] if c] == drugs
    assert all(c is not None and all(d.known for d in c) for c in current)
    failed = [way.failed for way in found["list:failed"]]
    assert failed[0] == ()
    assert [(f.drug, f.reason, f.adequate) for f in failed[1] or ()] == [
        (drug, EFFECT, True) for drug in drugs[:2]
    ]
    assert [f[0].drug for f in failed[2:] if f] == drugs
    given = ClinicalEntry(current=(), failed=())
    assert not {"list:current", "list:failed"} & answers(plain, open_entry, given).keys()


def test_a_level_is_tried_on_both_sides_of_each_range(
    plain: ResponseEngine, open_entry: OpenEntry
) -> None:
    taken = takes("phenytoin", "2024-01-01")
    entry = ClinicalEntry(current=(takes("lamotrigine"), taken), entry_date=DAY)
    ways = answers(plain, open_entry, entry)["level:phenytoin"]
    key = ("phenytoin", LevelPart.TOTAL)
    numbers = set()
    for way in ways:
        assert way.current
        assert way.current[0] == entry.current[0]  # type: ignore[index]
        (level,) = way.current[1].levels
        assert (level.part, level.date) == (LevelPart.TOTAL, DAY)
        numbers.add((level.quantity.value, level.quantity.unit))
    for row in plain.levels.ranges[key]:
        assert any(n < row.lower for n, unit in numbers if unit == row.unit)
        assert any(row.lower <= n <= row.upper for n, unit in numbers if unit == row.unit)
        assert any(n > row.upper for n, unit in numbers if unit == row.unit)
    limit = plain.levels.alerts[key]
    assert (limit.limit, limit.unit) in numbers
    measured = replace(taken, levels=(DrugLevel(LevelPart.TOTAL, Quantity(Decimal(5), "mg/L")),))
    told = answers(plain, open_entry, replace(entry, current=(measured,)))
    assert "level:phenytoin" not in told


def test_each_range_of_each_drug_has_a_level_below_within_and_above(
    plain: ResponseEngine, open_entry: OpenEntry
) -> None:
    """Narrow ranges too: the middle of one is tried, and not any number near it."""
    total = {drug: rows for (drug, part), rows in plain.levels.ranges.items()
             if part is LevelPart.TOTAL}  # fmt: skip
    entry = ClinicalEntry(current=tuple(takes(drug) for drug in total))
    found = 0
    for item in open_entry.of(plain.facts({}, (), {}, entry)):
        if item.kind != "level" or item.subject not in total:
            continue
        found += 1
        tried = [
            level.quantity
            for way in item.ways()
            for taken in way.clinical.current or ()
            for level in taken.levels
        ]
        for row in total[item.subject]:
            numbers = [q.value for q in tried if q.unit == row.unit]
            assert any(n < row.lower for n in numbers)
            assert any(n > row.upper for n in numbers)
            assert (row.lower + row.upper) / 2 in numbers
    assert found == len(total)


@pytest.mark.parametrize(
    ("sex", "age", "tried"),
    [(Sex.FEMALE, 20, [True, False]), (Sex.FEMALE, 3, [False]), (Sex.MALE, 20, [False])],
)
def test_a_pregnancy_is_tried_where_there_may_be_one(
    plain: ResponseEngine, open_entry: OpenEntry, sex: Sex, age: int, tried: list[bool]
) -> None:
    found = answers(plain, open_entry, ClinicalEntry(sex=sex, age_years=Decimal(age)))
    assert sorted((way.pregnant for way in found["field:pregnant"]), reverse=True) == tried


def test_what_is_listed_elsewhere_is_told_apart(
    plain: ResponseEngine, open_entry: OpenEntry
) -> None:
    entry = ClinicalEntry(current=(takes("phenytoin"),), failed=(gave_up("valproate", UNKNOWN),))
    for given in (entry, ClinicalEntry()):
        for item in open_entry.of(plain.facts({}, (), {}, given)):
            about = f"{item.kind}:{item.subject}"
            expected = {
                "list:current": Lists.CURRENT,
                "start:phenytoin": Lists.CURRENT,
                "adequate:phenytoin": Lists.CURRENT,
                "list:failed": Lists.FAILED,
                "reason:valproate": Lists.FAILED,
            }
            assert item.lists == expected.get(about, Lists.SAME), about


def test_days_that_contradict_each_other_are_asked_for_again(
    plain: ResponseEngine, open_entry: OpenEntry
) -> None:
    entry = ClinicalEntry(
        last_seizure="2024-01-01", seizures_per_month=Decimal(4), entry_date=DAY, failed=()
    )
    facts = plain.facts({}, (), {}, entry)
    asked = {item.subject: item.place for item in open_entry.of(facts) if item.kind == "field"}
    assert asked["last_seizure"] is Place.FIRST
    for known in (replace(entry, seizures_per_month=None), replace(entry, last_seizure=DAY)):
        facts = plain.facts({}, (), {}, known)
        assert "last_seizure" not in {item.subject for item in open_entry.of(facts)}


SINCE = RuleCondition(1, "toy", "clinical", ("months_since_onset",), "at_most", ("3", "12"), "no")


@pytest.mark.parametrize(
    ("known", "column", "tried"),
    [
        ({"age_years": Decimal(40)}, "onset_months", {Decimal(477), Decimal(468)}),
        ({"age_years": Decimal("0.5")}, "onset_months", {Decimal(3)}),
        ({"onset_months": Decimal(468)}, "age_years", {Decimal("39.25"), Decimal(40)}),
        ({}, "onset_months", set()),
    ],
)
def test_seizures_that_are_new_are_thought_of(
    plain: ResponseEngine, known: dict[str, Decimal], column: str, tried: set[Decimal]
) -> None:
    asked = OpenEntry(plain, [SINCE])
    entry = ClinicalEntry(age_years=known.get("age_years"), onset_months=known.get("onset_months"))
    ways = answers(plain, asked, entry)[f"field:{column}"]
    found = {getattr(way, column) for way in ways}
    assert tried <= found
    bounds = {Decimal(0), Decimal(65), Decimal(130), Decimal(780), Decimal(1560)}
    assert found - bounds == tried
