"""Stage intake and normalise: from files to genotypes at curated sites and rare variants."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import scratch_folder
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.callable import ALL_CALLABLE, CallableRegions, read_callable
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intake.reachable import describe_faults
from epilepsy_pgx.intake.vcf import VcfFile, contig_spellings
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.cutting import CutFile, cut_out, digest_input, target_regions
from epilepsy_pgx.pipeline.group_checks import (
    check_covered,
    check_reach,
    class_field_read,
    missing_frequency_fields,
)
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.readers import Readers, declare_covered, read_files
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.pipeline.witness import find_witnesses
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.sample_metrics import SampleMetrics
from epilepsy_pgx.variants.store import GenotypeStore
from epilepsy_pgx.vcftext import Cut

_log = logging.getLogger(__name__)
CLASS_ELSEWHERE = "caveat-class-elsewhere"
"""Text id: the files hold classes in another field than the one that is read."""
EVERYWHERE = "all"
"""Word of the sheet for a whole genome that was called."""


@dataclass(frozen=True)
class Extraction:
    """What one group of files says about its samples, by column of `store`; warnings are ids."""

    store: GenotypeStore
    observed: tuple[ObservedVariant, ...]
    undocumented: tuple[Carriers, ...]
    callable_bases: NDArray[np.int32]
    """[coding target, sample]"""
    targets: Targets
    callability: Message
    inputs: tuple[InputFile, ...]
    warnings: tuple[str, ...]
    mismatches: int
    readings: SampleMetrics
    sample_problems: tuple[Problem, ...]
    """Problems of single samples; `Problem.sample` names them by their column in the file."""
    caller: tuple[tuple[str, str], ...] = ()
    """Caller and reference as the headers name them."""
    unwitnessed: tuple[int, ...] = ()
    """Columns of the samples of which some site has no record near enough to be believed."""

    unsized: tuple[int, ...] = ()
    """Columns of the samples with a lost or gained segment of which the file gives no size."""

    def warnings_of(self, column: int) -> tuple[Message, ...]:
        """Return the warnings of the files and of one sample."""
        own = ("caveat-callable-not-witnessed",) if column in self.unwitnessed else ()
        if column in self.unsized:
            own = (*own, "caveat-segment-size")
        return tuple(Message(text_id) for text_id in (*self.warnings, *own))

    def only(self, column: int) -> "Extraction":
        """Return what the files say of one sample, as if they held no other."""
        return replace(
            self,
            store=self.store.take(np.array([column], np.intp)),
            observed=tuple(replace(v, sample=0) for v in self.observed if v.sample == column),
            undocumented=tuple(
                replace(c, columns=(0,)) for c in self.undocumented if column in c.columns
            ),
            callable_bases=self.callable_bases[:, [column]],
            readings=SampleMetrics(self.readings.counts[:, [column]]),
            unwitnessed=(0,) if column in self.unwitnessed else (),
            unsized=(0,) if column in self.unsized else (),
        )


def extract_group(
    vcfs: Sequence[Path],
    samples: Sequence[str] | None,
    covers: str | None,
    targets: Targets,
    ref: Reference,
    thresholds: Thresholds,
    kept: Path | None = None,
) -> Extraction:
    """Inspect and read one group of files.

    Parameters
    ----------
    vcfs
        Files that hold the same samples: one file, or one for each region.
    samples
        Names in the files; None for all samples of the first file.
    covers
        `all`, a BED path, or None.
    kept
        VCF to write with the records that were read, as the one file of the group has them.

    Raises
    ------
    InputError
        If nothing of the group can be read.
    """
    files = Inspections(ref).files(vcfs, targets.build)
    return extract_files(files, samples, covers, targets, ref, thresholds, kept)


def extract_files(
    files: Sequence[VcfFile],
    samples: Sequence[str] | None,
    covers: str | None,
    targets: Targets,
    ref: Reference,
    thresholds: Thresholds,
    kept: Path | None = None,
) -> Extraction:
    """Read one group of files that were inspected, as `extract_group` does."""
    picked = pick_samples(files, files[0].samples if samples is None else samples)
    if not picked.names:
        raise InputError(picked.problems)
    contigs = contig_spellings(ref, targets.build)
    regions = target_regions(targets, witness=covers == EVERYWHERE)
    with scratch_folder() as folder:
        cuts = cut_out(files, picked.names, regions, folder, contigs, kept)
        inputs = tuple(map(digest_input, files))
        return extract_cut(Cuttings(tuple(cuts), inputs, picked), covers, targets, ref, thresholds)


@dataclass(frozen=True, slots=True)
class Picked:
    """Samples of a group of files."""

    names: tuple[str, ...]
    """Those that every file has."""
    problems: tuple[Problem, ...]
    """Of the others."""


@dataclass(frozen=True, slots=True)
class Cuttings:
    """The records of a group of files that an extraction reads."""

    cuts: tuple[CutFile, ...]
    inputs: tuple[InputFile, ...]
    picked: Picked
    """The samples, in the order of the columns."""


def extract_cut(
    cuttings: Cuttings, covers: str | None, targets: Targets, ref: Reference, thresholds: Thresholds
) -> Extraction:
    """Read the records that were cut out of one group of files.

    Raises
    ------
    InputError
        If they are of another build, or do not bear out what is declared of them.
    """
    wanted, problems = cuttings.picked.names, list(cuttings.picked.problems)
    files, clean, cuts = (
        [getattr(c, part) for c in cuttings.cuts] for part in ("file", "records", "cut")
    )
    contigs = contig_spellings(ref, targets.build)
    regions = _declared_regions(covers, contigs)
    readers = Readers.of(targets, wanted)
    notes = check_reach(files, readers.spans(), regions, contigs, ref)
    notes += missing_frequency_fields(files, thresholds.frequency_fields)
    phase = read_files(files, clean, cuts, targets, thresholds, readers)
    _tell(notes, files, cuts)
    witnessed = np.ones((len(targets.sites), len(wanted)), bool)
    if regions is ALL_CALLABLE:
        witnessed, doubted = find_witnesses(files, clean, targets.sites, targets.coding, wanted)
        problems += doubted
    warnings = _warnings(files, readers, targets, thresholds)
    store = readers.sites.finish(phase.against)
    readers.coding.finish(phase.against)
    if readers.sites.arrays:
        # An array that has no record of a position did not read it.
        regions = None
    if regions is not None:
        declare_covered(regions, store, readers, targets, witnessed)
    return Extraction(
        store=store,
        observed=tuple(readers.coding.observed),
        undocumented=tuple(readers.coding.undocumented),
        callable_bases=readers.coding.callable,
        targets=targets,
        callability=_callability(files, regions),
        inputs=cuttings.inputs,
        warnings=warnings,
        mismatches=readers.sites.mismatches,
        readings=readers.readings.finish(),
        sample_problems=tuple(problems),
        caller=tuple(dict.fromkeys(tag for f in files for tag in f.source_tags)),
        unwitnessed=tuple(np.flatnonzero(~witnessed.all(axis=0)).tolist()),
        unsized=tuple(sorted(readers.unsized)),
    )


def _warnings(
    files: Sequence[VcfFile], readers: Readers, targets: Targets, thresholds: Thresholds
) -> tuple[str, ...]:
    """Return the ids of what a reader of the reports must know of the files."""
    warnings = check_covered(files, readers.sites, targets.build)
    if not class_field_read(files, thresholds.class_field):
        warnings.append(CLASS_ELSEWHERE)
    if readers.sites.arrays:
        warnings.append("caveat-genotyping-array")
    return tuple(warnings)


def _tell(notes: Sequence[str], files: Sequence[VcfFile], cuts: Sequence[Cut]) -> None:
    """Warn of what is to be known of the files, and the faults that were mended in them."""
    faults = (n for file, cut in zip(files, cuts, strict=True) for n in describe_faults(file, cut))
    for note in (*notes, *faults):
        _log.warning("%s", note)


def _callability(files: Sequence[VcfFile], regions: CallableRegions | None) -> Message:
    """Say how a reader of the report can know what was covered."""
    if regions is not None:
        return Message("callability-declared", (Value("file", (regions.name,)),))
    if any(f.reference_blocks for f in files):
        return Message("callability-measured")
    return Message("callability-listed")


def pick_samples(files: Sequence[VcfFile], samples: Sequence[str]) -> Picked:
    """Return the samples that every file has, and a problem for each that is lacking."""
    kept, problems = [], []
    held = [(file, frozenset(file.samples)) for file in files]
    for name in samples:
        lacking = [file for file, names in held if name not in names]
        if not lacking:
            kept.append(name)
        for file in lacking:
            problems.append(
                Problem(
                    str(file.path),
                    0,
                    ".",
                    "vcf-sample",
                    "no column for a sample of the sheet",
                    f"its name among the {len(file.samples)} of the header",
                    "Put the name of the VCF's column into vcf_sample.",
                    name,
                )
            )
    return Picked(tuple(kept), tuple(problems))


def _declared_regions(covers: str | None, contigs: ContigNames) -> CallableRegions | None:
    if covers is None:
        return None
    if covers == EVERYWHERE:
        return ALL_CALLABLE
    return read_callable(Path(covers), contigs)
