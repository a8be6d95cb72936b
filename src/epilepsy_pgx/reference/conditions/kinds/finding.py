"""Conditions on what the rare variants of a gene amount to."""

from collections.abc import Iterable

from epilepsy_pgx.reference.conditions.base import (
    Condition,
    ConditionKind,
    Groups,
    Tables,
    bad_row,
    lost_words,
)
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.reasons import gene_reason
from epilepsy_pgx.reference.conditions.verdict import NO, Truth, Verdict
from epilepsy_pgx.reference.rows import RuleCondition
from epilepsy_pgx.statement import Message, ReasonKind, Value
from epilepsy_pgx.vocabulary import CallMethod, FindingState

NEGATIVE_STATES = frozenset(
    {
        FindingState.NONE_FOUND,
        FindingState.BENIGN_ONLY,
        FindingState.NOT_ASSESSED,
        FindingState.PARTIAL,
    }
)
_STATES = "states of a gene's findings"
_OTHER_THAN = "other_than"


def rests_on_pathogenic(state: FindingState) -> bool:
    """Say whether a state rests on a class that only the laboratory may give.

    Parameters
    ----------
    state
        What the variants of a gene amount to.
    """
    return state.endswith("_plp") or state is FindingState.CONFLICTING_DIRECTION


class Finding(ConditionKind):
    """The rare variants of a gene amount to one of some states, or to none of them \
(`other_than`), which a gene that was not assessed does not either."""

    name = "finding"
    of_results = True
    operators = ("is", "any_of", _OTHER_THAN)
    subject = "gene"
    value = "states, see below"

    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for a gene that is read for rare variants."""
        read = tables.genes.get(row.about) is CallMethod.RARE_VARIANT
        return None if read else "a gene of genes.tsv read for rare variants"

    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Ask for states that genes can be in."""
        return lost_words(row.value, FindingState, _STATES)

    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Ask for the states in their order; the surest answer counts."""
        subject = row.about
        try:
            wanted = tuple(FindingState(word) for word in row.value)
        except ValueError:
            raise bad_row(row, "value", _STATES) from None

        def ask(facts: Facts, drug: str) -> Verdict:
            gene = facts.findings.get(subject)
            if gene is None:
                return NO
            best = NO
            for state in wanted:
                evidence = gene.get(state)
                if evidence is None:
                    continue
                if not evidence.findings:
                    shown = Value("state", (state.replace("_", " "),))
                    return Verdict(Truth.YES, (gene_reason(ReasonKind.STATE, subject, shown),))
                because = evidence.reasons
                unconfirmed = rests_on_pathogenic(state) and not evidence.own_class
                resolve = []
                named = (Value("gene", (subject,)),)
                if unconfirmed:
                    resolve.append(Message("resolve-class", named))
                if not evidence.sound:
                    resolve.append(Message("resolve-genotype", named))
                truth = Truth.MAYBE if resolve else Truth.YES
                if truth > best.truth:
                    disputed = evidence.disputed
                    best = Verdict(truth, because, tuple(resolve), unconfirmed, disputed=disputed)
            return best

        def ask_other(facts: Facts, drug: str) -> Verdict:
            found = ask(facts, drug)
            if found.truth is Truth.MAYBE:
                return found  # not shown to be in a state, and not shown to be in none
            return NO if found else Verdict(Truth.YES)

        return ask_other if row.operator == _OTHER_THAN else ask

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """The gene must be in one of the states, or in none of them."""
        if row.operator == _OTHER_THAN:
            return None
        return frozenset(f"finding:{row.about}:{state}" for state in row.value)

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return the states that the genes are in."""
        # Joined by `+`: formatting a word of an enum takes longer.
        return [
            "finding:" + gene + ":" + state
            for gene, found in facts.findings.items()
            for state, _ in found.states
        ]

    def negative(self, row: RuleCondition) -> bool:
        """Nothing found, nothing read and benign variants are negative results."""
        return not NEGATIVE_STATES.isdisjoint(row.value)


KIND = Finding()
