"""Whether the seizures go on, and what is said where that is not determined."""

import pytest

from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.outcomes import PATIENT
from epilepsy_pgx.response.resistance import FREE, VERDICTS
from epilepsy_pgx.statement import Message
from epilepsy_pgx.vocabulary import Outcome, Resistance, Tier
from tests.response.test_resistance import BOTH, ONE, verdict_on
from tests.said import SpeakingEngine


@pytest.mark.parametrize(
    ("last", "often", "interval", "outcome"),
    [
        ("2026-03-15", "0", "2 years", Outcome.TOO_SHORT),
        ("2026-03-15", "0", "", Outcome.TOO_SHORT),
        ("2026-03-15", "", "2 years", Outcome.TOO_SHORT),
        ("2026-03-15", "0.1", "2 years", Outcome.ONGOING),
        ("2026-03-15", "2", "2 years", Outcome.CONTRADICTED),
        ("2026-09-15", "2", "", Outcome.ONGOING),
        ("2023-05-01", "4", "", Outcome.CONTRADICTED),
        ("2023-05-01", "4", "1 month", Outcome.CONTRADICTED),
        ("2025-10-01", "0.05", "", Outcome.CONTRADICTED),
        ("2026-11-10", "0", "2 years", Outcome.ONGOING),
        ("2023-03-15", "0", "3 months", Outcome.FREE),
    ],
)
def test_months_without_a_seizure_are_no_seizures_that_go_on(
    engine: SpeakingEngine,
    reference: Reference,
    last: str,
    often: str,
    interval: str,
    outcome: Outcome,
) -> None:
    cells = {
        "failed_drugs": BOTH.format(a="", b=""),
        "last_seizure": last,
        "seizures_per_month": often,
        "longest_interval_before": interval,
    }
    line = verdict_on(engine, reference, cells)
    met = VERDICTS[line.text_id] is Resistance.DRUG_RESISTANT
    assert met is (outcome is Outcome.ONGOING)
    assert met or FREE.get(outcome, f"outcome-{outcome.replace('_', '-')}") in (
        line.text_id,
        *line.further,
    )


@pytest.mark.parametrize(
    ("last", "cells", "text_id", "said"),
    [
        ("2026-01-20", {}, "context-outcome-short-open", "2027-01-21"),
        ("2025-12-20", {"longest_interval_before": "1 month"}, "context-outcome-short", "11"),
        ("2025-09-20", {"longest_interval_before": "6 months"}, "context-outcome-short", "14"),
        ("2025-09-20", {"failed_drugs": ""}, "context-outcome-long-open", "14"),
        ("2023-05-01", {"seizures_per_month": "4"}, "context-outcome-contradicted", "4"),
        ("2026-01-20", {"failed_drugs": ""}, "context-outcome-short-open", "10"),
        ("2026-01-20", {"failed_drugs": "none"}, "context-outcome-short-open", "10"),
        ("2026-11-10", {}, None, ""),
        ("2026-01-20", {"seizures_per_month": "0.1"}, None, ""),
        ("2025-09-20", {}, None, ""),
        ("2026-01-20", {"affected": "no"}, None, ""),
        ("2026-01-20", {"failed_drugs": "none", "current_drugs": "none"}, None, ""),
    ],
)
def test_page_one_says_that_months_without_a_seizure_are_too_few(
    engine: SpeakingEngine,
    reference: Reference,
    last: str,
    cells: dict[str, str],
    text_id: str | None,
    said: str,
) -> None:
    row = {
        "affected": "yes",
        "entry_date": "2026-11-20",
        "last_seizure": last,
        "failed_drugs": BOTH.format(a="", b=""),
        "current_drugs": "valproate[start=2025-01-01;dose=1000 mg/day]",
        **cells,
    }
    entry, problems = parse_clinical(row, reference, file="x", line=1)
    assert not problems
    context = engine.interpret({}, (), {}, entry).context
    found = [s for section in context for s in section.statements if s.statement_id == PATIENT]
    assert [s.text_id for s in found] == ([text_id] if text_id else [])
    for line in found:
        assert line.tier is Tier.CONSIDER
        for language in ("en", "es"):
            told = Wording(reference, language).tell(Message(f"short-{text_id}", line.values))
            assert said in told


@pytest.mark.parametrize(
    ("more", "age", "use", "message"),
    [
        ("dose=1000 mg/day;adequate=yes", "40", "counted_taken", None),
        ("dose=300 mg/day;adequate=yes", "40", "contradicted", "low-dose"),
        # The weight that would judge the dose of a child is missing.
        ("dose=300 mg/day;adequate=yes", "9", "contradicted", "unjudged-dose"),
        ("adequate=yes", "40", "counted_taken", None),
        ("dose=300 mg/day", "40", "taken_open", "low-dose"),
        ("dose=1000 mg/day", "40", "taken_open", "dose-reached"),
        ("dose=1000 mg/day", "9", "taken_open", "no-lowest-dose"),
        ("dose=20 mg/kg/day", "40", "taken_open", "no-lowest-dose"),
        ("", "40", "taken_open", "no-dose"),
        ("dose=1000 mg/day;adequate=no", "40", None, None),
    ],
)
def test_a_drug_in_use_counts_only_if_nothing_speaks_against_its_dose(
    engine: SpeakingEngine,
    reference: Reference,
    more: str,
    age: str,
    use: str | None,
    message: str | None,
) -> None:
    drug = f"valproate[start=2025-01-01;{more}]" if more else "valproate[start=2025-01-01]"
    line = verdict_on(engine, reference, {**ONE, "age_years": age, "current_drugs": drug})
    trials = next(v for v in line.values if v.name == "trials").messages
    own = [m for m in trials if m.values[0].items == ("valproate",)]
    assert [m.text_id for m in own] == ([f"trial-{use.replace('_', '-')}"] if use else [])
    against = [n.text_id for m in own for v in m.values if v.name == "against" for n in v.messages]
    assert against == ([message] if message else [])
    resistant = VERDICTS[line.text_id] is Resistance.DRUG_RESISTANT
    assert resistant is (use == "counted_taken")
    # What is asked for is what would decide.
    asked = line.text_id == "context-resistance-taken"
    assert asked is (use == "taken_open" and message != "low-dose")


VAIN = "levetiracetam[reason=lack_of_effect]|oxcarbazepine[reason=lack_of_effect]"
ONE_COUNTS = VAIN.replace("effect]|", "effect;adequate=yes]|")


@pytest.mark.parametrize(
    ("cells", "failed"),
    [
        ({"failed_drugs": VAIN}, ("levetiracetam", "oxcarbazepine")),
        ({"failed_drugs": ONE_COUNTS}, ("oxcarbazepine",)),
        ({"failed_drugs": "levetiracetam[reason=lack_of_effect]"}, ()),
        ({"failed_drugs": VAIN.replace("lack_of_effect", "side_effect")}, ()),
        ({"failed_drugs": VAIN.replace("]", ";adequate=no]")}, ()),
        ({"failed_drugs": VAIN, "seizures_per_month": ".", "last_seizure": "2020-01-01"}, ()),
        ({"failed_drugs": VAIN.replace("]", ";adequate=yes]")}, ()),
    ],
)
def test_trials_given_up_in_vain_are_asked_for_where_they_decide(
    engine: SpeakingEngine, reference: Reference, cells: dict[str, str], failed: tuple[str, ...]
) -> None:
    now = {"entry_date": "2026-11-20", "last_seizure": "2026-11-18", "seizures_per_month": "3"}
    line = verdict_on(engine, reference, now | {"age_years": "30"} | cells)
    assert (line.text_id == "context-resistance-failed") is bool(failed)
    asked = next(v for v in line.values if v.name == "failed")
    assert (asked.items if failed else ()) == failed
    if failed:
        assert VERDICTS[line.text_id] is Resistance.UNDETERMINED
        assert line.tier is Tier.CONSIDER
