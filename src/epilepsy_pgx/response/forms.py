"""What is said instead of a text: of a drug in use, under signs now, beside a variant."""

from collections.abc import Collection, Mapping
from dataclasses import field
from functools import cached_property

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.conditions.patient import PERHAPS
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ActionText, TextForm
from epilepsy_pgx.reference.rows.words import FormWhen
from epilepsy_pgx.vocabulary import ActionClass

SIGNS_NOW = "action-signs-now"
"""What to do about a drug that is taken under signs of a reaction."""


@dataclass(frozen=True)
class TextForms:
    """The other forms of texts, by the text that they stand for."""

    taken: Mapping[str, str] = field(default_factory=dict)
    """For a drug that the medication list names."""
    not_taken: Mapping[str, str] = field(default_factory=dict)
    """For a drug that is not on the medication list, which was given."""
    signs: Mapping[str, tuple[tuple[frozenset[str], str], ...]] = field(default_factory=dict)
    """Signs, or conditions, that make certain what a text warns of, and what is said then; a stop
    first."""
    variant: Mapping[str, str] = field(default_factory=dict)
    """For a report that shows a pathogenic variant."""
    free: Mapping[str, str] = field(default_factory=dict)
    """For a drug under which no seizure came for a year."""
    lately: Mapping[str, str] = field(default_factory=dict)
    """For a drug that is known to be taken for less than a year."""
    unmedicated: Mapping[str, str] = field(default_factory=dict)
    """For a patient whose medication list is empty."""
    harmed: Mapping[str, str] = field(default_factory=dict)
    """For a drug that signs, a level or its own line hold back."""
    kin: Mapping[str, str] = field(default_factory=dict)
    """For a drug that reacted under another name: as one that is the same in the body."""

    answers: frozenset[str] = frozenset()
    """What is said of signs that the patient has now, or of a condition that is itself urgent."""
    conditions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By text, the conditions beside which it is another one."""
    urgent: frozenset[str] = frozenset()
    """What is urgent because of such a condition, and of nothing else."""

    @cached_property
    def beside(self) -> frozenset[str]:
        """All conditions beside which some text is another one."""
        return frozenset[str]().union(*self.conditions.values())

    def in_use(self, text_id: str) -> str:
        """Return what a text is for a drug that is taken."""
        return self.taken.get(text_id, text_id)

    def under(self, text_id: str, signs: Collection[str]) -> str:
        """Return what a text is for a patient who has some signs or conditions now."""
        for wanted, said in self.signs.get(text_id, ()):
            if not wanted.isdisjoint(signs):
                return said
        return text_id

    def differs_beside_variant(self, text_id: str) -> bool:
        """Say whether a text may be another one in a report that shows a pathogenic variant."""
        under_signs = (said for _, said in self.signs.get(text_id, ()))
        return any(said in self.variant for said in (text_id, *under_signs))


def load_forms(ref: Reference) -> TextForms:
    """Read the other forms of texts."""
    taken: dict[str, str] = {}
    not_taken: dict[str, str] = {}
    signs: dict[str, list[tuple[frozenset[str], str]]] = {}
    variant: dict[str, str] = {}
    answers: set[str] = set()
    conditions: dict[str, frozenset[str]] = {}
    hurried: set[str] = set()
    free: dict[str, str] = {}
    lately: dict[str, str] = {}
    unmedicated: dict[str, str] = {}
    harmed: dict[str, str] = {}
    kin: dict[str, str] = {}
    urgent = {r.text_id for r in ref.rows(ActionText) if r.action_class is ActionClass.URGENT}
    for row in ref.rows(TextForm):
        match row.when:
            case FormWhen.TAKEN:
                taken[row.text_id] = row.text_said
            case FormWhen.NOT_TAKEN:
                not_taken[row.text_id] = row.text_said
            case FormWhen.SIGN:
                signs.setdefault(row.text_id, []).append((frozenset(row.signs), row.text_said))
                answers.add(row.text_said)
            case FormWhen.SYNDROME | FormWhen.SYNDROME_POSSIBLE:
                mark = PERHAPS * (row.when is FormWhen.SYNDROME_POSSIBLE)
                words = frozenset(word + mark for word in row.syndromes)
                signs.setdefault(row.text_id, []).append((words, row.text_said))
                # A condition is no reaction: of a drug that is not taken nothing is urgent.
                conditions[row.text_id] = conditions.get(row.text_id, frozenset()).union(
                    row.syndromes
                )
                hurried.update({row.text_said} & urgent)
            case FormWhen.VARIANT:
                variant[row.text_id] = row.text_said
            case FormWhen.FREE:
                free[row.text_id] = row.text_said
            case FormWhen.LATELY:
                lately[row.text_id] = row.text_said
            case FormWhen.UNMEDICATED:
                unmedicated[row.text_id] = row.text_said
            case FormWhen.HARMED:
                harmed[row.text_id] = row.text_said
            case FormWhen.KIN:
                kin[row.text_id] = row.text_said
    return TextForms(
        taken,
        not_taken,
        # Whoever has signs of both kinds is told to stop.
        {i: tuple(sorted(said, key=lambda s: s[1] != SIGNS_NOW)) for i, said in signs.items()},
        variant,
        free,
        lately,
        unmedicated,
        harmed,
        kin,
        frozenset(answers | hurried),
        conditions,
        frozenset(hurried),
    )
