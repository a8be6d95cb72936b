"""What levels say: published ranges against the engine, and what no level may ever do."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugExposure, DrugLevel, Quantity
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.reference.checks.urgency import asks_today
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    CuratedText,
    LevelAlert,
    LevelAnalyte,
    LevelKinetics,
    LevelRange,
)
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.explain import parse_given
from epilepsy_pgx.response.level_lines import level_statements, rounded
from epilepsy_pgx.response.levels import LevelAssessment, LevelTables, assess_levels
from epilepsy_pgx.response.ordering import TIERS
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import LevelPart, LevelVerdict, Response, Tier
from tests.drawing import examples
from tests.said import SpeakingEngine

CASES = tuple(
    csv.DictReader(
        (Path(__file__).parents[1] / "oracles" / "levels.tsv").read_text("utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)


def levels(said: Interpretation) -> list[Statement]:
    return [s for c in said.context if c.heading_id == "section-levels" for s in c.statements]


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_case(engine: SpeakingEngine, reference: Reference, case: dict[str, str]) -> None:
    row = dict(part.split("=", 1) for part in case["entry"].split(";;"))
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    said = engine.interpret({}, (), {}, entry)
    found = levels(said)
    told = [f"{s.drugs[0]}:{s.text_id.removeprefix('level-')}" for s in found]
    assert "+".join(told) == case["said"]
    urgent = [s for s in said.urgent if s.text_id.startswith("level-")]
    assert bool(urgent) == (case["urgent"] == "yes")
    for line in found:
        assert (line.tier is Tier.ACT) == line.text_id.startswith("level-alert")
        assert line.evidence or line.text_id in ("level-no-range", "level-not-comparable")


def test_the_cases_are_sourced() -> None:
    assert len(CASES) >= 60
    assert all(c["source"] not in ("", ".") for c in CASES)
    assert len({c["case"] for c in CASES}) == len(CASES)


def test_alert_limits_lie_above_the_ranges(reference: Reference) -> None:
    units = units_of(reference)
    masses = {(r.drug, r.part): r.molar_mass for r in reference.rows(LevelAnalyte)}
    keys = {(r.drug, r.part) for r in reference.rows(LevelKinetics)}
    for alert in reference.rows(LevelAlert):
        key = (alert.drug, alert.part)
        limit = units.in_mg_per_litre(Quantity(alert.limit, alert.unit), masses[key])
        assert limit is not None
        tops = [
            units.in_mg_per_litre(Quantity(row.upper, row.unit), masses[key])
            for row in reference.rows(LevelRange)
            if (row.drug, row.part, row.citations) == (*key, alert.citations)
        ]
        # A limit that equals the upper end of its source's own range is no critical value.
        assert all(top is not None and top < limit for top in tops), key
    for row in reference.rows(LevelRange):
        assert (row.drug, row.part) in masses
        assert row.lower < row.upper
        assert row.set_by != "own", "only a hospital's overlay has ranges of its own"
    assert keys <= set(masses)


DRUGS = ("carbamazepine", "phenytoin", "valproate", "vigabatrin", "lamotrigine", "cenobamate")
QUANTITIES = st.builds(
    Quantity, st.decimals("0", "900", places=1), st.sampled_from(["mg/L", "µmol/L", "µg/L"])
)
LEVELS = st.builds(
    DrugLevel,
    st.sampled_from(LevelPart),
    QUANTITIES,
    st.booleans(),
    st.sampled_from([None, "2026-11-01"]),
    st.sampled_from([None, Decimal(2), Decimal(12), Decimal(40)]),
)


def warnings(said: Interpretation) -> set[tuple[object, ...]]:
    found = [s for line in said.drugs for s in (*line.statements, *line.safety_notes)]
    found += [*said.urgent, *said.interactions, *said.monogenic]
    found += [s for section in said.context for s in section.statements]
    return {
        (s.statement_id, s.text_id, s.action_id, s.tier, s.response)
        for s in found
        if not s.text_id.startswith("level-")
    }


SETTLED = WARNINGS | {Response.ADJUST_DOSE, Response.CONSIDER_ALTERNATIVE}
"""Words that ask for something themselves."""
FAVOURABLE = (Response.MAY_FAVOUR, Response.STANDARD)


@settings(max_examples=examples(25), deadline=None)
@given(
    drug=st.sampled_from(DRUGS),
    found=st.lists(LEVELS, min_size=1, max_size=3),
    signs=st.sampled_from([(), ("vomiting",), ("rash", "double_vision")]),
)
def test_a_level_never_removes_a_warning(engine: SpeakingEngine, drug, found, signs) -> None:
    taken = DrugExposure(drug, True, "2026-10-30", entered=drug)
    entry = ClinicalEntry(current=(taken,), signs=signs, entry_date="2026-11-20", affected=True)
    measured = replace(entry, current=(replace(taken, levels=tuple(found)),))
    before = engine.interpret({}, (), {}, entry)
    after = engine.interpret({}, (), {}, measured)
    assert warnings(before) == warnings(after)
    assert [d.drug for d in before.drugs] == [d.drug for d in after.drugs]
    for old, new in zip(before.drugs, after.drugs, strict=True):
        told = {s.response for s in new.statements if s.text_id.startswith("level-")}
        if told:
            # What a level asks for may lead the line; no word of warning gives way to it.
            assert new.response is old.response or new.response in told
            assert new.response is old.response or old.response not in SETTLED
            assert Response.CAUTION not in told or new.response not in FAVOURABLE
            assert TIERS.index(new.tier) <= TIERS.index(old.tier)
        else:
            assert (new.response, new.tier) == (old.response, old.tier)


@settings(max_examples=examples(25), deadline=None)
@given(low=st.decimals("0", "400", places=1), more=st.decimals("0", "400", places=1))
def test_a_higher_level_never_warns_less(engine: SpeakingEngine, low, more) -> None:
    def tier(value: Decimal) -> bool:
        level = DrugLevel(LevelPart.TOTAL, Quantity(value, "mg/L"))
        taken = DrugExposure("phenytoin", True, entered="phenytoin", levels=(level,))
        said = engine.interpret({}, (), {}, ClinicalEntry(current=(taken,)))
        return any(s.tier is Tier.ACT for s in levels(said))

    assert tier(low) <= tier(low + more)


def test_every_drug_with_a_level_has_a_line(engine: SpeakingEngine, reference: Reference) -> None:
    level = DrugLevel(LevelPart.TOTAL, Quantity(Decimal(5), "mg/L"))
    names = sorted({row.drug for row in reference.rows(LevelAnalyte)}) + ["lithium"]
    current = tuple(DrugExposure(n, n != "lithium", entered=n, levels=(level,)) for n in names)
    said = engine.interpret({}, (), {}, ClinicalEntry(current=current))
    assert {s.drugs[0] for s in levels(said)} == set(names)


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("4 mg/L", ["level-failed-below"]),
        ("30 mg/L", []),
        ("200 mg/L", []),
        ("<2 mg/L", ["level-failed-below"]),
    ],
)
def test_a_low_highest_level_questions_the_trial(
    engine: SpeakingEngine, reference: Reference, level: str, said: list[str]
) -> None:
    cell = f"levetiracetam[reason=lack_of_effect;adequate=yes;highest_level={level}]"
    entry, problems = parse_clinical({"failed_drugs": cell}, reference, file="x", line=1)
    assert not problems
    assert [s.text_id for s in levels(engine.interpret({}, (), {}, entry))] == said


@pytest.mark.parametrize(
    ("inside", "others", "ask", "time"),
    [
        ("level=18 mg/L;level_hours=12", {"albumin_g_l": "22"}, "level-ask-free", []),
        (
            "level=18 mg/L;level_hours=12;free_level=1.5 mg/L",
            {"albumin_g_l": "22"},
            "level-ask-read-free",
            [],
        ),
        ("level=2 mg/L;level_hours=12", {}, "level-ask-sample", []),
        ("level=2 mg/L", {}, "level-ask-sample", ["level-ask-time"]),
    ],
)
def test_only_what_is_missing_is_asked_for(
    engine: SpeakingEngine, reference: Reference, inside, others, ask, time
) -> None:
    row = {"current_drugs": f"phenytoin[start=2024-01-01;{inside}]", **others}
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    said = levels(engine.interpret({}, (), {}, entry))
    line = next(s for s in said if ":total:" in s.statement_id)
    told = {v.name: [m.text_id for m in v.messages] for v in line.values}
    assert told["ask"] == [ask]
    assert told["time"] == time
    assert told["causes"] == (["level-cause-albumin-g-l"] if others else [])


@pytest.mark.parametrize(
    ("inside", "days", "text"),
    [
        ("start=2026-11-08;level_date=2026-11-10", ("2",), "level-not-steady"),
        ("start=2026-11-10;level_date=2026-11-10", ("0",), "level-not-steady"),
        (
            "start=2024-10-01;dose_since=2026-11-10;level_date=2026-11-10",
            ("0",),
            "level-not-steady",
        ),
        (
            "start=2024-10-01;dose_since=2026-11-11;level_date=2026-11-10",
            ("-1",),
            "level-before-dose",
        ),
        ("level_date=2026-11-10", (), "level-disagree-below"),
        ("start=2026-11-08", (), "level-disagree-below"),
    ],
)
def test_the_days_since_the_last_change_are_told_if_they_are_known(
    engine: SpeakingEngine, reference: Reference, inside: str, days: tuple[str, ...], text: str
) -> None:
    row = {"current_drugs": f"lamotrigine[level=2 mg/L;{inside}]"}
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    (line,) = levels(engine.interpret({}, (), {}, entry))
    assert {v.name: v.items for v in line.values}["days"] == days
    assert line.text_id == text


@pytest.mark.parametrize(
    ("number", "shown"),
    [("35.292", "35.3"), ("0.012345", "0.0123"), ("1234.5", "1230"), ("8", "8"), ("0", "0")],
)
def test_a_converted_level_has_the_digits_of_an_assay(number: str, shown: str) -> None:
    assert rounded(Decimal(number)) == shown


def judge(
    reference: Reference,
    engine: ResponseEngine,
    level: str,
    *ranges: tuple[int, int],
    undetected: bool = False,
    days: int = 30,
    hours: str | None = None,
    albumin: str | None = None,
) -> LevelAssessment:
    """Judge a level of phenytoin by invented numbers.

    Steady after 10 days, read from 2 hours on, misleading at an albumin below 25 g/L; alarming
    from 30 mg/L on.
    """
    key = ("phenytoin", LevelPart.TOTAL)
    tables = LevelTables(reference)
    change, one = msgspec.structs.replace, tables.ranges[key][0]
    tables.ranges = {
        key: [change(one, lower=Decimal(a), upper=Decimal(b), unit="mg/L") for a, b in ranges]
    }
    tables.alerts = {key: change(tables.alerts[key], limit=Decimal(30), unit="mg/L")}
    tables.kinetics = {
        key: change(
            tables.kinetics[key],
            steady_state_days=10,
            earliest_hours=Decimal(2),
            free_changed_by=("albumin_g_l<25",),
        )
    }
    found = DrugLevel(
        LevelPart.TOTAL,
        Quantity(Decimal(level), "mg/L"),
        undetected,
        f"2026-10-{1 + days:02}",
        None if hours is None else Decimal(hours),
    )
    taken = DrugExposure("phenytoin", True, "2026-10-01", entered="phenytoin", levels=(found,))
    entry = ClinicalEntry(
        current=(taken,), albumin_g_l=None if albumin is None else Decimal(albumin)
    )
    (said,) = assess_levels(tables, engine.facts({}, (), {}, entry))
    assert said.days == days
    return said


V = LevelVerdict


@pytest.mark.parametrize(
    ("level", "more", "verdict"),
    [
        ("9.9", {}, V.BELOW),
        ("10", {}, V.WITHIN),
        ("20", {}, V.WITHIN),
        ("20.1", {}, V.ABOVE),
        ("10", {"undetected": True}, V.BELOW),
        ("10.1", {"undetected": True}, V.NOT_COMPARABLE),
        ("15", {"days": 9}, V.NOT_STEADY),
        ("15", {"days": 10}, V.WITHIN),
        ("9", {"days": 9}, V.NOT_STEADY),
        ("21", {"days": 9}, V.ABOVE),
        ("15", {"hours": "1.9"}, V.TOO_EARLY),
        ("15", {"hours": "2"}, V.WITHIN),
        ("9", {"hours": "1.9"}, V.BELOW),
        ("21", {"hours": "1.9"}, V.TOO_EARLY),
        ("15", {"hours": "24"}, V.WITHIN),
        ("15", {"hours": "24.1"}, V.TOO_LATE),
        ("9", {"hours": "24.1"}, V.TOO_LATE),
        ("21", {"hours": "24.1"}, V.ABOVE),
        ("15", {"albumin": "24.9"}, V.FREE_CHANGED),
        ("15", {"albumin": "25"}, V.WITHIN),
        ("9", {"albumin": "20"}, V.FREE_CHANGED),
        ("21", {"albumin": "20"}, V.ABOVE),
    ],
)
def test_the_limits_of_each_verdict(
    reference: Reference, plain: ResponseEngine, level: str, more: dict, verdict: LevelVerdict
) -> None:
    assert judge(reference, plain, level, (10, 20), **more).verdict is verdict


@pytest.mark.parametrize(
    ("ranges", "sides", "verdict"),
    [
        ((), (0, 0, 0), V.NO_RANGE),
        (((10, 20), (16, 20)), (1, 1, 0), V.DISAGREE),
        (((10, 20), (5, 14)), (0, 1, 1), V.DISAGREE),
        (((16, 20), (5, 14)), (1, 0, 1), V.DISAGREE),
        (((10, 20), (5, 25)), (0, 2, 0), V.WITHIN),
    ],
)
def test_every_range_is_compared(
    reference: Reference,
    plain: ResponseEngine,
    ranges: tuple[tuple[int, int], ...],
    sides: tuple[int, int, int],
    verdict: LevelVerdict,
) -> None:
    said = judge(reference, plain, "15", *ranges)
    assert (len(said.below), len(said.within), len(said.above)) == sides
    assert said.verdict is verdict


@pytest.mark.parametrize(
    ("level", "more", "reached"),
    [
        ("29.9", {}, False),
        ("30", {}, True),
        ("30", {"undetected": True}, False),
        ("30", {"days": 1, "hours": "0.5", "albumin": "20"}, True),
    ],
)
def test_an_alert_limit_counts_whatever_else(
    reference: Reference, plain: ResponseEngine, level: str, more: dict, reached: bool
) -> None:
    assert bool(judge(reference, plain, level, (10, 20), **more).alert) is reached


@pytest.mark.parametrize(("hours", "unknown"), [(None, ("hours",)), ("12", ())])
def test_what_is_not_known_of_a_sample(
    reference: Reference, plain: ResponseEngine, hours: str | None, unknown: tuple[str, ...]
) -> None:
    assert judge(reference, plain, "15", (10, 20), hours=hours).unknown == unknown


@pytest.mark.parametrize(
    ("inside", "further"),
    [
        ("start=2026-06-01;level_date=2026-11-10;level_hours=24", ()),
        ("start=2026-06-01;level_date=2026-11-10", ("hours",)),
        ("start=2026-11-01;level_date=2026-11-10;level_hours=24", ("settling",)),
        ("level_date=2026-11-10;level_hours=24", ("steady",)),
        ("start=2026-06-01", ("steady", "hours")),
    ],
)
def test_what_is_entered_is_not_asked_for_where_no_kinetics_are_known(
    engine: SpeakingEngine, reference: Reference, inside: str, further: tuple[str, ...]
) -> None:
    assert ("everolimus", LevelPart.TOTAL) not in LevelTables(reference).kinetics
    row = {"current_drugs": f"everolimus[level=9 µg/L;{inside}]", "entry_date": "2026-11-20"}
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    (line,) = levels(engine.interpret({}, (), {}, entry))
    assert line.further == tuple(f"level-unknown-{word}" for word in further)


@pytest.mark.parametrize(
    ("number", "unit", "known", "shown"),
    [
        ("18", "mg/L", True, [("level-number", ["18", "mg/L"])]),
        ("18", "mg/L", False, [("level-number", ["18", "mg/L"])]),
        # Phenytoin: 252.27 g/mol.
        ("80", "µmol/L", True, [("level-number-converted", ["80", "µmol/L", "20.2"])]),
        ("80", "µmol/L", False, [("level-number", ["80", "µmol/L"])]),
    ],
)
def test_a_level_is_shown_as_entered_and_converted_where_that_can_be_done(
    reference: Reference,
    plain: ResponseEngine,
    number: str,
    unit: str,
    known: bool,
    shown: list[tuple[str, list[str]]],
) -> None:
    tables = LevelTables(reference)
    if not known:
        tables.analytes = {}
    level = DrugLevel(LevelPart.TOTAL, Quantity(Decimal(number), unit))
    taken = DrugExposure("phenytoin", True, None, entered="phenytoin", levels=(level,))
    facts = plain.facts({}, (), {}, ClinicalEntry(current=(taken,)))
    (line,) = level_statements(assess_levels(tables, facts), (), facts)
    assert not line.urgent
    values = {v.name: v for v in line.values}
    (measured,) = values["level"].messages
    told = {v.name: v for v in measured.values}
    assert [
        (m.text_id, [item for v in m.values for item in v.items]) for m in told["number"].messages
    ] == shown
    assert (line.text_id == "level-not-comparable") is (not known and unit != "mg/L")


@pytest.mark.parametrize(
    ("adherence", "level", "said"),
    [
        ("often_missed", "4", True),
        ("sometimes_missed", "4", True),
        ("taken", "4", False),
        ("not_taken", "4", False),
        (".", "4", False),
        ("often_missed", "15", False),
        ("often_missed", "30", False),
    ],
)
@pytest.mark.parametrize("beside", ["", "|carbamazepine"])
def test_missed_doses_that_are_entered_stand_beside_a_low_level(
    engine: SpeakingEngine,
    reference: Reference,
    adherence: str,
    level: str,
    beside: str,
    said: bool,
) -> None:
    taken = "phenytoin[start=2015-01-01;level={} mg/L;level_date=2026-11-12;level_hours=12]"
    cells = [f"current_drugs={taken.format(level)}{beside}", f"adherence={adherence}"]
    facts = parse_given((), [*cells, "entry_date=2026-11-20"], reference, engine)
    found = levels(engine.interpret_facts(facts))
    assert found
    assert any("level-doses-missed" in s.further for s in found) is said


def test_a_level_that_asks_for_somebody_today_stands_in_the_box(reference: Reference) -> None:
    """Its words and its place say the same; the words of one without a sign ask for today too."""
    texts = {r.id: r.text for r in reference.rows(CuratedText) if r.language == "en"}
    for text_id in ("level-alert", "level-alert-urgent"):
        assert asks_today(texts[f"short-{text_id}"])
