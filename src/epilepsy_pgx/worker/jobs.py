"""What is asked of the worker process and what it answers: one JSON object a line."""

import os
import signal
from pathlib import Path
from typing import Any

import msgspec

from epilepsy_pgx.vcftext import Cut


class ExtractionJob(msgspec.Struct, frozen=True, tag="extract"):
    """Cut the records over some regions out of one file."""

    source: Path
    regions: Path
    """BED, in the contig names of `source` or in those of `aliases`."""
    target: Path
    """BCF to write, uncompressed."""
    use_index: bool
    samples: tuple[str, ...] | None = None
    """Samples to keep, in this order; None for all."""
    intervals: Path | None = None
    """BED of wider intervals, all regions within them, to seek to where there is an index.

    Each seek unpacks the file from the last mark of the index, 16,000 bases apart: over regions
    that lie close together, one seek costs less than many.
    """
    text_spans: bool = False
    """True if htslib misreads the records, as the header misdeclares END, SVLEN, LEN or GT."""
    aliases: Path | None = None
    """JSON of the name in `regions` by spelling of a contig in lower case."""
    index: Path | None = None
    """Index to use; None for the one beside the file."""
    text: Path | None = None
    """VCF to write beside the BCF, with all that the records have as the source has it."""

    @property
    def task(self) -> str:
        """What the job does, as messages say it."""
        return "cutting out records"


class SplitJob(msgspec.Struct, frozen=True, tag="split"):
    """Spread the samples of a BCF over several."""

    source: Path
    parts: tuple[tuple[Path, tuple[str, ...]], ...]
    """BCF to write, and its samples in order."""

    @property
    def task(self) -> str:
        """What the job does, as messages say it."""
        return f"spreading samples over {len(self.parts)} files"


class CsqJob(msgspec.Struct, frozen=True, tag="csq"):
    """Run `bcftools csq`, each record by itself; the files are in the same contig names."""

    fasta: Path
    gff: Path
    vcf: Path
    """Its records carry distinct identifiers."""
    records: int
    """How many it has."""
    target: Path
    """VCF to write."""

    @property
    def task(self) -> str:
        """What the job does, as messages say it."""
        return f"predicting the consequences of {self.records} variants"


Job = ExtractionJob | SplitJob | CsqJob


class Request(msgspec.Struct, frozen=True):
    """A job, and the conditions under which it is done."""

    job: Job
    folder: Path | None
    """Working directory that relative paths of the job start from; None if there is none."""
    memory: int
    """Address space, in bytes."""
    timeout: float
    """Seconds after which the job is given up."""


class Records(msgspec.Struct, frozen=True, tag="records"):
    """The records of a job have been cut out."""

    cut: Cut


class Parts(msgspec.Struct, frozen=True, tag="parts"):
    """The samples of a file have been spread over several."""


class Consequences(msgspec.Struct, frozen=True, tag="consequences"):
    """The consequences of variants."""

    by_record: dict[str, str]
    """INFO/BCSQ by record identifier; records of which csq says nothing are absent."""


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """Why a job was not done."""

    message: str
    line: int = 0
    """1-based line of the file that was read; 0 if it is not known."""


Answer = Records | Parts | Consequences | Failure


def describe_end(code: int, request: Request) -> str:
    """Say how a process ended before its job was done; `code` is negative for a signal."""
    task = request.job.task
    if code == -signal.SIGALRM:
        return f"{task} that did not end within {request.timeout:.0f} seconds"
    if code >= 0:
        return f"a process that ended with exit code {code} while {task}"
    why = ", as when memory runs out" if code == -signal.SIGKILL else ""
    return f"a process ended by signal {-code} ({signal.strsignal(-code)}{why}) while {task}"


def encode(record: Request | Answer) -> bytes:
    """Return a request or an answer as a line of JSON."""
    return msgspec.json.encode(record, enc_hook=_path_text) + b"\n"


def decode_request(line: bytes) -> Request:
    """Read a request."""
    return msgspec.json.decode(line, type=Request, dec_hook=_read_path)


def decode_answer(line: bytes) -> Answer:
    """Read an answer."""
    answer: Answer = msgspec.json.decode(line, type=Answer)
    return answer


def _path_text(value: Any) -> str:
    # A file name is bytes and need not be UTF-8: as Latin-1 each byte is one character.
    if isinstance(value, Path):
        return os.fsencode(value).decode("latin-1")
    raise TypeError(f"a job has no {type(value).__name__}")


def _read_path(kind: type, value: Any) -> Path:
    if issubclass(kind, Path):
        return Path(os.fsdecode(value.encode("latin-1")))
    raise TypeError(f"a job has no {kind.__name__}")
