"""A drug in use that a rule forbids is stopped, or the row says how it is left."""

import re

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import CuratedText, DrugRule, RuleCondition
from epilepsy_pgx.vocabulary import Response, Tier

TEXTS = {row.id: row.text for row in load_reference().rows(CuratedText) if row.language == "en"}
LEAVING = re.compile(
    r"\bstop \{drug\}|stop it|nobody|abrupt|cover|replac|stepwise|specialist|place", re.I
)
"""Words that say to stop at once, or who decides and that another drug covers."""
AT_ONCE = {"status-carbapenem-valproate"}
"""A loading dose that cannot be relied on: how valproate in use is left, its own row says."""
NOT_TAKEN = {"naive", "planned", "stopped"}


def forbidding() -> list[DrugRule]:
    """Return the rules of act that forbid a drug that may be in use."""
    ref = load_reference()
    only_before = {
        c.rule_id
        for c in ref.rows(RuleCondition)
        if c.kind == "exposure" and set(c.value) <= NOT_TAKEN
    }
    return [
        rule
        for rule in ref.rows(DrugRule)
        if rule.response in (Response.AVOID, Response.CONTRAINDICATED)
        and rule.tier is Tier.ACT
        and rule.rule_id not in only_before | AT_ONCE
    ]


def test_rules_that_forbid_a_drug_in_use_are_found() -> None:
    assert len(forbidding()) > 50


@pytest.mark.parametrize("rule", forbidding(), ids=lambda rule: rule.rule_id)
def test_a_drug_in_use_that_is_forbidden_is_stopped_or_left_under_cover(rule: DrugRule) -> None:
    said = [TEXTS[text] for text in (rule.text_id, rule.text_taking) if text]
    assert LEAVING.search(" ".join(said)), said
