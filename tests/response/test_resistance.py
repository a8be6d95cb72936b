"""Which failed trials count towards drug resistance, and which a finding may explain."""

from types import SimpleNamespace

import pytest

from epilepsy_pgx.model import ClinicalEntry, FailedDrug
from epilepsy_pgx.response.resistance import (
    AGGRAVATION,
    Trials,
    count_trials,
    explain_failures,
    resistance_statement,
)
from epilepsy_pgx.statement import Evidence, Statement
from epilepsy_pgx.vocabulary import FailureReason, Origin, Response, Tier
from tests.response.builders import gave_up

EVIDENCE = Evidence("source", ".", ("PMID:1",), "table", "row")


def count(*failed: FailedDrug, fired=None) -> Trials:
    return count_trials(ClinicalEntry(failed=failed), fired or {})


@pytest.mark.parametrize(
    ("trial", "place"),
    [
        (gave_up("a"), "counted"),
        (gave_up("a", adequate=None), "undetermined"),
        (gave_up("a", adequate=False), "not_failures"),
        (gave_up("a", FailureReason.INADEQUATE_TRIAL), "not_failures"),
        (gave_up("a", FailureReason.INADEQUATE_TRIAL, adequate=None), "not_failures"),
        (gave_up("a", FailureReason.SIDE_EFFECT), "undetermined"),
        (gave_up("a", FailureReason.RASH), "undetermined"),
        (FailedDrug("a", False, FailureReason.LACK_OF_EFFECT, "a", None, True), "undetermined"),
    ],
)
def test_what_one_trial_counts_for(trial: FailedDrug, place: str) -> None:
    trials = count(trial)
    for name in ("counted", "undetermined", "inappropriate", "not_failures"):
        assert getattr(trials, name) == (("a",) if name == place else ()), name
    assert trials.given


def test_a_poor_choice_never_counts() -> None:
    rules = {"a": [SimpleNamespace(effect="toxicity"), SimpleNamespace(effect=AGGRAVATION)]}
    trials = count(gave_up("a"), gave_up("b"), fired=rules)
    assert (trials.inappropriate, trials.counted) == (("a",), ("b",))
    harmless = {"a": [SimpleNamespace(effect="toxicity")]}
    assert count(gave_up("a"), fired=harmless).counted == ("a",)


def test_a_drug_tried_twice_counts_once() -> None:
    trials = count(
        gave_up("a", adequate=None), gave_up("a"), gave_up("a"), gave_up("a", adequate=False)
    )
    assert trials.counted == ("a",)
    assert (trials.undetermined, trials.not_failures) == ((), ())


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
def test_status(failed, status: str) -> None:
    trials = count_trials(ClinicalEntry(failed=failed), {})
    assert trials.status == status
    assert trials.given == (failed is not None)
    line = resistance_statement(trials, EVIDENCE)
    assert line.text_id == f"context-resistance-{status.replace('_', '-')}"
    assert (line.tier is Tier.CONSIDER) == (status == "drug_resistant")


def test_the_line_names_the_drugs() -> None:
    trials = Trials(("a", "b"), ("c",), (), ("d",), True)
    line = resistance_statement(trials, EVIDENCE)
    assert {v.name: v.items for v in line.values} == {
        "counted": ("a", "b"),
        "undetermined": ("c",),
        "inappropriate": ("word-none",),
        "other": ("d",),
    }
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
