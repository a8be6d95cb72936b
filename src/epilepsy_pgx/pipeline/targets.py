"""What is read for one build: curated sites, coding exons and regions of quality."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.htslib import open_fasta
from epilepsy_pgx.intervals import Intervals
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Gene
from epilepsy_pgx.variants.field_rules import FieldRule, load_field_rules
from epilepsy_pgx.variants.fileannotation import ConsequenceWords, load_consequence_words
from epilepsy_pgx.variants.reading import reading_sentence
from epilepsy_pgx.variants.sample_metrics import QualityRegion, load_quality_regions
from epilepsy_pgx.variants.sequence import SequenceSource, open_sequences
from epilepsy_pgx.variants.sites import SiteList, load_sites
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
    quality_regions: tuple[QualityRegion, ...]
    balance_depth: int
    """Least depth of a position whose allele balance is judged."""
    field_rules: tuple[FieldRule, ...]
    """Which fields of a record state quality, depth and reads."""
    words: ConsequenceWords
    """What annotation programs call a consequence."""

    @cached_property
    def read(self) -> Intervals:
        """What is read of genes: exons with their borders, and listed variants."""
        return Intervals((t.chrom, t.start0, t.end0) for t in self.coding)

    def without_rare_variants(self) -> "Targets":
        """Return what is read for star alleles alone: no exons of other genes, no quality."""
        kept = tuple(t for t in self.coding if t.gene not in self.rare_genes)
        return replace(self, coding=kept, quality_regions=())


def load_targets(ref: Reference, build: GenomeBuild, fasta: Path | None = None) -> Targets:
    """Work out what has to be read for one build; for a data package alone, once."""
    return _of_package(ref, build) if fasta is None else _load(ref, build, fasta)


@lru_cache(maxsize=8)
def _of_package(ref: Reference, build: GenomeBuild) -> Targets:
    return _load(ref, build, None)


def _load(ref: Reference, build: GenomeBuild, fasta: Path | None) -> Targets:
    genes = ref.rows(Gene)
    rare = frozenset(r.gene for r in genes if r.call_method is CallMethod.RARE_VARIANT)
    star = frozenset(r.gene for r in genes if r.call_method is CallMethod.DIPLOTYPE)
    sequences = open_sequences(ref, build, fasta)
    return Targets(
        build,
        load_sites(ref, build),
        coding_targets(ref, build, sorted(rare | star), sequences),
        rare,
        sequences,
        load_quality_regions(ref, build),
        int(read_limits(ref)["mixture-minimum-depth"]),
        load_field_rules(ref),
        load_consequence_words(ref),
    )


class TargetCache:
    """The targets of each build, worked out once."""

    def __init__(self, ref: Reference, fasta: Path | None) -> None:
        """Remember where the sequence comes from.

        Raises
        ------
        InputError
            If the FASTA cannot be opened: that is no fault of a patient's file.
        """
        if fasta is not None:
            open_fasta(fasta)
        self._ref = ref
        self._fasta = fasta
        self._known: dict[GenomeBuild, Targets] = {}

    def check(self, builds: Iterable[GenomeBuild]) -> None:
        """Refuse a FASTA that serves none of the builds of a run, before anything is moved.

        Raises
        ------
        InputError
            With what is wrong with it.
        """
        problems: list[Problem] = []
        for build in dict.fromkeys(builds):
            try:
                self.of(build)
                return
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)

    def sentences(self, builds: Iterable[GenomeBuild]) -> Iterator[str]:
        """Yield for each build a sentence on what is read and what more bases would add.

        A FASTA that does not fit a build is a fault that whoever reads its files reports.
        """
        for build in dict.fromkeys(builds):
            with suppress(InputError):
                yield reading_sentence(self._ref, self.of(build).sequences)

    @property
    def fasta(self) -> Path | None:
        """The FASTA of the run, if there is one."""
        return self._fasta

    def of(self, build: GenomeBuild) -> Targets:
        """Return the targets of a build."""
        if build not in self._known:
            self._known[build] = load_targets(self._ref, build, self._fasta)
        return self._known[build]
