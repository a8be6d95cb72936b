"""A drug in use that a rule forbids is stopped, or the row says how it is left."""

import re
from collections import defaultdict
from itertools import combinations

import pytest

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import CuratedText, Drug, DrugInteraction, DrugRule, RuleCondition
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


DEPRESSANTS = ("@barbiturate", "@benzodiazepine", "@opioid")
"""Groups whose members depress breathing; and medicines that do and are in no group."""
UNREAD = {("gabapentin", "pregabalin")}
"""Two of one kind, which nobody gives together."""
SINGLE = ("gabapentin", "pregabalin", "sodium oxybate", "zolpidem", "zopiclone")


def together() -> set[frozenset[str]]:
    """Return the pairs of depressants that a row on breathing or sedation names."""
    ref = load_reference()
    members = defaultdict(set)
    for drug in ref.rows(Drug):
        for group in drug.groups:
            members[f"@{group}"].add(drug.drug)

    def named(words: tuple[str, ...]) -> set[str]:
        return {drug for word in words for drug in members.get(word, {word})}

    return {
        frozenset((one, other))
        for row in ref.rows(DrugInteraction)
        if "breath" in TEXTS[row.text_id]
        for one in named(row.perpetrator)
        for other in named(row.victim)
    }


def test_each_pair_of_depressants_has_a_word_on_breathing() -> None:
    ref, pairs = load_reference(), together()
    own = {d.drug for d in ref.rows(Drug) if d.kind == "antiseizure"}
    one_of = {w: [d.drug for d in ref.rows(Drug) if w[1:] in d.groups] for w in DEPRESSANTS}
    all_of = {**one_of, **{drug: [drug] for drug in SINGLE}}
    silent = {
        (one, other)
        for a, b in combinations(all_of, 2)
        for one in all_of[a]
        for other in all_of[b]
        if {one, other} & own and frozenset((one, other)) not in pairs
    }
    assert silent <= UNREAD, silent - UNREAD
