"""A fact that the clinical entry can hold in two columns: entered in one, it is heard in both.

A rule asks one column. Whoever enters the same fact in another one must not lose the rule, so the
table `entry_equivalents` says which words stand for which.
"""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from functools import cached_property

from epilepsy_pgx.clinical_entry import SUBJECTS, ClinicalEntry
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.conditions.patient import PERHAPS
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, EntryEquivalent
from epilepsy_pgx.vocabulary import FailureReason

_HARMS = (
    FailureReason.SEVERE_SKIN,
    FailureReason.LIVER,
    FailureReason.PANCREATITIS,
    FailureReason.RASH,
    FailureReason.WORSENED,
)
"""Harm that a drug shares with those that are the same drug in the body."""

Answer = tuple[str, ...] | Decimal | None
"""What a column holds for a condition."""
Heard = tuple[str, str, str]
"""A word as it is heard, the column in which it was entered, and the word there."""


@dataclass(frozen=True)
class Equivalents:
    """What a word of one column is heard as in others."""

    by_word: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    """By column and word, the columns and words as which it is heard; a word that is only
    possible ends with a question mark."""
    kin: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By drug, all that are the same drug in the body: what one did, any of them does."""

    def same(self, drug: str) -> frozenset[str]:
        """Return a drug with those that it becomes, or that become it, in the body."""
        return self.kin.get(drug) or frozenset({drug})

    def kin_alone(self, drug: str, failed: Mapping[FailureReason, frozenset[str]]) -> bool:
        """Say whether reactions on record are all to another drug that is this one in the body."""
        found = [names for reason, names in failed.items() if reason in _HARMS]
        harmed = self.same(drug).intersection(frozenset[str]().union(*found))
        return bool(harmed) and drug not in harmed

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of whose words some are heard elsewhere too."""
        return tuple(dict.fromkeys(column for column, _ in self.by_word))

    def of(self, entry: ClinicalEntry) -> Mapping[str, tuple[Heard, ...]]:
        """Return, by column, what other columns of an entry say of it."""
        found: dict[str, list[Heard]] = {}
        for column in self.columns:
            words = entered(entry, column)
            for word in words if isinstance(words, tuple) else ():
                for about, heard in self.by_word.get((column, word), ()):
                    found.setdefault(about, []).append((heard, column, word))
        return {column: tuple(heard) for column, heard in found.items()}


NOTHING_ELSE = Equivalents({})


def entered(entry: ClinicalEntry, name: str) -> Answer:
    """Return what a column itself holds; several words as a tuple, None if it was not given."""
    value = getattr(entry, SUBJECTS[name].attribute)
    if value is None or isinstance(value, tuple):
        return value or None
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return value if isinstance(value, Decimal) else (str(value),)


def with_others(value: Answer, heard: tuple[Heard, ...]) -> Answer:
    """Return what a column holds with what others say of it; what is certain stands alone."""
    if not heard or isinstance(value, Decimal):
        return value
    own = value or ()
    words = dict.fromkeys((*own, *(word for word, *_ in heard if not word.endswith(PERHAPS))))
    maybe = (w for w, *_ in heard if w.endswith(PERHAPS) and w.removesuffix(PERHAPS) not in words)
    return (*words, *dict.fromkeys(maybe))


def load_equivalents(ref: Reference) -> Equivalents:
    """Return the words that are heard in another column than their own."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in ref.rows(EntryEquivalent):
        if row.heard == "apart":
            continue
        mark = PERHAPS * (row.heard == "possible")
        heard = [(row.as_column, word + mark) for word in row.as_words]
        for word in row.words:
            found.setdefault((row.column, word), []).extend(heard)
    return Equivalents({key: tuple(words) for key, words in found.items()}, load_kin(ref))


def load_kin(ref: Reference) -> dict[str, frozenset[str]]:
    """Return, by drug, all that are the same drug in the body; drugs without such are left out."""
    found: dict[str, set[str]] = {}
    for row in ref.rows(Drug):
        if row.measured_as:
            found.setdefault(row.measured_as, {row.measured_as}).add(row.drug)
    return {drug: frozenset(same) for same in found.values() for drug in same}
