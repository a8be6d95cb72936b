"""Which drugs that are taken are to be stopped now, by the signs that are entered."""

from collections.abc import Sequence

from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.forms import SIGNS_NOW, TextForms
from epilepsy_pgx.response.ordering import STOPPING
from epilepsy_pgx.response.rules import Rule, assess, row_action


def may_stop(rule: Rule, forms: TextForms) -> bool:
    """Say whether there are signs under which a rule says: stop now."""
    return rule.answers_sign or any(
        said == SIGNS_NOW
        for action in rule.actions.values()
        for _, said in forms.signs.get(action or "", ())
    )


def must_stop(rules: Sequence[Rule], facts: PatientFacts) -> frozenset[str]:
    """Return the drugs that are taken under signs for which a rule says: stop now."""
    return frozenset(
        rule.subject
        for rule in rules
        if facts.takes(rule.subject)
        and (rule.answers_sign and rule.response in STOPPING or _stops_under_signs(rule, facts))
        and assess(rule, facts)
    )


def _stops_under_signs(rule: Rule, facts: PatientFacts) -> bool:
    """Say whether the row's action becomes a stop under the patient's signs."""
    action = row_action(rule, facts, facts.exposure(rule.subject))
    return action != SIGNS_NOW and facts.forms.under(action or "", facts.signs) == SIGNS_NOW
