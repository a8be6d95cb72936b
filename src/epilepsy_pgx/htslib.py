"""Everything that touches pysam: headers, FASTA, and bcftools in processes of their own.

bcftools runs in a short-lived process with limits on memory and time, so that a damaged file can
end that process and nothing else.
"""

import contextlib
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from epilepsy_pgx.bcfbytes import MAGIC, cut_bcf, is_bcf, read_bcf_head
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.vcftext import (
    Cut,
    GenotypeFault,
    TextError,
    read_bed,
    read_head,
    read_lines,
    readable_head,
    relax_types,
    write_declared,
)

MEMORY_LIMIT = 1024**3
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
    numbers: tuple[tuple[str, int], ...] = ()
    """(contig, number that stands for it in the records of a BCF)."""


def read_header(path: Path, head: bytes | None = None) -> RawHeader:
    """Read the header of a VCF or BCF.

    Parameters
    ----------
    path
        File that messages name.
    head
        Its header alone, uncompressed; None for a file that this program wrote.

    Raises
    ------
    InputError
        If htslib cannot read it.
    """
    import tempfile

    import pysam

    verbosity = pysam.set_verbosity(0)
    try:
        with contextlib.ExitStack() as stack:
            source = path
            lines: tuple[str, ...] = ()
            if head is not None:
                alone = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".vcf"))
                lines, plain = _split_head(head)
                alone.write(plain)
                alone.flush()
                source = Path(alone.name)
            handle = stack.enter_context(pysam.VariantFile(str(source)))
            header = handle.header
            return RawHeader(
                tuple(header.samples),
                tuple((str(c.name), c.length) for c in header.contigs.values()),
                frozenset(header.formats.keys()),
                lines or tuple(str(r).strip() for r in header.records),
                tuple((str(c.name), int(c.id)) for c in header.contigs.values()),
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
            found=f"a header that htslib refuses ({type(error).__name__})",
            expected="a VCF or BCF header",
            fix="Check the file with 'bcftools view -h'.",
        ) from None
    finally:
        pysam.set_verbosity(verbosity)


def _split_head(head: bytes) -> tuple[tuple[str, ...], bytes]:
    """Return the `##` lines as they are, and the header as htslib can read it."""
    packed = head.startswith(MAGIC)
    text = head[9:].rstrip(b"\0") if packed else head
    lines = text.decode().split("\n")
    plain = head if packed else b"\n".join([*readable_head(text.split(b"\n")), b""])
    return tuple(x.strip() for x in lines if x.startswith("##")), plain


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
    """BED, in the contig names of `source` or in those of `aliases`."""
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
    aliases: Path | None = None
    """JSON of the name in `regions` by spelling of a contig in lower case."""
    index: Path | None = None
    """Index to use; None for the one beside the file."""


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """Why a file could not be read."""

    message: str
    line: int = 0
    """1-based line; 0 if it is not known."""


def read_cut(target: Path) -> Cut:
    """Return what was seen on the way through the source of a target."""
    told = json.loads(target.with_suffix(".done").read_text(encoding="utf-8"))
    return Cut(told["contigs"], [GenotypeFault(*f) for f in told["faults"]], told["faulty"])


def extract_regions(
    jobs: Sequence[ExtractionJob], *, memory: int = MEMORY_LIMIT, timeout: float = TIME_LIMIT
) -> dict[Path, ReadFailure]:
    """Run extraction jobs in one worker process, going on past files that end it.

    Returns
    -------
    dict
        By source path why each job failed that did; empty if all went well.
    """
    failures: dict[Path, ReadFailure] = {}
    waiting = list(jobs)
    while waiting:
        done, message = _run_worker(waiting, memory, timeout)
        failures.update(done)
        reached = len(done) + _count_written(waiting, done)
        if message is None:
            break
        broken = waiting[reached] if reached < len(waiting) else waiting[-1]
        failures[broken.source] = ReadFailure(message)
        waiting = waiting[reached + 1 :]
    return failures


def _count_written(jobs: Sequence[ExtractionJob], failed: Iterable[Path]) -> int:
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
) -> tuple[dict[Path, ReadFailure], str | None]:
    """Run jobs in one process; return its failures, and how it died if it did."""
    for job in jobs:
        job.target.with_suffix(".done").unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-c", _WORKER, str(memory)]
    try:
        process = subprocess.run(
            command,
            input=json.dumps([asdict(job) for job in jobs], default=str),
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
    for line in process.stdout.splitlines():
        with contextlib.suppress(ValueError):
            source, message, number = json.loads(line)
            failures[Path(source)] = ReadFailure(message, number)
    if process.returncode == 0:
        return failures, None
    if process.returncode < 0:
        return failures, f"the reader was ended by signal {-process.returncode}"
    last = process.stderr.strip().splitlines()[-1:] or ["no message"]
    return failures, f"the reader failed: {last[0]}"


_WORKER = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from epilepsy_pgx.htslib import work
work()
"""


def work() -> None:
    """Run the jobs on standard input, in a process of its own; say of each how it failed."""
    for values in json.load(sys.stdin):
        paths = {k: Path(values[k]) for k in _PATHS if values[k] is not None}
        job = ExtractionJob(**{**values, **paths})
        try:
            cut = _extract(job)
        except MemoryError:
            _tell_failure(job, "more than the memory allowed holds: a record too long", 0)
        except TextError as fault:
            _tell_failure(job, fault.found, fault.line)
        except zlib.error:
            _tell_failure(job, "damaged compressed data", 0)
        except (OSError, ValueError, EOFError) as error:
            _tell_failure(job, str(error) or type(error).__name__, 0)
        else:
            told = {"contigs": cut.contigs, "faulty": cut.faulty,
                    "faults": [list(asdict(f).values()) for f in cut.faults]}
            job.target.with_suffix(".done").write_text(json.dumps(told), encoding="utf-8")


_PATHS = frozenset({"source", "regions", "target", "stretches", "aliases", "index"})


def _tell_failure(job: ExtractionJob, message: str, line: int) -> None:
    print(json.dumps([str(job.source), message, line]), flush=True)


def _extract(job: ExtractionJob) -> Cut:
    """Cut the records of one job out of its source.

    Raises
    ------
    ValueError
        With what is wrong with the source.
    """
    if not is_bcf(job.source):
        text = f"{job.target}.vcf"
        stretches = str(job.stretches or job.regions) if job.use_index else ""
        aliases = _read_aliases(job)
        cut = cut_text(str(job.source), str(job.regions), stretches, text, aliases, job.index)
        said = _view(job, text)
        if said and all("::vcf_parse" in line for line in said):
            relax_types(text)
            said = _view(job, text)
        os.unlink(text)
    elif job.text_spans:
        raise ValueError("a BCF whose header declares END, SVLEN or LEN as text")
    elif job.use_index:
        cut = Cut()
        source = str(job.source)
        if job.index is not None:
            source += f"##idx##{job.index}"
        chosen = ["-T", str(job.regions), "--targets-overlap", "1",
                  "-R", str(job.stretches or job.regions)]
        said = _view(job, source, *(chosen if job.regions.stat().st_size else ["-h"]))
    else:
        part = f"{job.target}.part"
        names = dict((n, name) for name, n in read_header(
            job.source, read_bcf_head(job.source)).numbers)
        cut = cut_bcf(str(job.source), str(job.regions), part, names, _read_aliases(job))
        said = _view(job, part)
        os.unlink(part)
    if said:
        raise ValueError(said[0])
    return cut


def _read_aliases(job: ExtractionJob) -> dict[str, str] | None:
    if job.aliases is None:
        return None
    return dict(json.loads(job.aliases.read_text(encoding="utf-8")))


def _view(job: ExtractionJob, source: str, *chosen: str) -> list[str]:
    """Run `bcftools view`; return what it says is wrong."""
    import pysam.bcftools

    arguments = list(chosen)
    if job.samples is not None:
        listed = job.target.with_suffix(".samples")
        listed.write_text("".join(f"{s}\n" for s in job.samples), encoding="utf-8")
        arguments += ["-S", str(listed)]
    arguments += ["--no-version", "-Ou", "-o", str(job.target), source]
    with _standard_error(job.target.with_suffix(".err")) as said:
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
    stretches: str,
    target: str,
    aliases: Mapping[str, str] | None = None,
    index: Path | None = None,
) -> Cut:
    """Write the records over some regions as VCF text whose header declares all that they use.

    Parameters
    ----------
    regions
        BED, sorted and merged.
    stretches
        BED of what to seek to in the index of the source; empty to read all of it.
    aliases, index
        As in a job.

    Raises
    ------
    ValueError
        At a line that cannot be read.
    """
    if not stretches:
        return write_declared(read_lines(source), regions, target, aliases)
    lines = _seek_lines(source, stretches, index)
    return write_declared(lines, regions, target, aliases, whole=False)


def _seek_lines(source: str, stretches: str, index: Path | None) -> Iterator[bytes]:
    """Yield the header of an indexed VCF, and the lines that lie in `stretches`."""
    import pysam

    chosen = None if index is None else str(index)
    yield from read_head(source)
    with pysam.TabixFile(source, index=chosen, encoding="latin-1") as indexed:
        last = (b"", 0)
        for name, start, end in read_bed(stretches):
            if name.decode() not in indexed.contigs:
                continue
            for text in indexed.fetch(name.decode(), start, end):
                # A record that began in the stretch before was given there.
                if last[0] != name or int(text.split("\t", 2)[1]) > last[1]:
                    yield text.rstrip("\r").encode("latin-1")
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

    target = folder / "csq.vcf"
    with _standard_error(folder / "csq.err"):
        try:
            pysam.bcftools.csq(
                "--local-csq", "--no-version", "--verbose", "0", "--ncsq", "255",
                "--fasta-ref", str(fasta), "--gff-annot", str(gff),
                "--output", str(target), str(vcf), catch_stdout=False,
            )
        except pysam.utils.SamtoolsError as error:
            raise RuntimeError(f"bcftools csq: {error}") from None
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
