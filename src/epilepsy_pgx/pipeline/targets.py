"""What is read for one build: curated sites, coding exons and regions of quality."""

from dataclasses import dataclass, replace
from pathlib import Path

from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.readings import QualityRegion, load_quality_regions
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.sites import SiteList, load_sites
from epilepsy_pgx.variants.stated import FieldRule, load_field_rules
from epilepsy_pgx.variants.targets_coding import CodingTarget, coding_targets
from epilepsy_pgx.vocabulary import CallMethod, GenomeBuild


@dataclass(frozen=True)
class Targets:
    """What is read for one build: curated sites and coding exons."""

    build: GenomeBuild
    sites: SiteList
    coding: tuple[CodingTarget, ...]
    rare_genes: frozenset[str]
    sequences: SequenceSource
    quality_regions: tuple[QualityRegion, ...] = ()
    balance_depth: int = 0
    """Least depth of a position whose allele balance is judged."""
    field_rules: tuple[FieldRule, ...] = ()
    """Which fields of a record state quality, depth and reads."""

    def without_rare_variants(self) -> "Targets":
        """Return what is read for star alleles alone: no exons of other genes, no quality."""
        kept = tuple(t for t in self.coding if t.gene not in self.rare_genes)
        return replace(self, coding=kept, quality_regions=())


def load_targets(ref: Reference, build: GenomeBuild, fasta: Path | None = None) -> Targets:
    """Work out what has to be read for one build."""
    rare = frozenset(
        r.need("gene") for r in ref.table("genes") if r["call_method"] == CallMethod.RARE_VARIANT
    )
    star = frozenset(
        r.need("gene") for r in ref.table("genes") if r["call_method"] == CallMethod.DIPLOTYPE
    )
    shipped = open_sequences(ref, build)
    return Targets(
        build,
        load_sites(ref, build),
        coding_targets(ref, build, sorted(rare | star), shipped),
        rare,
        shipped if fasta is None else open_sequences(ref, build, fasta),
        load_quality_regions(ref, build),
        int(read_limits(ref)["mixture-minimum-depth"]),
        load_field_rules(ref),
    )
