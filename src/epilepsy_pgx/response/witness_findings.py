"""Variants that the tables let a gene have, from which every state that it can be in follows.

A gene without transcript and without listed variants has none; a tested direction exists only
where the functional evidence gives one.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import ClassificationRecord, GeneCoverage, VariantFinding, VariantKey
from epilepsy_pgx.protein import ProteinChange
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant, CuratedTranscript, FunctionalEffect
from epilepsy_pgx.variants.evidence import direction_of_effect, load_evidence
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    GeneStatus,
    GenomeBuild,
    SiteStatus,
    Zygosity,
)

FindingSet = tuple[VariantFinding, ...]
_MISSENSE = ("missense_variant",)
_CLASSES = (
    Classification.PATHOGENIC,
    Classification.UNCERTAIN,
    Classification.BENIGN,
    Classification.CONFLICTING,
)


@dataclass(frozen=True)
class Witnesses:
    """What variants each gene can have, by the tables alone."""

    ref: Reference

    @cached_property
    def chromosomes(self) -> dict[str, str]:
        """The chromosome of each gene that is read for rare variants, or at listed ones."""
        found = {r.gene: r.chrom for r in self.ref.rows(ClassifiedVariant)}
        return found | {r.gene: r.chrom for r in self.ref.rows(CuratedTranscript)}

    @cached_property
    def directions(self) -> dict[str, dict[Direction, str]]:
        """By gene, a change for each direction that a test gives."""
        evidence = load_evidence(self.ref, GenomeBuild.GRCH38)
        found: dict[str, dict[Direction, str]] = {}
        # A change was tested more than once: what comes of all its tests is the same each time.
        tested = dict.fromkeys((r.gene, r.protein_change) for r in self.ref.rows(FunctionalEffect))
        for gene, change in tested:
            known = evidence.functional(gene, ProteinChange.read(change))
            direction, _ = direction_of_effect(_MISSENSE, known)
            found.setdefault(gene, {}).setdefault(direction, change)
        return found

    def sets_of(self, gene: str) -> Iterator[FindingSet]:
        """Yield sets of variants of a gene that differ in what they amount to."""
        chrom = self.chromosomes.get(gene)
        yield ()
        if chrom is None:
            return
        plain = _variant(gene, chrom, 1)
        changes = [replace(plain, direction=Direction.LOSS, truncating=True), plain]
        changes += [
            replace(plain, direction=direction, hgvs_p=name)
            for direction, name in self.directions.get(gene, {}).items()
            if direction is not Direction.NOT_DETERMINED
        ]
        for change in changes:
            yield (change,)
            for word in _CLASSES:
                yield (_classified(change, word),)
            yield (replace(_classified(change, _CLASSES[0]), zygosity=Zygosity.HOMOZYGOUS),)
        second = _variant(gene, chrom, 2)
        yield (_classified(changes[0], _CLASSES[0]), _classified(second, _CLASSES[1]))


def coverage_of(genes: Iterable[str], status: GeneStatus) -> dict[str, GeneCoverage]:
    """Return genes of which everything, or nothing, was read."""
    return {gene: GeneCoverage(gene, ".", status, "coverage") for gene in genes}


def _variant(gene: str, chrom: str, number: int) -> VariantFinding:
    return VariantFinding(
        key=VariantKey(chrom, number, "A", "G"),
        gene=gene,
        transcript=".",
        consequences=_MISSENSE,
        hgvs_c=f"c.{number}A>G",
        hgvs_p=None,
        zygosity=Zygosity.HETEROZYGOUS,
        status=SiteStatus.CALLED,
        direction=Direction.NOT_DETERMINED,
        direction_basis=".",
        truncating=False,
        classifications=(),
    )


def _classified(finding: VariantFinding, word: Classification) -> VariantFinding:
    record = ClassificationRecord(word, "laboratory", "2026-01-01", "laboratory file", act=True)
    return replace(finding, classifications=(record,))
