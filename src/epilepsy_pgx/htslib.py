"""Headers and FASTA, read by htslib; bcftools runs in the worker process alone."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.bcfbytes import MAGIC
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intervals import Interval
from epilepsy_pgx.vcftext import readable_head


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

    with _refusing(path), contextlib.ExitStack() as stack:
        source = path
        lines: tuple[str, ...] = ()
        if head is not None:
            # Without a name, so that no signal leaves it behind.
            alone = stack.enter_context(tempfile.TemporaryFile())
            lines, plain = _split_head(head)
            _check_numbers(path, plain)
            alone.write(plain)
            alone.flush()
            source = Path(f"/proc/self/fd/{alone.fileno()}")
        handle = stack.enter_context(pysam.VariantFile(str(source)))
        header = handle.header
        contigs = [(str(c.name), c.length, int(c.id)) for c in header.contigs.values()]
        return RawHeader(
            tuple(header.samples),
            tuple((name, length) for name, length, _ in contigs),
            frozenset(header.formats.keys()),
            lines or tuple(str(r).strip() for r in header.records),
            tuple((name, number) for name, _, number in contigs),
        )


def read_formats(path: Path) -> frozenset[str]:
    """Return the FORMAT fields that a VCF or BCF declares which this program wrote.

    Raises
    ------
    InputError
        If htslib cannot read it.
    """
    import pysam

    with _refusing(path), pysam.VariantFile(str(path)) as handle:
        return frozenset(handle.header.formats.keys())


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a header into an error that names its file."""
    import pysam

    verbosity = pysam.set_verbosity(0)
    try:
        yield
    except UnicodeDecodeError as error:
        raise InputError.one(
            "vcf-header",
            file=str(path),
            found=f"a header that is not UTF-8 (byte {error.object[error.start]:#04x} in "
            f"{error.object[max(0, error.start - 12) : error.start]!r} …)",
            expected="UTF-8 text",
            fix="Convert it, for instance with 'iconv -f LATIN1 -t UTF-8'.",
        ) from None
    # pysam asserts that the numbers of a BCF's contigs have no gaps.
    except (ValueError, OSError, AssertionError) as error:
        raise InputError.one(
            "vcf-header",
            file=str(path),
            found=f"a header that htslib refuses ({type(error).__name__})",
            expected="a VCF or BCF header",
            fix="Check the file with 'bcftools view -h'.",
        ) from None
    finally:
        pysam.set_verbosity(verbosity)


_NUMBER = re.compile(rb"[<,]\s*IDX\s*=\s*(\d+)")
LARGEST_NUMBER = 1_000_000
"""htslib keeps a table as long as the largest number that a header gives an entry."""


def _check_numbers(path: Path, head: bytes) -> None:
    """Refuse a header that would make htslib take gigabytes for a table with nothing in it."""
    if any(len(n) > 7 or int(n) > LARGEST_NUMBER for n in _NUMBER.findall(head)):
        raise InputError.one(
            "vcf-header",
            file=str(path),
            found="an entry that is numbered (IDX) beyond a million",
            expected="a VCF or BCF header",
            fix="Check the file with 'bcftools view -h'.",
        )


def _split_head(head: bytes) -> tuple[tuple[str, ...], bytes]:
    """Return the `##` lines as they are, and the header as htslib can read it."""
    packed = head.startswith(MAGIC)
    text = head[9:].rstrip(b"\0") if packed else head
    lines = text.decode().split("\n")
    plain = head if packed else b"\n".join([*readable_head(text.split(b"\n")), b""])
    return tuple(x.strip() for x in lines if x.startswith("##")), plain


def indexed_lines(
    path: Path, index: Path, regions: Sequence[Interval], chrom_of: Callable[[str], str | None]
) -> Iterator[str]:
    """Yield the lines of a text file over some regions, sought by its index.

    Parameters
    ----------
    regions
        In order, apart from each other; chromosomes without `chr`.
    chrom_of
        The chromosome that a contig of the file is.

    Raises
    ------
    OSError, ValueError
        If the file or its index is damaged.
    """
    import pysam

    with pysam.TabixFile(str(path), index=str(index)) as table:
        spelled = {c: n for n in table.contigs if (c := chrom_of(n)) is not None}
        seen = ""
        for chrom, start, end in regions:
            for line in table.fetch(spelled[chrom], start, end) if chrom in spelled else ():
                # A long record may meet two regions.
                if line != seen:
                    yield line
                seen = line


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


def write_indexed(lines: Iterable[bytes], path: Path) -> None:
    """Write the lines of a VCF compressed in blocks, and its index beside it (`.tbi`)."""
    import pysam

    with pysam.BGZFile(str(path), "wb", None) as target:
        for line in lines:
            target.write(line + b"\n")
    pysam.tabix_index(str(path), preset="vcf", force=True)
