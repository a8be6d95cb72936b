"""The jobs of the worker process: bcftools cuts out records and predicts consequences."""

import contextlib
import json
import os
import shutil
import traceback
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pysam
import pysam.bcftools

from epilepsy_pgx.bcfbytes import cut_bcf, is_bcf, read_bcf_head
from epilepsy_pgx.htslib import read_header
from epilepsy_pgx.vcftext import (
    Cut,
    TextError,
    read_bed,
    read_head,
    read_lines,
    relax_types,
    write_declared,
)
from epilepsy_pgx.worker.jobs import (
    Answer,
    Consequences,
    CsqJob,
    ExtractionJob,
    Failure,
    Job,
    Parts,
    Records,
    SplitJob,
)


def perform(job: Job) -> Answer:
    """Do a job; a problem with its files becomes a failure with a message."""
    try:
        if isinstance(job, CsqJob):
            return Consequences(predict_with_csq(job))
        if isinstance(job, SplitJob):
            _split(job)
            return Parts()
        return Records(_extract(job))
    except MemoryError:
        return Failure("more than the memory allowed holds: a record too long")
    except TextError as fault:
        return Failure(fault.found, fault.line)
    except zlib.error:
        return Failure("damaged compressed data")
    except (OSError, ValueError, EOFError) as error:
        return Failure(_printable(str(error)) or type(error).__name__)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Failure(
            f"an internal error while {job.task} ({type(error).__name__} at "
            f"{Path(place.filename).name}:{place.lineno})"
        )


def _printable(text: str) -> str:
    """Return text that can be sent: a file name in it need not be UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _extract(job: ExtractionJob) -> Cut:
    """Cut the records of one job out of its source.

    Raises
    ------
    ValueError
        With what is wrong with the source.
    """
    if not is_bcf(job.source):
        text = f"{job.target}.vcf"
        intervals = str(job.intervals or job.regions) if job.use_index else ""
        aliases = _read_aliases(job)
        cut = cut_text(str(job.source), str(job.regions), intervals, text, aliases, job.index)
        said = _view(job, text)
        if said and all("::vcf_parse" in line for line in said):
            relax_types(text)
            said = _view(job, text)
        if job.text is not None:
            shutil.move(text, job.text)
        else:
            os.unlink(text)
    elif job.text_spans:
        raise ValueError("a BCF whose header declares END, SVLEN or LEN as text")
    elif job.use_index:
        cut = Cut()
        source = str(job.source)
        if job.index is not None:
            source += f"##idx##{job.index}"
        chosen = [
            "-T",
            str(job.regions),
            "--targets-overlap",
            "1",
            "-R",
            str(job.intervals or job.regions),
        ]
        said = _view(job, source, *(chosen if job.regions.stat().st_size else ["-h"]))
    else:
        part = f"{job.target}.part"
        names = dict(
            (n, name) for name, n in read_header(job.source, read_bcf_head(job.source)).numbers
        )
        cut = cut_bcf(str(job.source), str(job.regions), part, names, _read_aliases(job))
        said = _view(job, part)
        os.unlink(part)
    if said:
        raise ValueError(said[0])
    if job.text is not None and not job.text.exists():
        pysam.bcftools.view(
            "--no-version", "-Ov", "-o", str(job.text), str(job.target), catch_stdout=False
        )
    return cut


def _read_aliases(job: ExtractionJob) -> dict[str, str] | None:
    if job.aliases is None:
        return None
    return dict(json.loads(job.aliases.read_text(encoding="utf-8")))


def _split(job: SplitJob) -> None:
    """Write the files of a job, compressed as little as it takes.

    Raises
    ------
    ValueError
        If one cannot be written.
    """
    for target, samples in job.parts:
        if said := _run_view(target, samples, str(job.source), "-Ob1"):
            raise ValueError(said[0])


def _view(job: ExtractionJob, source: str, *chosen: str) -> list[str]:
    """Write what a job wants of a source; return what `bcftools view` says is wrong."""
    return _run_view(job.target, job.samples, source, "-Ou", *chosen)


def _run_view(target: Path, samples: Sequence[str] | None, source: str, *chosen: str) -> list[str]:
    """Run `bcftools view`; return what it says is wrong."""
    arguments = list(chosen)
    if samples is not None:
        listed = target.with_suffix(".samples")
        listed.write_text("".join(f"{s}\n" for s in samples), encoding="utf-8")
        arguments += ["-S", str(listed)]
    arguments += ["--no-version", "-o", str(target), source]
    with _standard_error(target.with_suffix(".err")) as said:
        problem = ""
        try:
            pysam.bcftools.view(*arguments, catch_stdout=False)
        except pysam.utils.SamtoolsError as error:
            problem = str(error).split("stderr=")[-1].strip(" '\"").removesuffix("\\n")
    with said.open(encoding="utf-8", errors="replace") as text:
        errors = [line.strip() for line in text if line.startswith("[E::")]
    said.unlink()
    return errors or ([problem] if problem else [])


@contextlib.contextmanager
def _standard_error(path: Path) -> Iterator[Path]:
    """Send what C code writes to standard error into a file."""
    saved = os.dup(2)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(handle, 2)
    try:
        yield path
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(handle)


def cut_text(
    source: str,
    regions: str,
    intervals: str,
    target: str,
    aliases: Mapping[str, str] | None = None,
    index: Path | None = None,
) -> Cut:
    """Write the records over some regions as VCF text whose header declares all that they use.

    Parameters
    ----------
    regions
        BED, sorted and merged.
    intervals
        BED of what to seek to in the index of the source; empty to read all of it.
    aliases, index
        As in a job.

    Raises
    ------
    ValueError
        At a line that cannot be read.
    """
    if not intervals:
        return write_declared(read_lines(source), regions, target, aliases)
    lines = _seek_lines(source, intervals, index)
    return write_declared(lines, regions, target, aliases, whole=False)


def _seek_lines(source: str, intervals: str, index: Path | None) -> Iterator[bytes]:
    """Yield the header of an indexed VCF, and the lines that lie in `intervals`."""
    chosen = None if index is None else str(index)
    yield from read_head(source)
    with pysam.TabixFile(source, index=chosen, encoding="latin-1") as indexed:
        last = ("", 0)
        for name, start, end in read_bed(intervals):
            if name not in indexed.contigs:
                continue
            for text in indexed.fetch(name, start, end):
                # A record that began in the interval before was given there.
                if last[0] != name or int(text.split("\t", 2)[1]) > last[1]:
                    yield text.rstrip("\r").encode("latin-1")
            last = (name, end)


def predict_with_csq(job: CsqJob) -> dict[str, str]:
    """Run `bcftools csq`, each record by itself; return INFO/BCSQ by record identifier.

    Raises
    ------
    ValueError
        If csq fails, loses a record, or annotates nothing at all.
    """
    with _standard_error(job.target.with_suffix(".err")):
        try:
            pysam.bcftools.csq(
                "--local-csq",
                "--no-version",
                "--verbose",
                "0",
                "--ncsq",
                "255",
                "--fasta-ref",
                str(job.fasta),
                "--gff-annot",
                str(job.gff),
                "--output",
                str(job.target),
                str(job.vcf),
                catch_stdout=False,
            )
        except pysam.utils.SamtoolsError as error:
            raise ValueError(f"bcftools csq: {error}") from None
    found: dict[str, str] = {}
    records = 0
    for line in job.target.read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        records += 1
        cells = line.split("\t")
        if cells[7].startswith("BCSQ="):
            found[cells[2]] = cells[7][5:]
    if records != job.records or (records and not found):
        raise ValueError(
            f"bcftools csq read {records} of {job.records} variants and annotated {len(found)}"
        )
    return found
