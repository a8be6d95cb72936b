"""Stage intake and normalise: from files to genotypes at curated sites and rare variants."""

import hashlib
import json
import logging
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import scratch_folder, writing_to
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.intake.callable import ALL_CALLABLE, CallableRegions, read_callable
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intake.reachable import describe_faults
from epilepsy_pgx.intake.vcf import VcfFile, contig_spellings
from epilepsy_pgx.intake.whole import FileKind
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.group_checks import (
    check_covered,
    check_reach,
    class_field_read,
    missing_frequency_fields,
)
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.readers import Readers, declare_covered, read_files
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.pipeline.witness import find_witnesses, witness_regions
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.statement import Message, Value
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.sample_metrics import SampleMetrics
from epilepsy_pgx.variants.sites import Region, bed_text, merge_regions
from epilepsy_pgx.variants.sites import site_regions as regions_of
from epilepsy_pgx.variants.store import GenotypeStore
from epilepsy_pgx.vcftext import Cut, find_lines
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import ExtractionJob, Failure, Records

_log = logging.getLogger(__name__)
SEEK_GAP = 2_000
"""Regions at most this many bases apart are read in one go."""
CLASS_ELSEWHERE = "caveat-class-elsewhere"
"""Text id: the files hold classes in another field than the one that is read."""


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

    def warnings_of(self, column: int) -> tuple[Message, ...]:
        """Return the warnings of the files and of one sample."""
        own = ("caveat-callable-not-witnessed",) if column in self.unwitnessed else ()
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
    wanted, problems = _pick_samples(files, samples)
    contigs = contig_spellings(ref, targets.build)
    regions = _declared_regions(covers, contigs)
    readers = Readers.of(targets, wanted)
    with scratch_folder() as folder:
        files, clean, cuts = _cut_out(
            files, wanted, targets, folder, contigs, regions is ALL_CALLABLE, kept
        )
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
        inputs=tuple(digest_file("VCF", f.path) for f in files),
        warnings=warnings,
        mismatches=readers.sites.mismatches,
        readings=readers.readings.finish(),
        sample_problems=tuple(problems),
        caller=tuple(dict.fromkeys(tag for f in files for tag in f.source_tags)),
        unwitnessed=tuple(np.flatnonzero(~witnessed.all(axis=0)).tolist()),
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


def _pick_samples(
    files: Sequence[VcfFile], samples: Sequence[str] | None
) -> tuple[tuple[str, ...], list[Problem]]:
    if samples is None:
        samples = files[0].samples
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
    if not kept:
        raise InputError(problems)
    return tuple(kept), problems


def _declared_regions(covers: str | None, contigs: ContigNames) -> CallableRegions | None:
    if covers is None:
        return None
    if covers == "all":
        return ALL_CALLABLE
    return read_callable(Path(covers), contigs)


def _cut_out(
    files: Sequence[VcfFile],
    wanted: tuple[str, ...],
    targets: Targets,
    folder: Path,
    contigs: ContigNames,
    witness: bool,
    kept: Path | None,
) -> tuple[list[VcfFile], list[Path], list[Cut]]:
    """Write the target records of each file as clean BCF.

    Returns
    -------
    files, clean, cuts
        The files, with the contigs and fields that their records have beside those of their
        headers; the records cut out of each; and what was seen on the way.

    Raises
    ------
    InputError
        With a line for each file that htslib could not read.
    """
    regions = regions_of(targets.sites.sites)
    regions += [Region(t.chrom, t.start0, t.end0) for t in targets.coding]
    regions += [
        Region(r.chrom, r.first - 1, r.last) for r in targets.quality_regions if r.purpose == "sex"
    ]
    if witness:
        regions += witness_regions(targets.sites)
    merged, wide = merge_regions(regions), merge_regions(regions, SEEK_GAP)
    aliases = folder / "aliases.json"
    aliases.write_text(json.dumps(contigs.aliases), encoding="utf-8")
    own = tuple((chrom, chrom) for chrom in sorted({r.chrom for r in merged}))
    jobs = []
    for number, file in enumerate(files):
        names = file.contig_names if file.indexed else own
        bed = folder / f"{number}.bed"
        bed.write_text(bed_text(merged, names), encoding="utf-8")
        intervals = folder / f"{number}.intervals.bed"
        intervals.write_text(bed_text(wide, names), encoding="utf-8")
        subset = None if file.samples == wanted else wanted
        jobs.append(
            ExtractionJob(
                _lasting(file.path),
                bed,
                folder / f"{number}.bcf",
                file.indexed,
                subset,
                intervals,
                file.text_spans,
                None if file.indexed else aliases,
                file.index,
                kept,
            )
        )
    found, cuts = _take_out(files, jobs, contigs)
    return found, [job.target for job in jobs], cuts


def _take_out(
    files: Sequence[VcfFile], jobs: Sequence[ExtractionJob], contigs: ContigNames
) -> tuple[list[VcfFile], list[Cut]]:
    answers = [ask(job) for job in jobs]
    failed = [
        _read_problem(file.path, answer)
        for file, answer in zip(files, answers, strict=True)
        if isinstance(answer, Failure)
    ]
    if failed:
        _check_room(jobs[0].target.parent)
        raise InputError(failed)
    found: list[VcfFile] = []
    cuts: list[Cut] = []
    problems: list[Problem] = []
    for file, job, answer in zip(files, jobs, answers, strict=True):
        assert isinstance(answer, Records)
        cut = answer.cut
        cuts.append(cut)
        if file.kind is not FileKind.BCF:
            file = file.with_formats(read_header(job.target).formats)
        try:
            found.append(file if file.indexed else file.with_body(tuple(cut.contigs), contigs))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found, cuts


def _lasting(path: Path) -> Path:
    """Return a path that means the same in another process: /dev/stdin does not."""
    return path.resolve() if path.parts[:2] in (("/", "dev"), ("/", "proc")) else path


_PLACE = re.compile(r" at ([^\s:]+):(\d+)")


def _read_problem(path: Path, failure: Failure) -> Problem:
    line = failure.line
    if not line and (place := _PLACE.search(failure.message)):
        key = place[1], int(place[2])
        line = find_lines(path, [key]).get(key, 0)
    return Problem(
        str(path),
        line,
        ".",
        "vcf-reads",
        failure.message,
        "a file that can be read",
        "Check it with 'bcftools view'; copy it again if it was cut short.",
    )


def _check_room(folder: Path) -> None:
    """Refuse to call a file damaged because what was read of it could not be kept."""
    with writing_to(tempfile.gettempdir()):
        probe = folder / "probe"
        size = max((p.stat().st_size for p in folder.iterdir()), default=0)
        probe.write_bytes(b"\0" * (size + (1 << 16)))
        probe.unlink()


def digest_file(role: str, path: Path) -> InputFile:
    """Return the digest of an input, for the report."""
    total = hashlib.sha256()
    with path.open("rb") as handle:
        read: Callable[[], bytes] = lambda: handle.read(1 << 20)  # noqa: E731
        for chunk in iter(read, b""):
            total.update(chunk)
    return InputFile(role, path.name, f"sha256:{total.hexdigest()}", path.stat().st_size)
