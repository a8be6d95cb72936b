"""Cut the target records out of files, as clean BCF: what is decoded later is read from there."""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from epilepsy_pgx.addresses import UrlPath
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import writing_to
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.htslib import read_formats
from epilepsy_pgx.intake.contigs import ContigNames
from epilepsy_pgx.intake.vcf import VcfFile
from epilepsy_pgx.intake.whole import FileKind
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.pipeline.witness import witness_regions
from epilepsy_pgx.variants.sites import Region, bed_text, merge_regions
from epilepsy_pgx.variants.sites import site_regions as regions_of
from epilepsy_pgx.vcftext import Cut, find_lines
from epilepsy_pgx.worker.client import ask
from epilepsy_pgx.worker.jobs import ExtractionJob, Failure, Records

SEEK_GAP = 2_000
"""Regions at most this many bases apart are read in one go."""


@dataclass(frozen=True, slots=True)
class CutFile:
    """The records that were cut out of one file."""

    file: VcfFile
    """With the contigs and fields that its records have beside those of its header."""
    records: Path
    """BCF."""
    cut: Cut
    """What was seen on the way."""


def target_regions(targets: Targets, *, witness: bool) -> list[Region]:
    """Return what is cut out of every file.

    Parameters
    ----------
    witness
        True if records beside the targets must bear out that a whole genome was called.
    """
    regions = regions_of(targets.sites.sites)
    regions += [Region(t.chrom, t.start0, t.end0) for t in targets.coding]
    regions += [
        Region(r.chrom, r.first - 1, r.last) for r in targets.quality_regions if r.purpose == "sex"
    ]
    if witness:
        regions += witness_regions(targets.sites)
    return regions


def cut_out(
    files: Sequence[VcfFile],
    wanted: tuple[str, ...],
    regions: Sequence[Region],
    folder: Path,
    contigs: ContigNames,
    kept: Path | None = None,
) -> list[CutFile]:
    """Write the target records of each file into a folder.

    Parameters
    ----------
    wanted
        Names of the samples in the files, in the order of the columns to write.
    kept
        VCF to write with the same records, as the one file of the group has them.

    Raises
    ------
    InputError
        With a line for each file that htslib could not read.
    """
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
        _fetch(file, wide)
        subset = None if file.samples == wanted else wanted
        jobs.append(
            ExtractionJob(
                _lasting(file.place),
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
    return _take_out(files, jobs, contigs)


def _take_out(
    files: Sequence[VcfFile], jobs: Sequence[ExtractionJob], contigs: ContigNames
) -> list[CutFile]:
    answers = [ask(job) for job in jobs]
    failed = [
        _read_problem(file, answer)
        for file, answer in zip(files, answers, strict=True)
        if isinstance(answer, Failure)
    ]
    if failed:
        _check_room(jobs[0].target.parent)
        raise InputError(failed)
    found: list[CutFile] = []
    problems: list[Problem] = []
    for file, job, answer in zip(files, jobs, answers, strict=True):
        assert isinstance(answer, Records)
        cut = answer.cut
        if file.kind is not FileKind.BCF:
            file = file.with_formats(read_formats(job.target))
        try:
            seen = file if file.indexed else file.with_body(tuple(cut.contigs), contigs)
            found.append(CutFile(seen, job.target, cut))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _lasting(path: Path) -> Path:
    """Return a path that means the same in another process: /dev/stdin does not."""
    return path.resolve() if path.parts[:2] in (("/", "dev"), ("/", "proc")) else path


_PLACE = re.compile(r" at ([^\s:]+):(\d+)")


def _fetch(file: VcfFile, regions: Sequence[Region]) -> None:
    """Read of a file at a URL what lies in the regions."""
    if not isinstance(file.path, UrlPath) or file.local is None or file.index is None:
        return
    # Imported where a sheet names a URL: no other run has a network.
    from epilepsy_pgx.intake.remote import fetch_regions

    names: dict[str, list[str]] = {}
    for chrom, name in file.contig_names:
        names.setdefault(chrom, []).append(name)
    asked = [(name, r.start, r.end) for r in regions for name in names.get(r.chrom, ())]
    fetch_regions(file.path, file.local, file.index, asked)


def _read_problem(file: VcfFile, failure: Failure) -> Problem:
    path, line = file.path, failure.line
    if file.local is not None:
        failure = msgspec.structs.replace(
            failure, message=failure.message.replace(str(file.local), str(path))
        )
    elif not line and (place := _PLACE.search(failure.message)):
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


def digest_input(file: VcfFile) -> InputFile:
    """Return the digest of a file of patients; of one at a URL what its server calls its state."""
    if file.local is None:
        return digest_file("VCF", file.path)
    from epilepsy_pgx.intake.remote import tag_of

    return InputFile("VCF", file.path.name, tag_of(file.local), file.local.stat().st_size)


def digest_file(role: str, path: Path) -> InputFile:
    """Return the digest of an input, for the report."""
    total = hashlib.sha256()
    with path.open("rb") as handle:
        read: Callable[[], bytes] = lambda: handle.read(1 << 20)  # noqa: E731
        for chunk in iter(read, b""):
            total.update(chunk)
    return InputFile(role, path.name, f"sha256:{total.hexdigest()}", path.stat().st_size)
