"""What two alleles make: the one place where phenotype and activity score are worked out.

The caller, outside results, explanations, co-medication and the table checks all ask here, so
that one diplotype has one phenotype wherever it comes from.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from itertools import combinations_with_replacement, product

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.genetics import Diplotype
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ALLELES_BY_GENE,
    PHENOTYPES_BY_GENE,
    Allele,
    Gene,
    PhenotypeRule,
)
from epilepsy_pgx.vocabulary import CallMethod

INDETERMINATE = "Indeterminate"
"""CPIC's word where an allele has no assigned function; also used for an allele without a name."""
NO_FUNCTION = "No function"
FULL = ("Increased function", "Normal function")
REDUCED = ("Decreased function", NO_FUNCTION)
KNOWN = (*FULL, *REDUCED)
"""Functions that say what an allele does, from the highest to the lowest."""
UNASSIGNED = "."
"""Function of an allele to which the tables assign none."""
UNDEFINED = "UNDEFINED"
"""Stands for a haplotype that no definition explains."""
_NOT_DEFINED = "not defined"

MOST_SCORE = Decimal(20)
"""No more is read as an activity score, however many copies there are."""

_COPIES = re.compile(r"(\*[^x≥>]+)(x?(?:≥|>=)|x)(\d+)")
_SUBALLELE = re.compile(r"(\*\d+)\.\d{3}")
"""PharmVar's name of a suballele, which has the function of its core allele."""
_MOST_COPIES = 3
"""Copies on one chromosome that a phenotype stated without a diplotype is taken to allow."""


@cache
def allele_order(allele: str) -> tuple[int, float, str]:
    """Sort key of one allele name."""
    if allele == UNDEFINED:
        return (2, 0.0, allele)
    digits = allele.lstrip("*").split("+")[0]
    number = ""
    for letter in digits:
        if letter.isdigit() or (letter == "." and number):
            number += letter
        else:
            break
    try:
        return (0, float(number), allele)
    except ValueError:
        return (1, 0.0, allele)


@dataclass(frozen=True, slots=True)
class Haplotype:
    """The gene copies of one chromosome."""

    name: str
    """Its copies from the highest number to the lowest, equal ones counted: `*36+*10`, `*2x2`."""
    function: str
    """The function that the table gives to its working copies together; `.` if it gives none."""
    score: Decimal | None
    """The sum over its copies; None if one has no value."""
    working: int = 1
    """Copies that may have a function."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one diplotype means."""

    diplotype: Diplotype
    phenotype: str | None
    """None where the tables give the gene no phenotypes."""
    score: Decimal | None
    functions: tuple[str, str]
    """Sorted."""


@dataclass(frozen=True, eq=False)
class PhenotypeTable:
    """How one gene's alleles combine."""

    gene: str
    method: str
    """`function_pair`, `activity_score` or `none`."""
    functions: Mapping[str, str]
    """By allele; `.` for one without an assigned function."""
    values: Mapping[str, Decimal | None]
    pairs: Mapping[tuple[str, str], tuple[str, Decimal | None]]
    """Sorted pair of functions -> (phenotype, activity score)."""
    bands: tuple[tuple[Decimal, Decimal | None, str], ...]
    """(lowest score, highest score or None, phenotype), from the lowest on."""
    named: tuple[str, ...]
    """Alleles under whose names results are reported."""
    deletions: frozenset[str] = frozenset()
    copies: bool = False
    """True if a structural allele is core: the number of copies varies, and `+` and `x` count."""
    limits: tuple[str, ...] = ()
    """Text ids of what a small-variant file cannot see in this gene."""

    @cached_property
    def words(self) -> frozenset[str]:
        """Every phenotype that the tables give the gene; empty if they give none."""
        found = {word for word, _ in self.pairs.values()} | {word for _, _, word in self.bands}
        return frozenset(found | {INDETERMINATE}) if found else frozenset()

    @cached_property
    def _joined(self) -> dict[tuple[str, ...], str]:
        """Alleles whose one name has a `+`, by their parts in any order."""
        return {tuple(sorted(a.split("+"))): a for a in self.functions if "+" in a}

    def single(self, name: str) -> str | None:
        """Return the allele that a text names without copies, or None."""
        name = name.strip()
        if name in self.functions:
            return name
        core = _SUBALLELE.fullmatch(name)
        if core is not None and core[1] in self.functions:
            return core[1]
        return self._joined.get(tuple(sorted(p.strip() for p in name.split("+"))))

    def reads(self, text: str) -> bool:
        """Say whether every copy that a text names is an allele of the tables."""
        if self.single(text) is not None:
            return True
        parts = (_COPIES.fullmatch(p.strip()) for p in text.split("+"))
        names = (m[1] if m else p for m, p in zip(parts, text.split("+"), strict=True))
        return self.copies and all(self.single(name) is not None for name in names)

    def without_copies(self, text: str) -> str:
        """Return the name of one side of a diplotype without the number of its copies."""
        return text if "+" in text else _COPIES.sub(r"\1", text)

    @cached_property
    def _read(self) -> dict[str, Haplotype]:
        return {}

    def haplotype(self, text: str) -> Haplotype:
        """Read one side of a diplotype: an allele, or copies of a gene whose copies vary."""
        if text not in self._read:
            self._read[text] = self._haplotype(text)
        return self._read[text]

    def _haplotype(self, text: str) -> Haplotype:
        allele = self.single(text)
        if allele is not None:
            return self._one(allele)
        if text == UNDEFINED:
            return Haplotype(text, _NOT_DEFINED, None)
        if not self.copies:
            return Haplotype(text.strip(), UNASSIGNED, None)
        found: dict[str, int] = {}
        exact = True
        for part in text.split("+"):
            match = _COPIES.fullmatch(part.strip())
            name, number = (match[1], int(match[3])) if match else (part.strip(), 1)
            name = self.single(name) or name
            exact = exact and name.startswith("*") and (match is None or match[2] == "x")
            found[name] = found.get(name, 0) + number
        score: Decimal | None = Decimal(0)
        functions: set[str] = set()
        working = 0
        for name, number in found.items():
            one = self._one(name)
            score = None if score is None or one.score is None else score + one.score * number
            if one.function != NO_FUNCTION:
                functions.add(one.function)
                working += number
        together = functions or {NO_FUNCTION}
        ordered = sorted(found, key=allele_order, reverse=True)
        shown = (
            text.strip()
            if not exact
            else "+".join(f"{name}x{found[name]}" if found[name] > 1 else name for name in ordered)
        )
        function = together.pop() if len(together) == 1 else UNASSIGNED
        return Haplotype(shown, function, score, working)

    def _one(self, allele: str) -> Haplotype:
        function = self.functions.get(allele, UNASSIGNED)
        return Haplotype(allele, function, self.values.get(allele), int(function != NO_FUNCTION))

    @cached_property
    def _resolved(self) -> dict[tuple[str, ...], Resolved]:
        return {}

    def resolve(self, sides: Sequence[str]) -> Resolved:
        """Return what a diplotype means.

        Raises
        ------
        TableError
            If the table has no row for a pair of functions in use.
        """
        key = tuple(sides)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(key)
        return self._resolved[key]

    def _resolve(self, sides: Sequence[str]) -> Resolved:
        made = sorted((self.haplotype(s) for s in sides), key=lambda h: allele_order(h.name))
        shown = Diplotype(tuple(h.name for h in made))
        functions = sorted(h.function for h in made)
        both = (functions[0], functions[-1])
        known = [h.score for h in made if h.score is not None]
        score = sum(known, Decimal(0)) if len(known) == len(made) else None
        if self.method == "none":
            return Resolved(shown, None, score, both)
        if len(made) != 2:
            return Resolved(shown, INDETERMINATE, None, both)
        if self.bands:
            word = self.band(score) if score is not None else None
            return Resolved(shown, word or INDETERMINATE, score, both)
        # A pair of functions says nothing of a chromosome with several working copies.
        if {UNASSIGNED, _NOT_DEFINED} & {*both} or any(h.working > 1 for h in made):
            return Resolved(shown, INDETERMINATE, None, both)
        if both not in self.pairs:
            raise TableError.one(
                "phenotype-exists",
                file="phenotypes.tsv",
                found=f"no phenotype for {self.gene} {both[0]} with {both[1]}",
                expected="one row for each pair of functions in use",
                fix="Add the row.",
            )
        phenotype, listed = self.pairs[both]
        return Resolved(shown, phenotype, score if listed is None else listed, both)

    def band(self, score: Decimal) -> str | None:
        """Return the phenotype in whose band a score lies, or None."""
        for low, high, word in self.bands:
            if score >= low and (high is None or score <= high):
                return word
        return None

    def band_of_product(self, score: Decimal) -> str | None:
        """Return the phenotype of a score that a factor changed.

        Products of factors fall between published bands; a gap belongs to the band below it,
        unless that band is a single score.
        """
        below: tuple[Decimal, Decimal | None, str] | None = None
        for band in self.bands:
            low, high, word = band
            if low <= score and (high is None or score <= high):
                return word
            if low > score:
                point = below is None or below[0] == below[1]
                return word if point or below is None else below[2]
            below = band
        return below[2] if below else None

    @cached_property
    def diplotypes(self) -> tuple[Resolved, ...]:
        """Every pair of named alleles."""
        return tuple(self.resolve(p) for p in combinations_with_replacement(self.named, 2))

    @cached_property
    def scores(self) -> frozenset[Decimal]:
        """Every score that two alleles can have, with some copies where copies vary."""
        numbers = range(1, (_MOST_COPIES if self.copies else 1) + 1)
        sides = {v * n for v in self.values.values() if v is not None for n in numbers}
        listed = {score for _, score in self.pairs.values() if score is not None}
        sums = {a + b for a, b in product(sides, repeat=2)}
        return frozenset(sums | listed) if self.method == "activity_score" else frozenset()

    def phenotypes_of(self, score: Decimal) -> tuple[str, ...]:
        """Return the phenotypes that a score can mean; empty for one that nothing has."""
        if not score.is_finite():
            return ()
        if self.bands:
            step = min((v for v in self.values.values() if v), default=Decimal(1))
            if score > MOST_SCORE or score % step or not (self.copies or score in self.scores):
                return ()
            word = self.band(score)
            return () if word is None else (word,)
        return tuple(dict.fromkeys(word for word, listed in self.pairs.values() if listed == score))

    def scores_of(self, phenotype: str) -> tuple[Decimal, ...]:
        """Return the scores that a phenotype can have, ascending."""
        return tuple(sorted(s for s in self.scores if phenotype in self.phenotypes_of(s)))

    def behind(self, phenotypes: Iterable[str], scores: Iterable[Decimal]) -> tuple[Resolved, ...]:
        """Return the diplotypes that some of these phenotypes and of these scores can be.

        No scores given means that any will do; the same for phenotypes.
        """
        words, numbers = frozenset(phenotypes), frozenset(scores)
        return tuple(
            d
            for d in self.diplotypes
            if (not words or d.phenotype in words) and (not numbers or d.score in numbers)
        )

    def partners(self, function: str) -> tuple[tuple[str, Decimal | None], ...]:
        """Return what a function makes beside each known one: (phenotype, score)."""
        return tuple(
            dict.fromkeys(found for other in KNOWN for found in self._combined(function, other))
        )

    def beside_none(self, function: str) -> tuple[tuple[str, Decimal | None], ...]:
        """Return what a function makes beside an allele without function."""
        return self._combined(function, NO_FUNCTION)

    def _combined(self, one: str, other: str) -> tuple[tuple[str, Decimal | None], ...]:
        if not self.bands:
            first, second = sorted((one, other))
            found = self.pairs.get((first, second))
            return () if found is None else (found,)
        sums = {a + b for a, b in product(self._values_of(one), self._values_of(other))}
        words = ((self.band(score), score) for score in sorted(sums, reverse=True))
        return tuple((word, score) for word, score in words if word is not None)

    def _values_of(self, function: str) -> set[Decimal]:
        return {
            value
            for allele, value in self.values.items()
            if value is not None and self.functions[allele] == function
        }

    @cached_property
    def lowest(self) -> frozenset[str]:
        """Phenotypes that the loss of one more copy does not change."""
        return frozenset(word for word, _ in self.beside_none(NO_FUNCTION))

    @cached_property
    def working(self) -> frozenset[str]:
        """Phenotypes of two alleles that both work in full."""
        both = combinations_with_replacement(FULL, 2)
        found = {self.pairs[pair][0] for pair in both if pair in self.pairs}
        full = {v for function in FULL for v in self._values_of(function)}
        if self.bands and full:
            least = 2 * min(full)
            found |= {word for _, high, word in self.bands if high is None or high >= least}
        return frozenset(found)


def read_phenotypes(
    gene: Gene, alleles: Iterable[Allele], phenotypes: Iterable[PhenotypeRule]
) -> PhenotypeTable:
    """Return the table of one gene from its rows."""
    listed = tuple(alleles)
    pairs: dict[tuple[str, str], tuple[str, Decimal | None]] = {}
    bands: list[tuple[Decimal, Decimal | None, str]] = []
    for row in phenotypes:
        if row.function_1 and row.function_2:
            first, second = sorted((row.function_1, row.function_2))
            pairs[first, second] = (row.phenotype, row.activity_score)
        elif row.score_from is not None:
            bands.append((row.score_from, row.score_to, row.phenotype))
    # Suballeles are defined one by one and reported, and known elsewhere, by their parent's name.
    every = [(name, r) for r in listed for name in dict.fromkeys((r.allele, r.reported_as))]
    return PhenotypeTable(
        gene.gene,
        gene.phenotype_method,
        {name: r.function or UNASSIGNED for name, r in every},
        {name: r.activity_value for name, r in every},
        pairs,
        tuple(sorted(bands, key=lambda b: b[0])),
        tuple(dict.fromkeys(r.reported_as for r in listed)),
        frozenset(r.allele for r in listed if r.structural_kind == "deletion"),
        any(r.structural and r.tier == "core" for r in listed),
        gene.limits,
    )


def load_phenotypes(ref: Reference, gene: Gene) -> PhenotypeTable:
    """Read the table of one gene of a data package."""
    return read_phenotypes(
        gene,
        ref.grouped(ALLELES_BY_GENE).get(gene.gene, ()),
        ref.grouped(PHENOTYPES_BY_GENE).get(gene.gene, ()),
    )


@lru_cache(maxsize=4)
def load_all_phenotypes(ref: Reference) -> Mapping[str, PhenotypeTable]:
    """Read the table of each gene that is called by named alleles; once for a package."""
    return {
        gene.gene: load_phenotypes(ref, gene)
        for gene in ref.rows(Gene)
        if gene.call_method is CallMethod.DIPLOTYPE
    }
