"""Show each record of a group's files to what reads genotypes, variants and quality."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.callable import ALL_CALLABLE, CallableRegions
from epilepsy_pgx.intake.vcf import VcfFile
from epilepsy_pgx.intervals import Interval, Intervals
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.variants.collect import CodingReader
from epilepsy_pgx.variants.decode import (
    Record,
    SiteReader,
    Thresholds,
    declare_callable,
    read_records,
)
from epilepsy_pgx.variants.documented import CuratedRepresentations
from epilepsy_pgx.variants.phase import PhaseWitness
from epilepsy_pgx.variants.record import some, unsized_carriers
from epilepsy_pgx.variants.sample_metrics import SampleMetricsCounter
from epilepsy_pgx.variants.store import GenotypeStore
from epilepsy_pgx.vcftext import SHOWN_FAULTS, Cut, GenotypeFault


@dataclass(frozen=True, slots=True)
class Readers:
    """What each record is shown to."""

    sites: SiteReader
    coding: CodingReader
    readings: SampleMetricsCounter
    unsized: set[int] = field(default_factory=set)
    """Columns of the samples with a segment whose size no record gives."""

    @classmethod
    def of(cls, targets: Targets, samples: tuple[str, ...]) -> Self:
        """Return readers that have seen nothing yet."""
        coding = CodingReader(
            targets.coding,
            targets.rare_genes,
            CuratedRepresentations(targets.sites),
            len(samples),
            targets.sequences,
        )
        return cls(
            SiteReader(targets.sites, samples),
            coding,
            SampleMetricsCounter(targets.quality_regions, len(samples), targets.balance_depth),
        )

    def spans(self) -> list[Interval]:
        """Return the intervals whose records some reader asks for."""
        return self.sites.spans() + self.coding.spans() + self.readings.spans()


def read_files(
    files: Sequence[VcfFile],
    clean: Sequence[Path],
    cuts: Sequence[Cut],
    targets: Targets,
    thresholds: Thresholds,
    readers: Readers,
) -> PhaseWitness:
    """Show every record to the readers; return what the records say of phase."""
    area = Intervals(readers.spans())
    phase = PhaseWitness(
        len(readers.sites.store.samples),
        several_files=len(files) > 1,
        local=any(f.physical_phase_only for f in files),
    )
    for number, (file, bcf, cut) in enumerate(zip(files, clean, cuts, strict=True)):
        for record in _records(file, bcf, thresholds, targets, area):
            record = _with_own_alleles(record, cut)
            if record.unsized and (carriers := unsized_carriers(record)).any():
                cut.unsized.append((record.chrom, record.pos))
                readers.unsized.update(np.flatnonzero(carriers).tolist())
            phase.add(record, number)
            readers.sites.add(record)
            readers.coding.add(record)
            readers.readings.add(record)
    return phase


def declare_covered(
    regions: CallableRegions,
    store: GenotypeStore,
    readers: Readers,
    targets: Targets,
    witnessed: NDArray[np.bool_],
) -> None:
    """Fill in what the user declared callable, where the records bear it out."""
    inside = np.array([regions.covers(s.chrom, s.pos, s.end) for s in targets.sites.sites], bool)
    sites = readers.sites
    declare_callable(store, inside[:, None] & witnessed, sites.told, sites.no_call)
    # No declaration may make the coding sequence of a gene negative that no record was seen of.
    if regions is not ALL_CALLABLE:
        bases = [regions.overlap(t.chrom, t.coding_start0, t.coding_end0) for t in targets.coding]
        readers.coding.declare(np.array(bases, np.int32))


def _records(
    file: VcfFile, bcf: Path, thresholds: Thresholds, targets: Targets, area: Intervals
) -> Iterator[Record]:
    try:
        yield from read_records(
            bcf,
            {name: chrom for chrom, name in file.contig_names},
            thresholds,
            physical_phase_only=file.physical_phase_only,
            wanted=area,
            rules=targets.field_rules,
            words=targets.words,
            one_sample=len(file.samples) == 1,
        )
    except UnicodeDecodeError:
        # Text was made readable when it was cut out; the bytes of a BCF are as they were.
        raise InputError.one(
            "vcf-reads",
            file=str(file.path),
            found="bytes in a record that are not text",
            expected="a file that can be read",
            fix="Copy the file again and compare checksums.",
        ) from None


def _with_own_alleles(record: Record, cut: Cut) -> Record:
    """Return a record without alleles that it does not list, which are told.

    In text they were taken out when the record was cut out; a BCF may hold them too.
    """
    if record.plain:
        return record
    count = len(record.alts)
    wrong = (record.first > count) | (record.second > count)
    wrong |= (record.first < -2) | (record.second < -2)
    if record.beyond is not None:
        wrong |= (record.beyond > count).any(axis=1)
    if not some(wrong):
        return record
    cut.faulty += 1
    if len(cut.faults) < SHOWN_FAULTS:
        samples = int(np.count_nonzero(wrong))
        cut.faults.append(GenotypeFault(record.chrom, record.pos, 0, samples, count))
    return replace(
        record,
        first=np.where((record.first > count) | (record.first < -2), -1, record.first),
        second=np.where((record.second > count) | (record.second < -2), -1, record.second),
    )
