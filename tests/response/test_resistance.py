"""Which failed trials count towards drug resistance, and which a finding may explain."""

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import Drug
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.levels import LevelTables
from epilepsy_pgx.response.outcomes import outcome_of
from epilepsy_pgx.response.resistance import (
    AGGRAVATED,
    AGGRAVATION,
    FREE,
    PATIENT,
    VERDICTS,
    Trials,
    TrialTables,
    count_trials,
    explain_failures,
    load_trial_tables,
)
from epilepsy_pgx.response.resistance_line import resistance_statement
from epilepsy_pgx.response.rules import load_groups
from epilepsy_pgx.statement import Evidence, Message, Statement, ValueKind
from epilepsy_pgx.vocabulary import (
    FailureReason,
    Origin,
    Outcome,
    Resistance,
    Response,
    Tier,
    TrialUse,
)
from tests.response.builders import gave_up
from tests.said import SpeakingEngine

EVIDENCE = Evidence("source", ".", ("PMID:1",), "table", "row")
UNITS = units_of(load_reference())
ONGOING = ClinicalEntry(last_seizure="2026-11-01", entry_date="2026-11-20", age_years=Decimal(30))
CASES = tuple(
    csv.DictReader(
        (Path(__file__).parents[1] / "oracles" / "resistance.tsv").read_text("utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
)


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_case(engine: SpeakingEngine, reference: Reference, case: dict[str, str]) -> None:
    row = dict(part.split("=", 1) for part in case["entry"].split(";;"))
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    said = engine.interpret({}, (), {}, entry)
    (line,) = (
        s
        for section in said.context
        for s in section.statements
        if s.statement_id == "context-resistance:patient"
    )
    status = VERDICTS[line.text_id]
    values = {v.name: v.items for v in line.values if v.kind is ValueKind.DRUG}
    assert status == case["status"]
    assert ("|".join(values.get("counted", ())) or ".") == case["counted"]
    outcome = outcome_of(entry, UNITS)
    assert outcome == case["outcome"]


@pytest.mark.parametrize(
    ("cells", "text_id", "said"),
    [
        (
            {"longest_interval_before": "2 months", "surgery": "resection"},
            FREE[Outcome.FREE],
            "No seizure for 46 months (drugs: lacosamide; surgery, stimulator, diet: resection)",
        ),
        ({}, FREE[Outcome.NO_INTERVAL], "Enter the longest interval before"),
        (
            {
                "last_seizure": "2026-11-01",
                "syndromes": "juvenile_myoclonic_epilepsy",
                "current_drugs": "none",
            },
            AGGRAVATED[Resistance.UNDETERMINED],
            "Carbamazepine: can worsen these seizures",
        ),
        (
            {
                "last_seizure": "2026-11-01",
                "syndromes": "juvenile_myoclonic_epilepsy",
                "failed_drugs": "carbamazepine[reason=lack_of_effect;adequate=yes]",
            },
            AGGRAVATED[Resistance.NOT_SHOWN],
            "drug resistance is not shown",
        ),
    ],
)
def test_page_one_says_the_message_of_the_trials(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], text_id: str, said: str
) -> None:
    trials = "[reason=lack_of_effect;adequate=yes]"
    row = {
        "affected": "yes",
        "entry_date": "2026-11-20",
        "last_seizure": "2023-01-01",
        "seizures_per_month": "",
        "current_drugs": "lacosamide[start=2023-01-01]",
        "failed_drugs": f"carbamazepine{trials}|levetiracetam{trials}",
    } | cells
    line = verdict_on(engine, reference, row)
    words = Wording(reference)
    assert (line.text_id, line.tier) == (text_id, Tier.CONSIDER)
    assert said in words.tell(Message(f"short-{text_id}", line.values))
    entry, _ = parse_clinical(row, reference, file="x", line=1)
    free = text_id in FREE.values()
    assert bool(engine.interpret({}, (), {}, entry).factors) is not free


def test_the_cases_are_sourced() -> None:
    assert len(CASES) >= 20
    assert all(c["source"] not in ("", ".") for c in CASES)
    assert len({c["case"] for c in CASES}) == len(CASES)


def count(*failed: FailedDrug, fired=None) -> Trials:
    return count_trials(replace(ONGOING, failed=failed), fired or {}, UNITS)


@pytest.mark.parametrize(
    ("trial", "use"),
    [
        (gave_up("a"), TrialUse.COUNTED),
        (gave_up("a", adequate=None), TrialUse.ADEQUACY_UNKNOWN),
        (gave_up("a", adequate=False), TrialUse.NOT_ADEQUATE),
        (gave_up("a", FailureReason.INADEQUATE_TRIAL), TrialUse.NOT_ADEQUATE),
        (gave_up("a", FailureReason.INADEQUATE_TRIAL, adequate=None), TrialUse.NOT_ADEQUATE),
        (gave_up("a", FailureReason.SIDE_EFFECT, adequate=None), TrialUse.INTOLERANCE),
        (gave_up("a", FailureReason.SIDE_EFFECT), TrialUse.INTOLERANCE_ADEQUATE),
        (gave_up("a", FailureReason.SIDE_EFFECT, adequate=False), TrialUse.NOT_ADEQUATE),
        (gave_up("a", FailureReason.RASH, adequate=None), TrialUse.INTOLERANCE),
        (gave_up("a", FailureReason.WORSENED), TrialUse.WORSENED),
        (gave_up("a", FailureReason.UNKNOWN), TrialUse.REASON_UNKNOWN),
        (
            FailedDrug("a", False, FailureReason.LACK_OF_EFFECT, "a", None, True),
            TrialUse.NAME_UNKNOWN,
        ),
    ],
)
def test_what_one_trial_counts_for(trial: FailedDrug, use: TrialUse) -> None:
    trials = count(trial)
    assert [t.use for t in trials.trials] == [use]
    assert trials.counted == (("a",) if use is TrialUse.COUNTED else ())
    assert trials.given


def test_a_poor_choice_never_counts() -> None:
    rules = {"a": [SimpleNamespace(effect="toxicity"), SimpleNamespace(effect=AGGRAVATION)]}
    trials = count(gave_up("a"), gave_up("b"), fired=rules)
    assert (trials.of(TrialUse.AGGRAVATES), trials.counted) == (("a",), ("b",))
    harmless = {"a": [SimpleNamespace(effect="toxicity")]}
    assert count(gave_up("a"), fired=harmless).counted == ("a",)


def test_a_drug_tried_twice_counts_once() -> None:
    trials = count(
        gave_up("a", adequate=None), gave_up("a"), gave_up("a"), gave_up("a", adequate=False)
    )
    assert trials.counted == ("a",)
    assert [t.use for t in trials.trials].count(TrialUse.COUNTED) == 1
    assert len(trials.of(TrialUse.REPEATED)) == 1


def test_only_seizure_drugs_count() -> None:
    entry = replace(ONGOING, failed=(gave_up("a"), gave_up("b")))
    trials = count_trials(entry, {}, UNITS, TrialTables(frozenset({"a"})))
    assert (trials.counted, trials.of(TrialUse.NO_SEIZURE_DRUG)) == (("a",), ("b",))


@pytest.mark.parametrize(
    ("failed", "status"),
    [
        (None, "not_given"),
        ((), "not_shown"),
        ((gave_up("a"),), "undetermined"),
        ((gave_up("a", adequate=None),), "undetermined"),
        ((gave_up("a", adequate=False), gave_up("b", adequate=False)), "not_shown"),
        ((gave_up("a"), gave_up("b", adequate=None)), "undetermined"),
        ((gave_up("a"), gave_up("b")), "drug_resistant"),
        ((gave_up("a"), gave_up("b"), gave_up("c")), "drug_resistant"),
    ],
)
def test_status_while_the_seizures_go_on(failed, status: str) -> None:
    trials = count_trials(replace(ONGOING, failed=failed), {}, UNITS)
    assert trials.status == status
    assert trials.given == (failed is not None)
    line = resistance_statement(trials, EVIDENCE)
    # Trials of which only the adequacy is open are asked for by name.
    told = "failed" if trials.unjudged else status.replace("_", "-")
    assert line.text_id == f"context-resistance-{told}"
    asks = status == "drug_resistant" or bool(trials.unjudged)
    assert (line.tier is Tier.CONSIDER) == asks


MONTH, YEARS = Quantity(Decimal(1), "month"), Quantity(Decimal(2), "year")


@pytest.mark.parametrize(
    ("entry", "outcome", "status"),
    [
        (ClinicalEntry(), Outcome.NO_LAST_SEIZURE, Resistance.UNDETERMINED),
        (
            ClinicalEntry(seizures_per_month=Decimal(2), age_years=Decimal(30)),
            Outcome.ONGOING,
            Resistance.DRUG_RESISTANT,
        ),
        (
            ClinicalEntry(seizures_per_month=Decimal(0)),
            Outcome.NO_LAST_SEIZURE,
            Resistance.UNDETERMINED,
        ),
        (ClinicalEntry(last_seizure="2026-01-01"), Outcome.NO_ENTRY_DATE, Resistance.UNDETERMINED),
        (replace(ONGOING, last_seizure="2025-11-21"), Outcome.TOO_SHORT, Resistance.UNDETERMINED),
        (replace(ONGOING, last_seizure="2026-01-20"), Outcome.TOO_SHORT, Resistance.UNDETERMINED),
        (
            replace(ONGOING, last_seizure="2025-11-21", seizures_per_month=Decimal("0.1")),
            Outcome.ONGOING,
            Resistance.DRUG_RESISTANT,
        ),
        (
            replace(ONGOING, last_seizure="2025-11-21", longest_interval_before=MONTH),
            Outcome.TOO_SHORT,
            Resistance.UNDETERMINED,
        ),
        (replace(ONGOING, last_seizure="2025-11-10"), Outcome.NO_INTERVAL, Resistance.UNDETERMINED),
        (
            replace(ONGOING, last_seizure="2025-11-10", longest_interval_before=MONTH),
            Outcome.FREE,
            Resistance.NOT_SHOWN,
        ),
        (
            replace(ONGOING, last_seizure="2021-11-10", longest_interval_before=YEARS),
            Outcome.TOO_SHORT,
            Resistance.UNDETERMINED,
        ),
        (
            replace(ONGOING, last_seizure="2019-11-10", longest_interval_before=YEARS),
            Outcome.FREE,
            Resistance.NOT_SHOWN,
        ),
    ],
)
def test_two_trials_need_seizures_that_go_on(entry, outcome, status) -> None:
    assert outcome_of(entry, UNITS) is outcome
    trials = count_trials(replace(entry, failed=(gave_up("a"), gave_up("b"))), {}, UNITS)
    assert trials.status is status
    line = resistance_statement(trials, EVIDENCE)
    own = line.text_id in FREE.values()
    assert bool(line.further) == (status is not Resistance.DRUG_RESISTANT and not own)


def test_the_line_names_each_trial() -> None:
    trials = count(gave_up("a"), gave_up("b"), gave_up("d", adequate=False))
    line = resistance_statement(trials, EVIDENCE)
    values = {v.name: v for v in line.values}
    assert values["counted"].items == ("a", "b")
    assert values["inappropriate"].items == ("word-none",)
    assert [m.text_id for m in values["trials"].messages] == [
        "trial-counted",
        "trial-counted",
        "trial-not-adequate",
    ]
    assert (line.evidence, line.origin) == ((EVIDENCE,), Origin.CLINICAL)
    assert line.statement_id == "context-resistance:patient"


def hit(*explains: FailureReason, conditional: bool = False):
    statement = Statement(
        "rule:a", "text", Tier.ACT, Response.AVOID, Origin.GENOTYPE, (), (EVIDENCE,),
        drugs=("a",), conditional=conditional,
    )  # fmt: skip
    return SimpleNamespace(
        rule=SimpleNamespace(explains=explains, origin=Origin.GENOTYPE), statement=statement
    )


def test_a_failure_is_explained_only_where_a_rule_says_so() -> None:
    entry = ClinicalEntry(failed=(gave_up("a"), gave_up("b", FailureReason.RASH)))
    fired = {
        "a": [hit(FailureReason.RASH), hit(FailureReason.LACK_OF_EFFECT)],
        "b": [hit(FailureReason.LACK_OF_EFFECT)],
    }
    (line,) = explain_failures(entry, fired)
    assert line.statement_id == "context-explained:rule:a"
    assert (line.text_id, line.drugs) == ("context-explained", ("a",))
    assert (line.tier, line.response) == (Tier.CONTEXT, Response.NO_RULE)
    assert line.values[0].items == ("reason-lack-of-effect",)
    assert (line.evidence, line.conditional) == ((EVIDENCE,), False)


def test_a_conditional_finding_explains_conditionally() -> None:
    fired = {"a": [hit(FailureReason.LACK_OF_EFFECT, conditional=True)]}
    (line,) = explain_failures(ClinicalEntry(failed=(gave_up("a"),)), fired)
    assert (line.text_id, line.conditional) == ("context-explained-conditional", True)


def test_without_a_list_nothing_is_explained() -> None:
    assert explain_failures(ClinicalEntry(), {"a": [hit(FailureReason.RASH)]}) == ()


ONE = {"failed_drugs": "levetiracetam[reason=lack_of_effect;adequate=yes]"}
MONTHS = "lacosamide[start=2026-01-01]"
STILL = {"seizures_per_month": "2"}


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ({**ONE, **STILL, "current_drugs": MONTHS}, ("lacosamide",)),
        ({**STILL, "failed_drugs": "none", "current_drugs": MONTHS}, ()),
        (
            {**STILL, "current_drugs": f"{MONTHS}|lamotrigine[dose_since=2026-02-01]"},
            ("lacosamide", "lamotrigine"),
        ),
        ({**ONE, **STILL, "current_drugs": "lacosamide[start=2026-10-01]"}, ()),
        ({**ONE, **STILL, "current_drugs": "lacosamide"}, ()),
        (
            {**ONE, **STILL, "current_drugs": "lacosamide[level=5 mg/L;level_date=2026-07-01]"},
            ("lacosamide",),
        ),
        # Three months have 91.3 days.
        ({**ONE, **STILL, "current_drugs": "lacosamide[start=2026-08-20]"}, ("lacosamide",)),
        ({**ONE, **STILL, "current_drugs": "lacosamide[start=2026-08-21]"}, ()),
        ({**ONE, **STILL, "current_drugs": "levetiracetam[start=2026-01-01]"}, ()),
        ({**ONE, **STILL, "current_drugs": "aspirin[start=2026-01-01]"}, ()),
        ({**ONE, **STILL, "current_drugs": MONTHS, "entry_date": ""}, ()),
        ({**ONE, "current_drugs": MONTHS}, ()),
        (
            {
                **STILL,
                "failed_drugs": f"{ONE['failed_drugs']}|topiramate[reason=lack_of_effect;"
                "adequate=yes]",
                "current_drugs": MONTHS,
            },
            (),
        ),
    ],
)
def test_a_drug_taken_for_months_may_be_the_trial_that_decides(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], named: tuple[str, ...]
) -> None:
    row = {"entry_date": "2026-11-20", **cells}
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    (line,) = (
        s
        for section in engine.interpret({}, (), {}, entry).context
        for s in section.statements
        if s.statement_id == "context-resistance:patient"
    )
    assert line.text_id in VERDICTS
    assert (line.text_id == "context-resistance-taken") is bool(named)
    taken = next(v for v in line.values if v.name == "taken")
    assert (taken.items if named else ()) == named
    assert (line.tier is Tier.CONSIDER) is (bool(named) or line.text_id.endswith("-drug-resistant"))


BOTH = (
    "lamotrigine[reason=lack_of_effect;adequate=yes{a}]"
    "|levetiracetam[reason=lack_of_effect;adequate=yes{b}]"
)


def verdict_on(engine: SpeakingEngine, reference: Reference, cells: dict[str, str]) -> Statement:
    row = {"entry_date": "2026-11-20", "seizures_per_month": "3", **cells}
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    (line,) = (
        s
        for section in engine.interpret({}, (), {}, entry).context
        for s in section.statements
        if s.statement_id == PATIENT
    )
    return line


def uses_of(line: Statement) -> list[str]:
    trials = next(v for v in line.values if v.name == "trials")
    return [m.text_id.removeprefix("trial-").replace("-", "_") for m in trials.messages]


@pytest.mark.parametrize(
    ("a", "b", "uses"),
    [
        ("", "", ["counted", "counted"]),
        (";start=2026-01-01;stop=2026-06-01", ";duration=4 months", ["counted", "counted"]),
        (";start=2026-09-01;stop=2026-09-11", "", ["contradicted", "counted"]),
        # The last day counts: 27 days are short of four weeks, and 28 are not.
        (";start=2026-09-01;stop=2026-09-27", "", ["contradicted", "counted"]),
        (";start=2026-09-01;stop=2026-09-28", "", ["counted", "counted"]),
        (";duration=10 days", ";duration=27 days", ["contradicted", "contradicted"]),
        (";duration=4 weeks", "", ["counted", "counted"]),
        (";highest_level=0.4 mg/L", ";highest_level=2 mg/L", ["contradicted", "contradicted"]),
        (";highest_level=8 mg/L", "", ["counted", "counted"]),
        # A trial that is not called adequate is nothing to contradict.
        (";duration=10 days;highest_dose=25 mg/day", "", ["contradicted", "counted"]),
    ],
)
def test_duration_and_level_come_before_the_word_that_a_trial_was_adequate(
    engine: SpeakingEngine, reference: Reference, a: str, b: str, uses: list[str]
) -> None:
    line = verdict_on(engine, reference, {"failed_drugs": BOTH.format(a=a, b=b)})
    assert uses_of(line) == uses
    met = uses == ["counted", "counted"]
    assert VERDICTS[line.text_id] is (Resistance.DRUG_RESISTANT if met else Resistance.UNDETERMINED)
    told = next(v for v in line.values if v.name == "trials").messages
    for message in told:
        against = [v for v in message.values if v.name == "against"]
        assert bool(against) is (message.text_id == "trial-contradicted")


@pytest.mark.parametrize(
    ("drugs", "counted"),
    [
        (("phenytoin", "fosphenytoin"), 1),
        (("fosphenytoin", "phenytoin"), 1),
        (("primidone", "phenobarbital"), 1),
        (("oxcarbazepine", "eslicarbazepine"), 1),
        (("carbamazepine", "oxcarbazepine"), 2),
        (("lamotrigine", "phenytoin"), 2),
        (("midazolam", "diazepam"), 0),
        (("lorazepam", "lamotrigine"), 1),
        (("clobazam", "clonazepam"), 2),
    ],
)
def test_a_prodrug_and_its_drug_are_one_trial_and_rescue_drugs_none(
    engine: SpeakingEngine, reference: Reference, drugs: tuple[str, ...], counted: int
) -> None:
    failed = "|".join(f"{drug}[reason=lack_of_effect;adequate=yes]" for drug in drugs)
    line = verdict_on(engine, reference, {"failed_drugs": failed})
    uses = uses_of(line)
    assert uses.count("counted") == counted
    assert set(uses) <= {"counted", "repeated", "rescue"}
    resistant = VERDICTS[line.text_id] is Resistance.DRUG_RESISTANT
    assert resistant is (counted > 1)


def test_every_drug_that_is_measured_as_another_is_one_trial_with_it(reference: Reference) -> None:
    """By the tables: no two drugs of one active form ever make two trials."""
    drugs = frozenset(row.drug for row in reference.rows(Drug))
    tables = load_trial_tables(reference, load_groups(reference), drugs, LevelTables(reference))
    pairs = [(row.drug, row.measured_as) for row in reference.rows(Drug) if row.measured_as]
    assert len(pairs) >= 2
    for pair in pairs:
        for order in (pair, pair[::-1]):
            failed = tuple(gave_up(drug) for drug in order)
            trials = count_trials(replace(ONGOING, failed=failed), {}, UNITS, tables)
            assert trials.status is Resistance.UNDETERMINED, pair
    taken = DrugExposure(pairs[0][0], True, start="2025-01-01", adequate=True)
    failed = (gave_up(pairs[0][1]),)
    trials = count_trials(replace(ONGOING, failed=failed, current=(taken,)), {}, UNITS, tables)
    assert trials.status is Resistance.UNDETERMINED


@pytest.mark.parametrize("word", ["doubted", "clinical", "video_eeg", ""])
def test_nothing_is_met_while_the_diagnosis_is_in_doubt(
    engine: SpeakingEngine, reference: Reference, word: str
) -> None:
    cells = {"failed_drugs": BOTH.format(a="", b=""), "diagnosis_confirmed": word}
    line = verdict_on(engine, reference, cells)
    doubted = word == "doubted"
    assert (VERDICTS[line.text_id] is Resistance.UNDETERMINED) is doubted
    assert ("resistance-doubted" in line.further) is doubted
    row = {"entry_date": "2026-11-20", "seizures_per_month": "3", **cells}
    entry, _ = parse_clinical(row, reference, file="x", line=1)
    rows = {
        e.row
        for section in engine.interpret({}, (), {}, entry).context
        for s in section.statements
        for e in s.evidence
    }
    assert bool(rows & {"context-diet-resistant", "context-neurostimulation"}) is not doubted


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("not_taken", "resistance-not-taken"),
        ("often_missed", "resistance-often-missed"),
        ("sometimes_missed", "resistance-sometimes-missed"),
        ("taken", None),
        ("", None),
    ],
)
def test_a_verdict_says_that_the_doses_are_not_taken(
    engine: SpeakingEngine, reference: Reference, word: str, said: str | None
) -> None:
    cells = {"failed_drugs": BOTH.format(a="", b=""), "adherence": word, "age_years": "30"}
    further = verdict_on(engine, reference, cells).further
    assert [t for t in further if t.startswith("resistance-")] == ([said] if said else [])


@pytest.mark.parametrize(
    ("word", "status", "last"),
    [
        ("", "context-resistance-taken", "taken_open"),
        (";adequate=yes", "context-resistance-drug-resistant", "counted_taken"),
        (";adequate=no", "context-resistance-undetermined", "counted"),
    ],
)
def test_the_adequacy_of_a_drug_in_use_can_be_entered_and_decides(
    engine: SpeakingEngine, reference: Reference, word: str, status: str, last: str
) -> None:
    cells = {**ONE, "current_drugs": f"lacosamide[start=2026-01-01{word}]"}
    line = verdict_on(engine, reference, cells)
    assert line.text_id == status
    assert uses_of(line)[-1] == last
    # Weeks are no trial, whatever they are called.
    early = {**ONE, "current_drugs": f"lacosamide[start=2026-11-01{word}]"}
    assert verdict_on(engine, reference, early).text_id == "context-resistance-undetermined"
