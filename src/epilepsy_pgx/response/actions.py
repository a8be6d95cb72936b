"""No drug's line asks for two things that exclude each other.

Every text that asks for an action about a drug has a class (`actions`), and a table
says which class gives way to which (`action_ranks`). A text that gives way is replaced by the
part of it that still holds; a finding is never lost. Wording plays no part here: all of it works
on ids.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.conditions.base import Groups, members
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ActionRank, ActionText
from epilepsy_pgx.reference.rows.words import RankWhen
from epilepsy_pgx.vocabulary import ActionClass, Answers


@dataclass(frozen=True, slots=True)
class Action:
    """What one text asks for."""

    text_id: str
    kind: ActionClass
    answers: Answers | None
    drugs: frozenset[str]
    """For statements that stand in no drug's line: the drugs that they are about."""
    instead: str | None
    """The text that is said where a stronger action takes its place."""


@dataclass(frozen=True, slots=True)
class Rank:
    """When one class takes the place of another."""

    when: RankWhen
    if_possible: bool
    """True if also an action that is only possible takes the place of a certain one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one statement says, as far as actions go."""

    text_id: str
    action_id: str | None = None
    conditional: bool = False
    """True if the statement is only possible."""
    taken: bool = False
    """True if the drug of the statement is taken, or may be under a name that nobody knows."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a statement says once all actions are settled."""

    text_id: str
    action_id: str | None
    by: str | None = None
    """Text of the strongest action that took the place of another; None if all was kept."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One classified text of one statement."""

    action: Action
    conditional: bool
    taken: bool


@dataclass(frozen=True)
class ActionTable:
    """The classes of all texts, and the ranks of the classes."""

    actions: Mapping[str, Action]
    ranks: Mapping[tuple[ActionClass, ActionClass], Rank]

    @cached_property
    def strong(self) -> frozenset[str]:
        """Texts of the classes that take the place of another."""
        kinds = {kind for kind, _ in self.ranks}
        return frozenset(t for t, action in self.actions.items() if action.kind in kinds)

    def outranks(self, strong: _Part, weak: _Part) -> bool:
        """Say whether one part takes the place of another."""
        rank = self.ranks.get((strong.action.kind, weak.action.kind))
        if rank is None or (strong.conditional and not weak.conditional and not rank.if_possible):
            return False
        match rank.when:
            case RankWhen.ALWAYS:
                return True
            case RankWhen.TAKEN:
                return strong.taken
            case RankWhen.SIGN_NOW:
                return strong.action.answers is Answers.SIGN_NOW
            case RankWhen.SIGN_TO_COME:
                # Words that themselves say when to stop go together with others that do.
                return strong.action.answers is Answers.SIGN_TO_COME and not weak.action.answers

    def about(self, text_id: str) -> frozenset[str]:
        """Return the drugs that a statement outside the drugs' lines asks something about."""
        action = self.actions.get(text_id)
        return action.drugs if action is not None else frozenset()

    def parts(self, said: Said) -> tuple[_Part, ...]:
        """Return the classified texts of a statement: its sentence, and its action."""
        return tuple(
            _Part(action, said.conditional, said.taken)
            for text_id in (said.text_id, said.action_id)
            if text_id is not None and (action := self.actions.get(text_id)) is not None
        )


def load_actions(ref: Reference, groups: Groups) -> ActionTable:
    """Read the classes of the texts and the ranks of the classes.

    Raises
    ------
    TableError
        If a word of the tables is unknown to the method.
    """
    actions: dict[str, Action] = {}
    ranks: dict[tuple[ActionClass, ActionClass], Rank] = {}
    for row in ref.rows(ActionText):
        actions[row.text_id] = Action(
            row.text_id, row.action_class, row.answers, members(row.drugs, groups), row.text_instead
        )
    for rank in ref.rows(ActionRank):
        ranks[rank.action_class, rank.over] = Rank(rank.when, rank.if_possible)
    return ActionTable(actions, ranks)


def settle_actions(said: Sequence[Said], table: ActionTable) -> tuple[Decision, ...]:
    """Say of each statement what it says beside the others.

    Whether a text is kept depends on which others are said, never on their order. What gives
    way is replaced by its text for that case, which excludes nothing.

    Parameters
    ----------
    said
        All statements of one drug's line; for a statement about a group of drugs, it and
        the lines of these drugs.
    table
        Classes and ranks.

    Examples
    --------
    What to do at a first dose gives way to the advice not to start the drug:

    >>> said = [Said("rule-x", "action-not-started"), Said("rule-y", "action-dose-naive")]
    >>> [decision.action_id for decision in settle_actions(said, table)]
    ['action-not-started', None]
    """
    words = table.strong
    strong = [
        part
        for item in said
        if item.action_id in words or item.text_id in words
        for part in table.parts(item)
        if part.action.text_id in words
    ]
    if not strong:
        return tuple(Decision(item.text_id, item.action_id) for item in said)
    order = list(ActionClass)

    def taker(weak: _Part) -> str | None:
        found = [p.action for p in strong if table.outranks(p, weak)]
        if not found:
            return None
        # A stop first, then the order of the enum; ids only break ties.
        return min(
            found, key=lambda a: (a.kind is not ActionClass.STOP, order.index(a.kind), a.text_id)
        ).text_id

    decisions = []
    for item in said:
        takers = {part.action.text_id: taker(part) for part in table.parts(item)}
        by = next((t for t in takers.values() if t is not None), None)
        text_id, action_id = item.text_id, item.action_id
        if takers.get(text_id) is not None:
            text_id = table.actions[text_id].instead or text_id
        if action_id is not None and takers.get(action_id) is not None:
            action_id = table.actions[action_id].instead
        decisions.append(Decision(text_id, action_id, by))
    return tuple(decisions)


def settle_group(said: Said, lines: Mapping[str, Sequence[Said]], table: ActionTable) -> Decision:
    """Say what a statement about a group of drugs says beside the lines of these drugs.

    Parameters
    ----------
    said
        A statement that stands in no drug's line: about a gene, or about the patient.
    lines
        What is said about each drug.
    table
        Classes and ranks.
    """
    drugs = table.about(said.text_id)
    if not drugs:
        return Decision(said.text_id, said.action_id)
    beside = [
        item
        for drug, line in lines.items()
        if drug in drugs
        for item in line
        if item.action_id in table.strong or item.text_id in table.strong
    ]
    return settle_actions([said, *beside], table)[0]
