"""What the tables know of a variant, of its residue, and of the aligned residues of its family.

The position of a residue never gives a direction: features and aligned residues are context.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import Alias, ClassificationRecord, FunctionalEvidence
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    FEATURES_BY_GENE,
    AlignedProtein,
    ClassifiedVariant,
    FunctionalEffect,
    IsoformNumbering,
)
from epilepsy_pgx.statement import Evidence
from epilepsy_pgx.variants.consequence import TRUNCATING
from epilepsy_pgx.variants.implied import possible_changes, read_substitution
from epilepsy_pgx.vocabulary import Classification, Direction, GenomeBuild, Relation

NOT_IN_TABLE = "direction-basis-none"
"""The text that no test of a variant is in the tables."""

Spelled = tuple[str, int, str, str]
"""Chromosome, 1-based position, REF and ALT."""

_DECIDED = frozenset({Direction.LOSS, Direction.GAIN, Direction.MIXED, Direction.CONFLICTING})


@dataclass(frozen=True, slots=True)
class KnownVariant:
    """A row of the classified variants."""

    name: str
    gene: str
    coding: str | None
    protein_name: str | None
    consequence: tuple[str, ...]
    """Terms as published, on any transcript of the gene."""
    record: ClassificationRecord | None

    @property
    def protein(self) -> ProteinChange | None:
        """The protein change, read from its name."""
        return None if self.protein_name is None else ProteinChange.read(self.protein_name)


@dataclass(frozen=True, slots=True)
class Isoform:
    """An isoform with other numbering, in use in the literature."""

    label: str
    first: int
    last: int | None
    """Bounds, in c. numbers of the main transcript, between which the numbers are shifted."""
    shift: int
    """Coding bases that the isoform counts more."""


class EvidenceTables:
    """The curated tables on variants, indexed for one build: `load_evidence` gives the one."""

    def __init__(self, ref: Reference, build: GenomeBuild) -> None:
        """Take the data package; tables are read when first asked for."""
        self._ref = ref
        self._build = build

    @cached_property
    def listed(self) -> dict[Spelled, list[ClassifiedVariant]]:
        """Rows of the classified variants by chromosome, position, REF and ALT, as spelled there.

        Most are looked up by nobody, so what they say is read when it is asked for.
        """
        found: dict[Spelled, list[ClassifiedVariant]] = {}
        for row in self._ref.rows(ClassifiedVariant):
            place = row.place(self._build)
            if place is not None:
                found.setdefault((row.chrom, *place), []).append(row)
        return found

    def known(self, spelled: Spelled) -> tuple[KnownVariant, ...]:
        """Return what the classified variants say of a variant, as the table spells it."""
        return tuple(map(_known, self.listed.get(spelled, ())))

    @cached_property
    def _functional(self) -> dict[tuple[str, int], tuple[FunctionalEvidence, ...]]:
        found: dict[tuple[str, int], list[FunctionalEvidence]] = {}
        for row in self._ref.rows(FunctionalEffect):
            found.setdefault((row.gene, row.residue), []).append(_functional(row))
        return {place: tuple(rows) for place, rows in found.items()}

    @cached_property
    def _features(self) -> dict[str, tuple[tuple[int, int, str], ...]]:
        return {
            gene: tuple((r.start, r.end, r.feature) for r in rows)
            for gene, rows in self._ref.grouped(FEATURES_BY_GENE).items()
        }

    @cached_property
    def _alignment(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Aligned protein, and the column of each residue."""
        return {
            row.gene: (row.aligned, tuple(i for i, c in enumerate(row.aligned) if c != "-"))
            for row in self._ref.rows(AlignedProtein)
        }

    @cached_property
    def _isoforms(self) -> dict[str, tuple[Isoform, ...]]:
        found: dict[str, list[Isoform]] = {}
        for row in self._ref.rows(IsoformNumbering):
            isoform = Isoform(row.isoform, row.first, row.last, row.shift)
            found.setdefault(row.gene, []).append(isoform)
        return {gene: tuple(rows) for gene, rows in found.items()}

    def features(self, gene: str, residues: tuple[int, int]) -> tuple[str, ...]:
        """Return the protein features that an interval of residues touches."""
        return tuple(
            name
            for start, end, name in self._features.get(gene, ())
            if start <= residues[1] and end >= residues[0]
        )

    def aligned(self, gene: str, residue: int) -> tuple[tuple[str, int, str], ...]:
        """Return (gene, residue, amino acid) of the aligned residue in each other protein."""
        if gene not in self._alignment:
            return ()
        _, columns = self._alignment[gene]
        if not 1 <= residue <= len(columns):
            return ()
        # A column of the alignment is the only link between proteins: residue numbers differ.
        column = columns[residue - 1]
        return tuple(
            (other, bisect_left(places, column) + 1, bases[column])
            for other, (bases, places) in self._alignment.items()
            if other != gene and bases[column] != "-"
        )

    @cached_property
    def _replaced(self) -> dict[tuple[str, int], list[ClassifiedVariant]]:
        """Listed substitutions with a p. name, by gene and residue."""
        found: dict[tuple[str, int], list[ClassifiedVariant]] = {}
        for rows in self.listed.values():
            for row in rows:
                place = row.hgvs_p and read_substitution(row.hgvs_c)
                if place:
                    found.setdefault((row.gene, place[0]), []).append(row)
        return found

    def _amino_acids(self, gene: str, residue: int) -> set[str]:
        """Return what stands at a residue, by the names of tested and listed variants."""
        tested = (e.protein_change for e in self._functional.get((gene, residue), ()))
        listed = (r.hgvs_p for r in self._replaced.get((gene, residue), ()) if _fits(r))
        edits = (ProteinChange.read(name).edits for name in (*tested, *listed) if name)
        return {e[0].before for e in edits if e and e[0].first == residue and e[0].before}

    def _possible(
        self, gene: str, coding: str | None, known: Iterable[KnownVariant]
    ) -> frozenset[str]:
        place = read_substitution(coding)
        if place is None:
            return frozenset()
        terms = {t for k in known for t in k.consequence}
        missense = "missense_variant" in terms and not terms & {"stop_gained", "synonymous_variant"}
        return possible_changes(coding, self._amino_acids(gene, place[0]), missense)

    def implied(
        self, gene: str, coding: str | None, known: Iterable[KnownVariant]
    ) -> ProteinChange | None:
        """Return the replacement of a residue that is the only one the genetic code leaves.

        Parameters
        ----------
        gene, coding
            Gene of a variant whose bases are not known, and its c. description.
        known
            Its rows of the classified variants.
        """
        changes = self._possible(gene, coding, known)
        one = ProteinChange.read(*changes).predicted() if len(changes) == 1 else None
        # What is silent, or a stop, takes more than a residue that a table names.
        plain = one is not None and one.edits[0].after not in ("Ter", one.edits[0].before)
        return one if plain else None

    def tested(
        self,
        gene: str,
        protein: ProteinChange | None,
        coding: str | None,
        known: Iterable[KnownVariant],
    ) -> tuple[FunctionalEvidence, ...]:
        """Return the functional evidence on a variant by its p. description, else by its residue.

        Of a substitution whose codon is not known, a test of a change that it may be is
        `possible`, and gives no direction.
        """
        if protein is not None:
            return self.functional(gene, protein)
        possible, place = self._possible(gene, coding, known), read_substitution(coding)
        own = self._functional.get((gene, place[0]), ()) if place and possible else ()
        may_be = [_related(e, Relation.POSSIBLE) for e in own if e.protein_change in possible]
        same = [_related(e, Relation.SAME_RESIDUE) for e in own if e.protein_change not in possible]
        return (*may_be, *same)

    def functional(
        self, gene: str, protein: ProteinChange | None
    ) -> tuple[FunctionalEvidence, ...]:
        """Return the functional evidence on a substitution, its residue and aligned residues.

        Exact matches come first. Only single-residue substitutions have functional evidence;
        anything else returns ().
        """
        change = None if protein is None else protein.substitution
        if protein is None or protein.residues is None or change is None:
            return ()
        residue = protein.residues[0]
        own = self._functional.get((gene, residue), ())
        exact = [_related(e, Relation.EXACT) for e in own if e.protein_change == change]
        # Another amino acid here, or one in a paralogue, is shown and never gives a direction.
        same = [_related(e, Relation.SAME_RESIDUE) for e in own if e.protein_change != change]
        paralogues = [
            _related(e, Relation.PARALOGUE)
            for other, place, _ in self.aligned(gene, residue)
            for e in self._functional.get((other, place), ())
        ]
        return (*exact, *same, *paralogues)

    def aliases(
        self, gene: str, coding: str | None, protein: ProteinChange | None
    ) -> tuple[Alias, ...]:
        """Return the names of a variant in the numbering of other isoforms."""
        names = []
        for isoform in self._isoforms.get(gene, ()):
            at = re.match(r"(?:[^:]+:)?c\.(-?\d+)", coding or "")
            # Its first base decides: a variant over the border of an exon has no name beyond it.
            if at is None or int(at[1]) < isoform.first:
                continue
            if isoform.last is not None and int(at[1]) > isoform.last:
                continue
            c_name = _renumber((coding or "").partition(":")[2] or str(coding), isoform.shift)
            named = protein is not None and protein.residues is not None
            p_name = protein.renumbered(-isoform.shift // 3).name if protein and named else None
            names.append(Alias(" ".join(n for n in (c_name, p_name) if n), isoform.label))
        return tuple(names)


@lru_cache(maxsize=8)
def load_evidence(ref: Reference, build: GenomeBuild) -> EvidenceTables:
    """Return the tables of a build, indexed once for all files of a run."""
    return EvidenceTables(ref, build)


def _known(row: ClassifiedVariant) -> KnownVariant:
    word = row.classification
    record = None
    if word is not Classification.NOT_CLASSIFIED:
        record = ClassificationRecord(word, row.source, None, row.TABLE, act=False)
    return KnownVariant(row.variant, row.gene, row.hgvs_c, row.hgvs_p, row.consequence, record)


def _fits(row: ClassifiedVariant) -> bool:
    """Say whether the p. name of a listed substitution is one that its c. name can have."""
    changes = ProteinChange.read(row.hgvs_p or "")
    before = changes.edits[0].before if changes.edits else ""
    return changes.substitution in possible_changes(row.hgvs_c, [before])


def _functional(row: FunctionalEffect) -> FunctionalEvidence:
    return FunctionalEvidence(
        Relation.EXACT,
        row.gene,
        row.protein_change,
        row.direction,
        row.method,
        Evidence(
            row.source,
            ".",
            row.citations,
            row.TABLE,
            f"{row.gene}|{row.protein_change}|{row.entry}",
            row.verified,
        ),
    )


def _related(item: FunctionalEvidence, relation: Relation) -> FunctionalEvidence:
    return FunctionalEvidence(
        relation, item.gene, item.protein_change, item.direction, item.method, item.evidence
    )


def _renumber(coding: str, shift: int) -> str:
    """Move the coding bases of a c. description; there is no base 0."""

    def moved(match: re.Match[str]) -> str:
        number = int(match[2])
        told = number + shift + (number < 0 <= number + shift) - (number > 0 >= number + shift)
        return f"{match[1]}{told}"

    return re.sub(r"(c\.|_)(-?\d+)", moved, coding)


def direction_of_effect(
    terms: Sequence[str], functional: Sequence[FunctionalEvidence]
) -> tuple[Direction, str]:
    """Return the effect of a variant on its protein's function, and the text that says why.

    A truncating variant loses function whatever was tested. Any other variant has a direction
    only if every entry on that very change agrees, one of them with a source for that very change
    and gene. One entry of another opinion, verified or not, leaves it open.

    Parameters
    ----------
    terms
        Sequence Ontology terms.
    functional
        Functional evidence; what is not on this very change gives no direction.
    """
    exact = [e for e in functional if e.relation == Relation.EXACT]
    possible = any(e.relation == Relation.POSSIBLE for e in functional)
    if TRUNCATING & set(terms):
        return Direction.LOSS, "direction-basis-truncating"
    if "not_assessed" in terms and not exact and not possible:
        return Direction.NOT_DETERMINED, "direction-basis-no-sequence"
    opinions = {e.direction for e in exact if e.direction in _DECIDED}
    if len(opinions) > 1 or Direction.CONFLICTING in opinions:
        return Direction.CONFLICTING, "direction-basis-conflict"
    # An unverified entry may contradict, which leaves the direction open; it never gives one.
    if opinions:
        if any(e.evidence.verified for e in exact if e.direction in opinions):
            return opinions.pop(), "direction-basis-tested"
        return Direction.NOT_DETERMINED, "direction-basis-unverified"
    if possible:
        return Direction.NOT_DETERMINED, "direction-basis-perhaps-tested"
    if "missense_variant" in terms:
        return Direction.NOT_DETERMINED, "direction-basis-untested"
    return Direction.NOT_DETERMINED, NOT_IN_TABLE
