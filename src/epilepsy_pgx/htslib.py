"""Everything that touches pysam: headers, FASTA, and bcftools in processes of their own.

bcftools runs in a short-lived process with limits on memory and time, so that a damaged file can
end that process and nothing else.
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.vcftext import read_bed, write_declared

MEMORY_LIMIT = 4 * 1024**3
"""Address space of one extraction process, in bytes."""
TIME_LIMIT = 3600.0
"""Longest run of one extraction process, in seconds."""


@dataclass(frozen=True, slots=True)
class RawHeader:
    """What htslib reads from the head of a VCF or BCF."""

    samples: tuple[str, ...]
    contigs: tuple[tuple[str, int | None], ...]
    """(name, length or None) in file order."""
    formats: frozenset[str]
    lines: tuple[str, ...]
    """The `##` lines as text."""


def read_header(path: Path) -> RawHeader:
    """Read the header of a VCF or BCF.

    Raises
    ------
    InputError
        If htslib cannot read it.
    """
    import pysam

    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as handle:
            header = handle.header
            return RawHeader(
                tuple(header.samples),
                tuple((str(c.name), c.length) for c in header.contigs.values()),
                frozenset(header.formats.keys()),
                tuple(str(r).strip() for r in header.records),
            )
    except UnicodeDecodeError as error:
        raise InputError.one(
            "vcf-header",
            file=str(path),
            found=f"a header that is not UTF-8 (byte {error.object[error.start]:#04x} in "
            f"{error.object[max(0, error.start - 12):error.start]!r} …)",
            expected="UTF-8 text",
            fix="Convert it, for instance with 'iconv -f LATIN1 -t UTF-8'.",
        ) from None
    except (ValueError, OSError) as error:
        raise InputError.one(
            "vcf-header",
            file=str(path),
            found=f"a header that htslib refuses ({error})",
            expected="a VCF or BCF header",
            fix="Check the file with 'bcftools view -h'.",
        ) from None
    except NotImplementedError:
        # pysam cannot seek in gzip that is not BGZF: give it the header alone.
        return _read_gzip_header(path)
    finally:
        pysam.set_verbosity(verbosity)


def _read_gzip_header(path: Path) -> RawHeader:
    import gzip
    import tempfile

    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as packed:
        lines = list(itertools.takewhile(lambda line: line.startswith("#"), packed))
    with tempfile.NamedTemporaryFile("w", suffix=".vcf", encoding="utf-8") as plain:
        plain.writelines(lines)
        plain.flush()
        return read_header(Path(plain.name))


def indexed_contigs(path: Path) -> tuple[str, ...] | None:
    """Return the contig names of a tabix index, or None where there is no usable one."""
    import pysam

    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.TabixFile(str(path)) as handle:
            return tuple(handle.contigs)
    except (OSError, ValueError):
        return None
    finally:
        pysam.set_verbosity(verbosity)


def open_fasta(path: Path) -> "object":
    """Open an indexed FASTA; the index is made next to it if that is possible.

    Raises
    ------
    InputError
        If the file is missing, not a FASTA, or cannot be indexed.
    """
    import pysam

    try:
        return pysam.FastaFile(str(path))
    except (OSError, ValueError) as error:
        raise InputError.one(
            "fasta-opens",
            file=str(path),
            found=str(error),
            expected="a FASTA with an index (.fai)",
            fix="Index it with 'samtools faidx'; compress with bgzip, not gzip.",
        ) from None


@dataclass(frozen=True, slots=True)
class ExtractionJob:
    """Cut the records over some regions out of one file."""

    source: Path
    regions: Path
    """BED in the contig names of `source`."""
    target: Path
    """BCF to write, uncompressed."""
    use_index: bool
    samples: tuple[str, ...] | None = None
    """Samples to keep, in this order; None for all."""
    stretches: Path | None = None
    """BED of wider stretches, all regions within them, to seek to where there is an index.

    Each seek unpacks the file from the last mark of the index, 16,000 bases apart: over regions
    that lie close together, one seek costs less than many.
    """
    text_spans: bool = False
    """True if htslib misreads the records, as the header misdeclares END, SVLEN, LEN or GT."""


def _arguments(job: ExtractionJob) -> list[str]:
    chosen = ["-T", str(job.regions), "--targets-overlap", "1"]
    if job.use_index:
        chosen += ["-R", str(job.stretches or job.regions)]
    return [*chosen, *_ending(job, str(job.source))]


def _ending(job: ExtractionJob, source: str) -> list[str]:
    chosen = []
    if job.samples is not None:
        listed = job.target.with_suffix(".samples")
        listed.write_text("".join(f"{s}\n" for s in job.samples), encoding="utf-8")
        chosen += ["-S", str(listed)]
    return [*chosen, "--no-version", "-Ou", "-o", str(job.target), source]


def completed_formats(target: Path) -> frozenset[str] | None:
    """Return the FORMAT keys of a target whose source did not declare all that it uses.

    None if the header of the source was whole.
    """
    if target.with_suffix(".done").read_text(encoding="ascii"):
        return read_header(target).formats
    return None


def extract_regions(
    jobs: Sequence[ExtractionJob], *, memory: int = MEMORY_LIMIT, timeout: float = TIME_LIMIT
) -> dict[Path, str]:
    """Run extraction jobs in one worker process, going on past files that end it.

    Returns
    -------
    dict
        Message by source path for each job that failed; empty if all went well.
    """
    failures: dict[Path, str] = {}
    waiting = list(jobs)
    while waiting:
        done, message = _run_worker(waiting, memory, timeout)
        failures.update(done)
        reached = len(done) + _count_written(waiting, done)
        if message is None:
            break
        broken = waiting[reached] if reached < len(waiting) else waiting[-1]
        failures[broken.source] = message
        waiting = waiting[reached + 1 :]
    return failures


def _count_written(jobs: Sequence[ExtractionJob], failed: dict[Path, str]) -> int:
    count = 0
    for job in jobs:
        if job.source in failed:
            continue
        if not job.target.with_suffix(".done").exists():
            break
        count += 1
    return count


def _run_worker(
    jobs: Sequence[ExtractionJob], memory: int, timeout: float
) -> tuple[dict[Path, str], str | None]:
    """Run jobs in one process; return its failures, and how it died if it did."""
    lines = []
    for job in jobs:
        job.target.with_suffix(".done").unlink(missing_ok=True)
        stretches = str(job.stretches or job.regions) if job.use_index else ""
        lines.append("\x1d".join("\x1f".join(part) for part in (
            (str(job.source), str(job.target), str(job.regions), stretches,
             "text spans" if job.text_spans else ""),
            _arguments(job), _ending(job, f"{job.target}.vcf"),
        )))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-c", _WORKER, str(memory)]
    try:
        process = subprocess.run(
            command,
            input="\x1e".join(lines),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}, f"reading did not end within {timeout:.0f} seconds"
    failures = {}
    for line in process.stdout.split("\x1e"):
        if "\x1f" in line:
            source, message = line.split("\x1f", 1)
            failures[Path(source)] = message
    if process.returncode == 0:
        return failures, None
    if process.returncode < 0:
        return failures, f"the reader was ended by signal {-process.returncode}"
    last = process.stderr.strip().splitlines()[-1:] or ["no message"]
    return failures, f"the reader failed: {last[0]}"


_WORKER = r"""
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
import pysam
import pysam.bcftools
WORDS = ("not defined in", "Undefined tags in the header")

def view(arguments, errors):
    saved = os.dup(2)
    handle = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(handle, 2)
    try:
        pysam.bcftools.view(*arguments, catch_stdout=False)
        problem = ""
    except pysam.utils.SamtoolsError as error:
        problem = str(error)
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(handle)
    with open(errors, encoding="utf-8", errors="replace") as text:
        said = [line.strip() for line in text]
    os.unlink(errors)
    lacking = [line for line in [*said, problem] if any(w in line for w in WORDS)]
    return problem, [x for x in said if x.startswith("[E::") and x not in lacking], lacking

for job in sys.stdin.read().split("\x1e"):
    (source, target, regions, stretches, text_spans), whole, rest = [
        part.split("\x1f") for part in job.split("\x1d")
    ]
    problem, said, lacking = view(whole, target + ".err")
    refused = any(not x.startswith("[W::") for x in lacking)
    completed = bool(lacking or text_spans) and not said and (refused or not problem)
    if completed:
        # BCF cannot hold what the header does not declare, and htslib writes the header first.
        from epilepsy_pgx.htslib import cut_text
        try:
            cut_text(source, regions, stretches, target + ".vcf")
            problem, said, lacking = view(rest, target + ".err")
            said += lacking
        except (OSError, ValueError, EOFError) as error:
            problem, said = "", [str(error)]
        if os.path.exists(target + ".vcf"):
            os.unlink(target + ".vcf")
    if problem or said:
        tail = problem.split("stderr=")[-1].strip(" '\"").removesuffix("\\n")
        message = said[0] if said else tail or problem
        sys.stdout.write(source + "\x1f" + message + "\x1e")
        sys.stdout.flush()
    else:
        with open(os.path.splitext(target)[0] + ".done", "w") as mark:
            mark.write("header completed" if completed else "")
"""


def cut_text(source: str, regions: str, stretches: str, target: str) -> None:
    """Write the records over some regions as VCF text whose header declares all that they use.

    Parameters
    ----------
    regions
        BED, sorted and merged, in the contig names of the source.
    stretches
        BED of what to seek to in the index of the source; empty to read all of it.

    Raises
    ------
    ValueError
        If a line has not the columns of the header.
    """
    write_declared(_text_lines(source, stretches), regions, target)


def _text_lines(source: str, stretches: str) -> Iterator[bytes]:
    """Yield the lines of a VCF, of an indexed one only the header and what lies in `stretches`."""
    import gzip

    if not stretches:
        with open(source, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
        if packed and gzip.open(source).read(3) == b"BCF":
            raise ValueError(
                "a BCF whose header declares END, SVLEN or LEN as text, or GT as anything else"
            )
        with gzip.open(source, "rb") if packed else open(source, "rb") as lines:
            for line in lines:
                yield line.rstrip(b"\r\n")
        return
    import pysam

    with pysam.TabixFile(source, encoding="latin-1") as indexed:
        for text in indexed.header:
            yield text.encode("latin-1")
        last = (b"", 0)
        for name, start, end in read_bed(stretches):
            if name.decode() not in indexed.contigs:
                continue
            for text in indexed.fetch(name.decode(), start, end):
                # A record that began in the stretch before was given there.
                if last[0] != name or int(text.split("\t", 2)[1]) > last[1]:
                    yield text.encode("latin-1")
            last = (name, end)


def predict_with_csq(fasta: Path, gff: Path, vcf: Path, folder: Path) -> dict[str, str]:
    """Run `bcftools csq`, each record by itself.

    Parameters
    ----------
    fasta, gff, vcf
        Files in the same contig names. Records carry distinct identifiers.
    folder
        Scratch folder.

    Returns
    -------
    dict
        INFO/BCSQ by record identifier; records of which csq says nothing are absent.

    Raises
    ------
    RuntimeError
        If csq fails, loses a record, or annotates nothing at all.
    """
    import pysam
    import pysam.bcftools

    target, errors = folder / "csq.vcf", folder / "csq.err"
    saved = os.dup(2)
    handle = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(handle, 2)
    try:
        pysam.bcftools.csq(
            "--local-csq", "--no-version", "--verbose", "0", "--ncsq", "255",
            "--fasta-ref", str(fasta), "--gff-annot", str(gff),
            "--output", str(target), str(vcf), catch_stdout=False,
        )
    except pysam.utils.SamtoolsError as error:
        raise RuntimeError(f"bcftools csq: {error}") from None
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(handle)
    found: dict[str, str] = {}
    records = 0
    for line in target.read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        records += 1
        cells = line.split("\t")
        if cells[7].startswith("BCSQ="):
            found[cells[2]] = cells[7][5:]
    given = sum(not x.startswith("#") for x in vcf.read_text(encoding="ascii").splitlines())
    if records != given or (given and not found):
        raise RuntimeError(f"bcftools csq annotated {len(found)} of {given} records")
    return found
