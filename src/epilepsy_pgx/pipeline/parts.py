"""Files that serve several batches are read once: each batch gets what is its own samples'.

A folder for each group of files holds `files.json` (`FilesRecord`), what was seen of the files,
and for each batch `BATCH.json` (`PartRecord`), its samples and the digests of their records. A part
that is still what the plan asks for is not written again, so that one patient more in a file
changes the part of one batch.
"""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from epilepsy_pgx import __version__
from epilepsy_pgx.addresses import input_path
from epilepsy_pgx.errors import InputError, PgxError, Problem
from epilepsy_pgx.files import make_folder, open_output, replace_text, scratch_folder, writing_to
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.vcf import VcfFile, contig_spellings
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.cutting import CutFile, cut_out, digest_input, target_regions
from epilepsy_pgx.pipeline.extract import EVERYWHERE, Cuttings, Picked, pick_samples
from epilepsy_pgx.pipeline.faults import as_problem
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.manifest import CutPlan
from epilepsy_pgx.pipeline.targets import TargetCache, Targets
from epilepsy_pgx.records import DamagedRecordError, file_digest, read_record, record_text
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.variants.sites import bed_text, merge_regions
from epilepsy_pgx.vcftext import Cut
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import Failure, SplitJob

_FILES, _SEEN = "files.json", "seen.json"


class PartRecord(msgspec.Struct, frozen=True):
    """What was cut for one batch."""

    made_of: str
    """Digest of the files, the tables and the regions."""
    samples: tuple[str, ...]
    """Names in the files, as they were asked for."""
    picked: Picked
    records: tuple[str, ...]
    """Digest of the records of each file; none if no sample is in them."""
    problems: tuple[Problem, ...]
    """Why nothing could be read."""


class FilesRecord(msgspec.Struct, frozen=True):
    """What was seen of the files on the way."""

    made_of: str
    made_with: str
    """Digest of the tables and the regions alone."""
    files: tuple[VcfFile, ...]
    cuts: tuple[Cut, ...]
    inputs: tuple[InputFile, ...]


class SeenRecord(msgspec.Struct, frozen=True):
    """The state of the files whose digests were taken."""

    states: tuple[tuple[str, int, int], ...]
    """Path, size, and time of the last change in nanoseconds."""
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True, slots=True)
class CutJob:
    """The files of a plan that are cut for several batches, and what they are read with."""

    plan: CutPlan
    ref: Reference
    cache: TargetCache
    inspections: Inspections

    @property
    def targets(self) -> Targets:
        """What is read in their build."""
        return self.cache.of(self.plan.build)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(map(input_path, self.plan.vcfs))


def cut_for_batches(job: CutJob, folder: Path) -> tuple[Problem, ...]:
    """Write the parts of all batches; return why the files could not be read, if they could not."""
    make_folder(folder)
    problems: tuple[Problem, ...] = ()
    try:
        _cut_stale(job, folder)
    except Exception as error:
        problems = as_problem(error, *job.paths).problems
        for batch, samples in job.plan.batches.items():
            failed = PartRecord("", samples, Picked((), ()), (), problems)
            replace_text(folder / f"{batch}.json", record_text(failed))
    with writing_to(folder):
        for path in folder.glob("batch*"):
            if path.name.partition(".")[0] not in job.plan.batches:
                path.unlink()
    return problems


def open_part(
    folder: Path, batch: str, targets: Targets, covers: str | None, ref: Reference
) -> Cuttings:
    """Return what was cut for a batch.

    Raises
    ------
    InputError
        With why the files could not be read; or if the part is not as it was written, or was cut
        with other tables.
    """
    part, shared = _read_part(folder, batch)
    if part.problems or not part.picked.names:
        raise InputError(part.problems or part.picked.problems)
    whole = shared is not None and shared.made_of == part.made_of
    paths = [_records(folder, batch, n) for n in range(len(part.records))]
    for path, digest in zip(paths, part.records, strict=True):
        whole = whole and path.is_file() and file_digest(path) == digest
    if shared is None or not whole:
        raise _damaged(folder, "a damaged cut of the files of this batch")
    if shared.made_with != _made_with(targets, covers, ref):
        raise _damaged(folder, "files that were cut with other tables or bases")
    cuts = map(CutFile, shared.files, paths, shared.cuts)
    return Cuttings(tuple(cuts), shared.inputs, part.picked)


def _damaged(folder: Path, found: str) -> InputError:
    return InputError.one(
        "cut-whole",
        file=str(folder),
        found=found,
        expected="what 'cut' of this plan wrote",
        fix=f"Remove the folder, and run 'cut' for file {folder.name} again.",
    )


def _read_part(folder: Path, batch: str) -> tuple[PartRecord, FilesRecord | None]:
    try:
        part = read_record(folder / f"{batch}.json", PartRecord)
    except DamagedRecordError as error:
        raise _damaged(folder, f"no cut of the files for {batch}") from error
    try:
        return part, read_record(folder / _FILES, FilesRecord)
    except DamagedRecordError:
        return part, None


def _records(folder: Path, batch: str, number: int) -> Path:
    return folder / f"{batch}.{number}.bcf"


def _made_with(targets: Targets, covers: str | None, ref: Reference) -> str:
    regions = merge_regions(target_regions(targets, witness=covers == EVERYWHERE))
    own = tuple((chrom, chrom) for chrom in sorted({r.chrom for r in regions}))
    return _digest(
        [__version__, stage_digest(ref, TableStage.EXTRACT), targets.build, bed_text(regions, own)]
    )


def _digest(words: Sequence[str]) -> str:
    return "sha256:" + hashlib.sha256("\n".join(words).encode()).hexdigest()


def _inputs(files: Sequence[VcfFile], folder: Path) -> tuple[InputFile, ...]:
    """Return the digests of the files; they are taken anew where size or time changed."""
    if any(file.local is not None for file in files):
        return tuple(map(digest_input, files))
    states = tuple((str(f.path), s.st_size, s.st_mtime_ns) for f in files for s in (f.path.stat(),))
    try:
        seen = read_record(folder / _SEEN, SeenRecord)
        if seen.states == states:
            return seen.inputs
    except DamagedRecordError:
        pass
    inputs = tuple(map(digest_input, files))
    replace_text(folder / _SEEN, record_text(SeenRecord(states, inputs)))
    return inputs


def _cut_stale(job: CutJob, folder: Path) -> None:
    """Cut out the samples of the batches whose parts are not what is asked for."""
    with scratch_folder() as scratch, job.inspections.keeping(scratch):
        _cut_in(job, folder, scratch)


def _cut_in(job: CutJob, folder: Path, scratch: Path) -> None:
    files = job.inspections.files(job.paths, job.plan.build)
    inputs = _inputs(files, folder)
    made_with = _made_with(job.targets, job.plan.callable, job.ref)
    made_of = _digest([made_with, *(i.digest for i in inputs)])
    stale = {
        batch: pick_samples(files, samples)
        for batch, samples in job.plan.batches.items()
        if not _holds(folder, batch, samples, made_of)
    }
    names = tuple(dict.fromkeys(n for picked in stale.values() for n in picked.names))
    found: list[CutFile] = []
    if names:
        regions = target_regions(job.targets, witness=job.plan.callable == EVERYWHERE)
        contigs = contig_spellings(job.ref, job.targets.build)
        found = cut_out(files, names, regions, scratch, contigs)
        seen = FilesRecord(
            made_of,
            made_with,
            tuple(replace(c.file, local=None) for c in found),
            tuple(c.cut for c in found),
            inputs,
        )
        replace_text(folder / _FILES, record_text(seen))
    split = _split(found, stale, scratch)
    for batch, picked in stale.items():
        digests = [_keep(path, folder / path.name) for path in split[batch]]
        part = PartRecord(made_of, job.plan.batches[batch], picked, tuple(digests), ())
        replace_text(folder / f"{batch}.json", record_text(part))


def _holds(folder: Path, batch: str, samples: tuple[str, ...], made_of: str) -> bool:
    try:
        part, shared = _read_part(folder, batch)
    except InputError:
        return False
    paths = [_records(folder, batch, n) for n in range(len(part.records))]
    return (
        (part.made_of, part.samples, part.problems) == (made_of, samples, ())
        and (not paths or (shared is not None and shared.made_of == made_of))
        and all(p.is_file() for p in paths)
    )


def _split(
    cuts: Sequence[CutFile], stale: Mapping[str, Picked], scratch: Path
) -> dict[str, list[Path]]:
    """Write the records of each batch into a folder for the time being."""
    made: dict[str, list[Path]] = {batch: [] for batch in stale}
    for number, cut in enumerate(cuts):
        parts = []
        for batch, picked in stale.items():
            if picked.names:
                target = _records(scratch, batch, number)
                parts.append((target, picked.names))
                made[batch].append(target)
        answer = ask(SplitJob(cut.records, tuple(parts)))
        if isinstance(answer, Failure):
            raise PgxError.one("cut-spread", file=str(cut.file.path), found=answer.message)
        cut.records.unlink()
    return made


def _keep(path: Path, target: Path) -> str:
    """Put a file where it stays; return its digest."""
    with path.open("rb") as source, open_output(target) as handle:
        shutil.copyfileobj(source, handle)
    path.unlink()
    return file_digest(target)
