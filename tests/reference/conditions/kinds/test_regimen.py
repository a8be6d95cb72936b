"""How many anti-seizure drugs the entry lists; a list that was not given is no empty one."""

import pytest

from epilepsy_pgx.model import ClinicalEntry, DrugExposure, FailedDrug
from epilepsy_pgx.reference.conditions.registry import compile_condition
from epilepsy_pgx.reference.conditions.verdict import Truth
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.vocabulary import FailureReason

UNREAD = "zzz"


def entry(current: str | None, failed: str | None = None) -> ClinicalEntry:
    """Return an entry with lists of drugs; None for a list that was not given."""
    taken = (
        None
        if current is None
        else tuple(DrugExposure(d, d != UNREAD, entered=d) for d in current.split())
    )
    stopped = (
        None
        if failed is None
        else tuple(
            FailedDrug(d, d != UNREAD, FailureReason.SIDE_EFFECT, entered=d) for d in failed.split()
        )
    )
    return ClinicalEntry(current=taken, failed=stopped)


def ask(
    engine: ResponseEngine,
    clinical: ClinicalEntry,
    operator: str,
    value: str,
    subject: str = "current",
    if_missing: str = "no",
):
    row = RuleCondition(
        1, "toy", "regimen", (subject,), operator, tuple(value.split("|")), if_missing
    )
    facts = engine.facts({}, (), {}, clinical)
    return compile_condition(row, engine.groups)(facts, "lamotrigine")


@pytest.fixture(scope="module")
def engine(reference: Reference) -> ResponseEngine:
    return ResponseEngine(reference)


@pytest.mark.parametrize(
    ("current", "operator", "value", "truth"),
    [
        ("valproate lamotrigine", "at_least", "2", Truth.YES),
        ("valproate lamotrigine", "at_least", "3", Truth.NO),
        ("valproate lamotrigine lamotrigine", "at_least", "3", Truth.NO),
        ("valproate fluoxetine", "at_least", "2", Truth.NO),
        ("valproate", "at_most", "1", Truth.YES),
        ("", "at_most", "1", Truth.YES),
        ("valproate lamotrigine", "between", "1|2", Truth.YES),
        (None, "at_most", "1", Truth.NO),
        (None, "at_least", "0", Truth.NO),
        ("valproate zzz", "at_least", "2", Truth.MAYBE),
        ("valproate zzz", "at_most", "1", Truth.MAYBE),
        ("valproate zzz", "at_most", "2", Truth.YES),
        ("valproate zzz", "at_least", "3", Truth.NO),
    ],
)
def test_drugs_are_counted(engine, current, operator, value, truth) -> None:
    verdict = ask(engine, entry(current), operator, value)
    assert verdict.truth is truth
    assert bool(verdict.resolve) is (truth is Truth.MAYBE)


@pytest.mark.parametrize("subject", ["current", "failed"])
@pytest.mark.parametrize("operator", ["at_least", "at_most"])
def test_a_missing_list_follows_the_row(engine, subject, operator) -> None:
    assert not ask(engine, entry(None), operator, "1", subject)
    verdict = ask(engine, entry(None), operator, "1", subject, "possible")
    assert verdict.truth is Truth.MAYBE
    assert verdict.resolve


def test_lists_are_not_mixed(engine) -> None:
    both = entry("valproate", "lamotrigine topiramate")
    assert ask(engine, both, "at_least", "2", "failed").truth is Truth.YES
    assert not ask(engine, both, "at_least", "2", "current")


@pytest.mark.parametrize(
    ("language", "taken", "none"),
    [
        (
            "en",
            "Clinical entry: anti-seizure drugs taken: 2 (lamotrigine, valproate)",
            "Clinical entry: anti-seizure drugs taken: 0",
        ),
        (
            "es",
            "Datos clínicos: fármacos anticrisis que toma: 2 (lamotrigina, valproato)",
            "Datos clínicos: fármacos anticrisis que toma: 0",
        ),
    ],
)
def test_the_reason_names_the_drugs(engine, reference, language, taken, none) -> None:
    wording = Wording(reference, language)
    [reason] = ask(engine, entry("valproate lamotrigine"), "at_least", "2").because
    assert wording.tell(reason) == taken
    [reason] = ask(engine, entry(""), "at_most", "2").because
    assert wording.tell(reason) == none
