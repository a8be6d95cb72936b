"""The closed lists that results made elsewhere are read with.

Every word is one of a closed list: a gene symbol, allele names, a spelling of a phenotype from
the table of phenotype words, a score that the gene can have. What is stated in several forms is
compared.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.hla import HlaNames
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.phenotypes import INDETERMINATE, PhenotypeTable, load_all_phenotypes
from epilepsy_pgx.reference.rows import Gene, OtherGene, PhenotypeWord
from epilepsy_pgx.vocabulary import CallMethod

COLUMNS = ("gene", "diplotype", "phenotype", "activity score")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9-]{1,14}|C\d+orf\d+|mt-[A-Za-z0-9]+")
_STAR = re.compile(r"\*\w[\w.\-≥>=]*(\s*\+\s*\*\w[\w.\-≥>=]*)*|\[.*\]")
_SCORE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?", re.ASCII)
_LIKE_SCORE = re.compile(r"[-+≥≤<>=]*[0-9.,eE]{1,4}|[-+]?(nan|inf)", re.IGNORECASE)
_LIKE_SYMBOL = re.compile(r"[\w. *-]{1,12}")
_SITE_ALLELE = re.compile(r"(rs\d+) (reference|variant) \([ACGT]+\)")
_WITH_SHORT = re.compile(r"(.+?) ?\((.+)\)")
"""A phenotype with its short form: `Poor Metabolizer (PM)`."""
_NEAR = 0.6
_UNLIKE = "a word that is not in the list"
"""Said in place of the word: it may be a name or a date that stands in the wrong column."""


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """A gene result of another laboratory or program.

    Without candidates, phenotype and score it says that the gene could not be called there.
    """

    gene: str
    candidates: tuple[tuple[str, ...], ...]
    """The diplotypes left possible, each as its haplotypes (`*1`, `*36+*10`)."""
    phenotype: str | None
    activity_score: Decimal | None
    source: str
    research: bool = False
    """True for the result of a program that rules nothing out."""

    @property
    def called(self) -> bool:
        """True if it says anything about the gene."""
        return bool(self.candidates or self.phenotype) or self.activity_score is not None


def plain(word: str) -> str:
    """Return a word without case, accents, hyphens and doubled spaces."""
    bare = unicodedata.normalize("NFKD", word)
    bare = "".join(c for c in bare if not unicodedata.combining(c)).casefold()
    return " ".join(re.sub(r"[-_\u2010-\u2015\u2212/.]", " ", bare).split()) or word


def site_allele(name: str) -> str:
    """Return the tables' name of an allele that PharmCAT names by its one site."""
    match = _SITE_ALLELE.fullmatch(name)
    if match is None:
        return name
    return "Reference" if match[2] == "reference" else match[1]


class RefusedError(Exception):
    """A cell that cannot be read: what was found, what was expected, what to do."""

    def __init__(self, column: str, found: str, expected: str, fix: str = ".") -> None:
        super().__init__(found)
        self.column, self.found, self.expected, self.fix = column, found, expected, fix


@dataclass(frozen=True, eq=False)
class OutsideTables:
    """The closed lists that outside results are read with."""

    tables: Mapping[str, PhenotypeTable]
    """Genes that may be called elsewhere."""
    typed: frozenset[str]
    """Loci that are typed."""
    others: frozenset[str]
    """Other genes of result files, which are passed over."""
    words: Mapping[str, tuple[str | None, ...]]
    """Phenotypes by plain spelling; None for a word that states nothing."""
    hla: HlaNames = HlaNames()
    """Loci and allele groups."""

    @property
    def genes(self) -> frozenset[str]:
        """Genes that may be called elsewhere."""
        return frozenset(self.tables)

    def lists(self, name: str) -> bool:
        """Say whether a gene stands in some list."""
        return name in self.tables or name in self.typed or name in self.others

    def silent(self, text: str) -> bool:
        """Say whether a cell states nothing."""
        return not text or text == "." or None in self.words.get(plain(text), ())

    def check_gene(self, name: str) -> bool:
        """Say whether a gene is read here.

        Raises
        ------
        RefusedError
            If the name is no gene symbol, or is probably a misspelt one.
        """
        if name in self.tables or name in self.typed:
            return True
        if name in self.others:
            return False
        known = sorted({*self.tables, *self.typed})
        letters = {re.sub(r"\W|_", "", k).casefold(): k for k in known}
        bare = re.sub(r"\W|_", "", name).casefold()
        near = difflib.get_close_matches(bare, letters, 1, _NEAR)
        if near:
            alone = _LIKE_SYMBOL.fullmatch(name)
            raise RefusedError(
                "gene",
                repr(name) if alone else "a gene and other text in one cell",
                "a gene symbol" if alone else "a gene symbol, followed by a tab",
                f"Did you mean {letters[near[0]]}?",
            )
        if not _SYMBOL.fullmatch(name):
            raise RefusedError(
                "gene",
                _UNLIKE,
                "a gene symbol such as " + known[0],
                "The columns are: " + ", ".join(COLUMNS) + ".",
            )
        return False

    def phenotype(self, gene: str, text: str) -> str:
        """Return CPIC's word for a phenotype of a gene.

        Raises
        ------
        RefusedError
            If the tables know no such spelling, or the gene has no such phenotype.
        """
        table = self.tables[gene]
        word = plain(text)
        word = word.removeprefix(plain(gene)).strip() or word
        named = _WITH_SHORT.fullmatch(word)
        meant = [self._meant(table, w) for w in (named.groups() if named else (word,))]
        if meant[0] is not None and set(meant) == {meant[0]}:
            return meant[0]
        possible = table.words or {p for ps in self.words.values() for p in ps if p is not None}
        allowed = ", ".join(sorted(possible))
        near = [
            p
            for w in difflib.get_close_matches(word, self.words, 5, _NEAR)
            for p in self.words[w]
            if p is not None and p in possible
        ]
        fix = f"Did you mean {near[0]}?" if near else "Write one of these words."
        raise RefusedError(
            "phenotype",
            repr(text[:40]) if near else _UNLIKE,
            f"a phenotype of {gene}: {allowed}",
            fix,
        )

    def _meant(self, table: PhenotypeTable, word: str) -> str | None:
        """Return the one phenotype of a gene that a plain word stands for."""
        meant = [p for p in self.words.get(word, ()) if p is not None]
        fitting = [p for p in meant if not table.words or p in table.words]
        return fitting[0] if len(fitting) == 1 or (fitting and not table.words) else None

    def score(self, gene: str, text: str) -> Decimal:
        """Return an activity score.

        Raises
        ------
        RefusedError
            If it is no number, or none that the gene can have.
        """
        table = self.tables[gene]
        if not _SCORE.fullmatch(text):
            raise RefusedError(
                "activity score",
                repr(text)
                if _LIKE_SCORE.fullmatch(text)
                else "something other than a plain number",
                "a number with a decimal point, such as 1.5",
            )
        if table.method != "activity_score":
            raise RefusedError(
                "activity score",
                "a score",
                f"none: {gene} has no activity score",
                "Give its diplotype or phenotype, and leave this cell empty.",
            )
        value = Decimal(text)
        if not table.phenotypes_of(value):
            near = sorted(sorted(table.scores, key=lambda s: abs(s - value))[:2])
            raise RefusedError(
                "activity score",
                repr(text),
                f"a score that {gene} can have",
                f"The nearest are {' and '.join(format(s, 'f') for s in near)}.",
            )
        return value

    def candidates(self, gene: str, text: str) -> tuple[tuple[str, ...], ...]:
        """Return the diplotypes that a cell leaves possible, each as its two haplotypes.

        Raises
        ------
        RefusedError
            If one is not two allele names.
        """
        found = []
        for part in text.split(" OR "):
            sides = [site_allele(s.strip().removeprefix(gene).strip(" :")) for s in part.split("/")]
            known = self.tables[gene]
            if len(sides) != 2 or not all(known.reads(s) or _STAR.fullmatch(s) for s in sides):
                example = "/".join(known.named[:1] * 2)
                raise RefusedError(
                    "diplotype",
                    "a cell that is not two alleles of the gene",
                    f"two names with a slash, such as {example}",
                )
            found.append(tuple(sides))
        return tuple(dict.fromkeys(found))

    def compare(self, call: OutsideCall) -> None:
        """Compare what one row states in several forms.

        Raises
        ------
        RefusedError
            If two of them contradict each other by the tables.
        """
        table, fix = self.tables[call.gene], "Keep what the laboratory stands by."
        made = [table.resolve(pair) for pair in call.candidates]
        words = {m.phenotype for m in made if m.phenotype is not None}
        scores = {m.score for m in made}
        value, stated = call.activity_score, call.phenotype
        if value is not None and made and None not in scores and value not in scores:
            raise RefusedError(
                "activity score",
                "a score that is not that of the diplotype",
                "statements that agree",
                fix,
            )
        if stated is None or stated == INDETERMINATE:
            return
        if words and INDETERMINATE not in words and not any(_alike(stated, w) for w in words):
            raise RefusedError(
                "phenotype",
                "a phenotype that is not that of the diplotype",
                "statements that agree",
                fix,
            )
        if value is not None and not any(_alike(stated, w) for w in table.phenotypes_of(value)):
            raise RefusedError(
                "phenotype",
                "a phenotype that is not that of the activity score",
                "statements that agree",
                fix,
            )


def _alike(one: str, other: str) -> bool:
    """Say whether two phenotypes differ at most in how sure they are (`Likely …`)."""
    return one.endswith(other) or other.endswith(one)


def load_outside_tables(ref: Reference) -> OutsideTables:
    """Return the lists of a data package."""
    words: dict[str, tuple[str | None, ...]] = {}
    for row in ref.rows(PhenotypeWord):
        key = plain(row.word)
        words[key] = tuple(dict.fromkeys((*words.get(key, ()), row.phenotype)))
    genes = ref.rows(Gene)
    typed = frozenset(r.gene for r in genes if r.call_method is CallMethod.TYPING)
    tables = load_all_phenotypes(ref)
    others = {r.gene for r in genes} | {r.gene for r in ref.rows(OtherGene)}
    return OutsideTables(
        tables, typed, frozenset(others - typed - tables.keys()), words, HlaNames.of(ref)
    )
