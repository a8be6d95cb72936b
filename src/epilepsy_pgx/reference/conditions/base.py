"""What a kind of condition is.

Each row of `drug_rule_conditions` names a kind, a subject, an operator and a value; all
conditions of a rule must hold. A condition on something that was not assessed does not hold,
except where its row says that a missing entry counts as possible.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from epilepsy_pgx.clinical_entry import ENTRY_WORDS, Column
from epilepsy_pgx.errors import PgxError, TableError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.conditions.patient import Facts
from epilepsy_pgx.reference.conditions.verdict import Verdict
from epilepsy_pgx.reference.rows import (
    Allele,
    Drug,
    EntryWord,
    Gene,
    HlaAllele,
    RuleCondition,
    Sign,
    SiteAllele,
    Syndrome,
)
from epilepsy_pgx.vocabulary import CallMethod

if TYPE_CHECKING:
    from epilepsy_pgx.reference.checks.genotypes import Diplotypes
    from epilepsy_pgx.reference.checks.registry import Package

Condition = Callable[[Facts, str], Verdict]
"""Asked with the facts and the drug the rule is about."""

Groups = Mapping[str, frozenset[str]]
"""Members of each drug group."""

SELF = "self"
"""Subject of a condition about the rule's own drug."""


def members(words: tuple[str, ...], groups: Groups) -> frozenset[str]:
    """Return the drugs that a list of drugs and `@group` words names."""
    drugs: set[str] = set()
    for word in words:
        if word.startswith("@"):
            drugs |= groups.get(word[1:], frozenset())
        else:
            drugs.add(word)
    return frozenset(drugs)


def read_groups(rows: Iterable[Drug]) -> dict[str, frozenset[str]]:
    """Return the drugs of each group of the drugs table."""
    groups: dict[str, set[str]] = {}
    for row in rows:
        for group in row.groups:
            groups.setdefault(group, set()).add(row.drug)
    return {name: frozenset(drugs) for name, drugs in groups.items()}


def bad_row(row: RuleCondition, column: str, expected: str) -> PgxError:
    """Return the error for a condition that cannot be understood."""
    return TableError.one(
        "rule-condition",
        file=row.file,
        line=row.line,
        column=column,
        found=str(row.cells()[column]),
        expected=expected,
        fix="Correct the row.",
    )


def _words_by(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, word in pairs:
        found.setdefault(key, set()).add(word)
    return {key: frozenset(words) for key, words in found.items()}


@dataclass(frozen=True)
class Tables:
    """The other tables of a data package, as the check of a condition asks for them."""

    package: "Package"

    @cached_property
    def diplotypes(self) -> "dict[str, Diplotypes]":
        """Every diplotype that a gene with named alleles can have."""
        from epilepsy_pgx.reference.checks.genotypes import read_diplotypes

        return self.package.once(read_diplotypes)

    @cached_property
    def groups(self) -> dict[str, frozenset[str]]:
        """Members of each drug group."""
        return read_groups(self.package.rows(Drug))

    @cached_property
    def genes(self) -> dict[str, CallMethod]:
        """How each gene is read."""
        return {row.gene: row.call_method for row in self.package.rows(Gene)}

    @cached_property
    def alleles(self) -> dict[str, frozenset[str]]:
        """Alleles of each gene, named or typed."""
        named = [(row.gene, row.allele) for row in self.package.rows(Allele)]
        return _words_by([*named, *((r.gene, r.allele) for r in self.package.rows(HlaAllele))])

    @cached_property
    def bases(self) -> dict[str, frozenset[str]]:
        """Bases that may stand at each curated position."""
        return _words_by((row.site, row.allele) for row in self.package.rows(SiteAllele))

    def of_vocabulary(self, field: Column) -> frozenset[str]:
        """Return the words of a table that lists the answers of a field of the clinical entry."""
        if field.table == ENTRY_WORDS:
            rows = self.package.rows(EntryWord)
            return frozenset(row.word for row in rows if row.column == field.name)
        return {Sign.TABLE: self.signs, Syndrome.TABLE: self.syndromes}[field.table]

    def ways(self, column: str) -> frozenset[str]:
        """Return the words for how a drug is given, or for its form."""
        return frozenset(r.word for r in self.package.rows(EntryWord) if r.column == column)

    @cached_property
    def signs(self) -> frozenset[str]:
        """Words for signs of a reaction."""
        return frozenset(row.sign for row in self.package.rows(Sign))

    @cached_property
    def syndromes(self) -> frozenset[str]:
        """Words for syndromes."""
        return frozenset(row.syndrome for row in self.package.rows(Syndrome))

    @cached_property
    def _drug_words(self) -> frozenset[str]:
        drugs = {row.drug for row in self.package.rows(Drug)}
        return frozenset(drugs | {f"@{group}" for group in self.groups})

    def lost_drugs(self, words: tuple[str, ...], *, itself: bool = True) -> str | None:
        """Return what a subject of drugs should be if a word of it is no drug or group.

        Parameters
        ----------
        itself
            Whether `self`, the rule's own drug, may stand there.
        """
        known = self._drug_words | ({SELF} if itself else frozenset())
        return lost_words(words, known, "drugs or @groups of drugs.tsv")


def lost_words(values: Iterable[str], known: Iterable[str], what: str) -> str | None:
    """Return what values should be if some are not among the known ones, else None."""
    lost = sorted(set(values) - set(known))
    return f"{what} ({', '.join(lost)} is none)" if lost else None


class ConditionKind(ABC):
    """One kind of condition: its form, what its rows may say, and the question they ask.

    The first sentence of a class says what is asked; the documents show it.
    """

    name: ClassVar[str]
    """The word of the column `kind`."""
    operators: ClassVar[tuple[str, ...]]
    subject: ClassVar[str]
    """What the column `subject` names, in a few words."""
    value: ClassVar[str]
    """What the column `value` holds, in a few words."""
    of_results: ClassVar[bool] = False
    """True if `keys` looks at results alone, so that they hold beside any clinical entry."""
    of_lists: ClassVar[bool] = False
    """True if the lists of drugs, signs, weight and day of the entry alone answer it."""
    genotypic: ClassVar[bool] = False
    """True if it is answered by the star alleles of a gene."""
    valueless: ClassVar[tuple[str, ...]] = ()
    """Those of the operators that compare with nothing."""
    heeds_missing: ClassVar[bool] = False
    """True if `if_missing` counts: the clinical entry may leave open what is asked."""

    @abstractmethod
    def lost_subject(self, row: RuleCondition, tables: Tables) -> str | None:
        """Return what the subject of a row should be if there is no such thing, else None."""

    @abstractmethod
    def problem(self, row: RuleCondition, tables: Tables) -> str | None:
        """Return what the value of a row should be if nothing can meet it as it is, else None.

        When this is asked, the operator is one of `operators`, the subject exists, and there is
        a value if and only if the operator compares with one.
        """

    @abstractmethod
    def question(self, row: RuleCondition, groups: Groups) -> Condition:
        """Return the question that a row asks.

        Raises
        ------
        TableError
            If a word of the row is not one that the kind knows.
        """

    def triggers(self, row: RuleCondition, groups: Groups) -> frozenset[str] | None:
        """Return keys of which a patient must have one for a row to hold; None if any may."""
        return None

    def keys(self, facts: Facts) -> Iterable[str]:
        """Return what a patient has, in the words of `triggers`."""
        return ()

    def diplotypes(self, row: RuleCondition, table: "Diplotypes") -> set[int] | None:
        """Return the diplotypes of the gene for which a row holds; None if they do not decide."""
        return None

    def negative(self, row: RuleCondition) -> bool:
        """Say whether a row waits for a negative or normal result."""
        return False
