"""Look at a VCF before anything is read from it: is it whole, what build, whose samples.

Everything wrong with a file is found here in one pass, so that a user mends it once.
"""

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.htslib import RawHeader, indexed_contigs, read_header
from epilepsy_pgx.intake.phase import load_phase_marks
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends every complete BGZF file (SAM specification, section 4.1.2)."""

GENOTYPE_WITHIN = 10_000
"""Records among which one must have a genotype."""

_BUILD_WORDS = (
    (re.compile(r"GRCh38|hg38|GCA_000001405\.(1[5-9]|2\d)|assembly=b?38\b", re.I), "GRCh38"),
    (re.compile(r"GRCh37|hg19|hs37|b37\b|GCA_000001405\.([1-9]|1[0-4])\b", re.I), "GRCh37"),
    (re.compile(r"CHM13|T2T", re.I), "T2T-CHM13"),
)


_TEXT_SPAN = re.compile(r"##(INFO=<ID=(END|SVLEN)|FORMAT=<ID=LEN),(?!.*Type=Integer\b)")
_INFO = re.compile(r"##INFO=<ID=([^,>]+)")
_CLASS_NAME = re.compile(r"(?i)(?:\w+_)?(?:CLN_?SIG|CLIN_?SIG|ACMG(?:_?CLASS)?|INTERVAR)")
ANNOTATION_PARTS = re.compile(r"(?:Format:|')\s*([^'\"]*\|[^'\"]*)")
"""Names of the parts of an annotation field such as VEP's CSQ, in its description."""
_COMMAND_PART = re.compile(r'\b(?:ID|Version)="?([^",<>]+)')


@dataclass(frozen=True, slots=True)
class VcfFile:
    """A VCF or BCF that can be read."""

    path: Path
    kind: str
    """`vcf`, `gzip`, `bgzf` or `bcf`."""
    samples: tuple[str, ...]
    contig_names: tuple[tuple[str, str], ...]
    """(chromosome without `chr`, name in this file); all known spellings if it does not say."""
    style: str
    """`chr`, `plain`, `refseq` or `unknown`."""
    build_evidence: str
    """`contig lengths`, `assembly tag`, `contig names`, or `none`: then REF bases decide."""
    indexed: bool
    formats: frozenset[str]
    reference_blocks: bool
    """True for a gVCF."""
    physical_phase_only: bool
    """True if `|` in a genotype does not mean phase over the whole chromosome."""
    source_tags: tuple[tuple[str, str], ...]
    """Caller and reference as the header names them."""
    text_spans: bool = False
    """True if the fields that tell where a record ends are declared as text."""
    info_fields: frozenset[str] = frozenset()
    """INFO fields; `CSQ:CLIN_SIG` for a part of one that holds several."""
    phase_formats: frozenset[str] = frozenset()
    """FORMAT keys that mean phase over a part of a chromosome."""

    @property
    def class_fields(self) -> frozenset[str]:
        """INFO fields, and parts of them, whose names say that they hold a class."""
        return frozenset(
            f for f in self.info_fields if _CLASS_NAME.fullmatch(f.rpartition(":")[2])
        )

    def reads_class_from(self, field: str) -> bool:
        """Say whether a field, or a part of it, is there to give a class."""
        parts = {f for f in self.info_fields if f.startswith(f"{field}:")}
        return field in self.info_fields and bool(not parts or parts & self.class_fields)

    def with_formats(self, used: frozenset[str]) -> "VcfFile":
        """Return the file with FORMAT keys that its records have, declared or not."""
        return replace(
            self,
            formats=self.formats | used,
            physical_phase_only=self.physical_phase_only
            or any(key.upper() in self.phase_formats for key in used),
        )


def contig_spellings(ref: Reference, build: GenomeBuild) -> dict[str, tuple[str, str]]:
    """Return chromosome and style by contig name, for one build."""
    spellings: dict[str, tuple[str, str]] = {}
    for row in ref.table("contigs"):
        chrom = row.need("chrom")
        spellings[f"chr{chrom}"] = (chrom, "chr")
        spellings[chrom] = (chrom, "plain")
        if row["build"] == build:
            spellings[row.need("refseq")] = (chrom, "refseq")
    return spellings


def inspect_vcf(path: Path, build: GenomeBuild, ref: Reference) -> VcfFile:
    """Check that a file can be read whole and is of the stated build.

    Raises
    ------
    InputError
        With every problem found: missing, not a VCF, cut short, no samples, a sample twice,
        contig styles mixed, another build.
    """
    kind = _detect_kind(path)
    _check_complete(path, kind)
    if kind != "bcf":
        _check_text_header(path, kind)
    header = read_header(path)
    problems: list[Problem] = []

    def report(check: str, found: str, expected: str, fix: str) -> None:
        problems.append(Problem(str(path), 0, ".", check, found, expected, fix))

    if not header.samples:
        report(
            "vcf-genotypes", "no sample column", "a FORMAT column and at least one sample",
            "Give a VCF with genotypes, not a sites-only file.",
        )
    elif not {"GT", "LGT"} & header.formats and kind == "bcf":
        report("vcf-genotypes", "no GT in the header", "FORMAT/GT", "Give a VCF with genotypes.")
    index_names = indexed_contigs(path) if kind == "bgzf" else None
    names = [n for n, _ in header.contigs]
    if index_names is not None:
        listed = frozenset(names)
        names += [n for n in index_names if n not in listed]
    spellings = contig_spellings(ref, build)
    found = {n: spellings[n] for n in names if n in spellings}
    styles = Counter(style for _, style in found.values())
    if len(styles) > 1:
        examples = {style: n for n, (_, style) in sorted(found.items(), reverse=True)}
        report(
            "vcf-contig-style",
            "contig names of several styles (" + ", ".join(sorted(examples.values())) + ")",
            "one style: chr1, 1 or NC_000001",
            "Rename them with 'bcftools annotate --rename-chrs'.",
        )
    evidence = _check_build(header, found, names, build, ref, report)
    if problems:
        raise InputError(problems)
    if found and index_names is None and kind != "bcf":
        # A record may stand on a contig that the header forgets.
        held, known = {c for c, _ in found.values()}, next(iter(styles))
        found |= {
            n: v for n, v in spellings.items() if v[0] not in held and v[1] == known
        }
    if found:
        contigs = tuple(sorted((chrom, name) for name, (chrom, _) in found.items()))
    else:
        contigs = tuple(sorted((chrom, name) for name, (chrom, _) in spellings.items()))
    text = "\n".join(header.lines)
    marks = load_phase_marks(ref)
    blocks = "NON_REF" in text or "<*>" in text or "GVCFBlock" in text or "ID=*," in text
    return VcfFile(
        path=path,
        kind=kind,
        samples=header.samples,
        contig_names=contigs,
        style=next(iter(styles), "unknown"),
        build_evidence=evidence,
        indexed=kind in ("bgzf", "bcf") and _has_fresh_index(path),
        formats=header.formats,
        reference_blocks=blocks,
        physical_phase_only=marks.used_by(header.formats) or marks.named_in(header.lines),
        source_tags=_source_tags(header),
        text_spans=any(_TEXT_SPAN.match(line) for line in header.lines),
        phase_formats=marks.formats,
        info_fields=_info_fields(header.lines),
    )


def _detect_kind(path: Path) -> str:
    def fail(found: str, fix: str) -> InputError:
        return InputError.one(
            "vcf-readable", file=str(path), found=found, expected="a VCF or BCF", fix=fix
        )

    try:
        with path.open("rb") as handle:
            head = handle.read(18)
            if not head:
                raise fail("an empty file", "Make the VCF again.")
            if head[:2] == b"\x1f\x8b":
                blocked = head[3:4] == b"\x04" and head[12:14] == b"BC"
                handle.seek(0)
                text = zlib.decompressobj(31).decompress(handle.read(65536), 64)
                if text.startswith(b"BCF\x02"):
                    return "bcf"
                _refuse_marks(text, fail)
                if not text.startswith(b"##fileformat=VCF"):
                    raise fail("compressed data that are not a VCF", "Check the path.")
                return "bgzf" if blocked else "gzip"
    except FileNotFoundError:
        raise fail("no such file", "Check the path.") from None
    except IsADirectoryError:
        raise fail("a folder", "Name the VCF itself.") from None
    except PermissionError:
        raise fail("a file that may not be read", "Check its permissions.") from None
    except zlib.error:
        raise fail("damaged compressed data", "Copy the file again.") from None
    if head.startswith(b"##fileformat=VCF"):
        return "vcf"
    _refuse_marks(head, fail)
    raise fail("a file that does not start with ##fileformat=VCF", "Check the path.")


def _refuse_marks(head: bytes, fail: Callable[[str, str], InputError]) -> None:
    if head.startswith(b"\xef\xbb\xbf"):
        raise fail(
            "a byte order mark before ##fileformat=VCF",
            "Save the file as UTF-8 without a byte order mark ('sed 1s/^\\xEF\\xBB\\xBF//').",
        )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fail("text in UTF-16", "Save the file as UTF-8 without a byte order mark.")


def _check_complete(path: Path, kind: str) -> None:
    """Refuse a file that was cut short: compressed with an index it would read as empty."""
    cut = InputError.one(
        "vcf-complete",
        file=str(path),
        found="a file that was cut short",
        expected="the end mark of its compression",
        fix="Copy the file again and compare checksums.",
    )
    if kind in ("bgzf", "bcf"):
        with path.open("rb") as handle:
            handle.seek(0, 2)
            size = handle.tell()
            handle.seek(max(0, size - len(BGZF_END)))
            if handle.read() != BGZF_END:
                raise cut
    elif kind == "gzip":
        with path.open("rb") as handle:
            stream = zlib.decompressobj(31)
            try:
                while chunk := handle.read(1 << 20):
                    while chunk:
                        stream.decompress(chunk)
                        chunk = stream.unused_data
                        if chunk:
                            stream = zlib.decompressobj(31)
            except zlib.error:
                raise cut from None
            if not stream.eof:
                raise cut
    elif kind == "vcf":
        _check_last_line(path)


def _check_last_line(path: Path) -> None:
    """Refuse plain text that ends inside a record."""
    with path.open("rb") as handle:
        handle.seek(0, 2)
        at, tail = handle.tell(), b""
        while at and b"\n" not in tail:
            step = min(at, 1 << 16)
            at -= step
            handle.seek(at)
            tail = handle.read(step) + tail
    line = tail.rpartition(b"\n")[2]
    if b"\0" in line:
        raise InputError.one(
            "vcf-complete", file=str(path), found="zero bytes at the end",
            expected="text up to the last line end",
            fix="The file was not copied or written whole: make it again.",
        )
    if not line or line.startswith(b"#"):
        return
    with path.open("rb") as handle:
        titles = next((x for x in handle if x.startswith(b"#CHROM")), b"")
    cells = line.split(b"\t")
    fields = cells[8].count(b":") if len(cells) > 9 else 0
    if len(cells) <= titles.count(b"\t") or cells[-1].count(b":") < fields:
        raise InputError.one(
            "vcf-complete", file=str(path),
            found=f"a last line without its end ({len(cells)} columns)",
            expected=f"{titles.count(9) + 1} columns and a line end",
            fix="The file was cut short: copy it again and compare checksums.",
        )


def _check_text_header(path: Path, kind: str) -> None:
    """Find a repeated sample name, which htslib refuses without saying which."""
    import gzip

    try:
        _scan_text_header(path, kind)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InputError.one(
            "vcf-readable", file=str(path), found="damaged compressed data",
            expected="a VCF or BCF", fix="Copy the file again.",
        ) from None


def _scan_text_header(path: Path, kind: str) -> None:
    import gzip

    opened = gzip.open(path, "rt", errors="replace") if kind != "vcf" else path.open(
        encoding="utf-8", errors="replace"
    )
    declared = False
    with opened as handle:
        for number, line in enumerate(handle, 1):
            if line.startswith("#CHROM"):
                names = line.rstrip("\r\n").split("\t")[9:]
                twice = sorted(n for n, c in Counter(names).items() if c > 1)
                if twice:
                    raise InputError.one(
                        "vcf-sample-once", file=str(path), line=number,
                        found=f"{len(twice)} sample name(s) in more than one column",
                        expected="each sample once",
                        fix="Rename or remove the repeated columns ('bcftools reheader').",
                    )
                if names:
                    _check_genotypes(path, handle, number + 1, declared)
                return
            declared = declared or line.startswith(("##FORMAT=<ID=GT,", "##FORMAT=<ID=LGT,"))
            if not line.startswith("#"):
                break
    raise InputError.one(
        "vcf-header", file=str(path), found="no #CHROM line", expected="a VCF header",
        fix="Check the file with 'bcftools view -h'.",
    )


def _check_genotypes(
    path: Path, records: Iterator[str], number: int, declared: bool
) -> None:
    """Refuse a file without a genotype in its first records; copy numbers may stand before.

    Where the header declares genotypes and more records follow, they may come later still.
    """
    first = None
    for line in itertools.islice(records, GENOTYPE_WITHIN):
        cells = line.split("\t", 9)
        if len(cells) < 10:
            return
        keys = set(cells[8].split(":"))
        if "GT" in keys or ("LGT" in keys and {"LAA", "LA"} & keys):
            return
        first = first or cells[8]
    if first is not None and not (declared and next(records, "")):
        raise InputError.one(
            "vcf-genotypes", file=str(path), line=number, column="FORMAT",
            found=f"{first!r}, without GT, and none in the records after it",
            expected="GT in FORMAT",
            fix="Give a VCF with genotypes; local ones (LGT) need LAA beside them.",
        )


def _check_build(
    header: RawHeader,
    found: dict[str, tuple[str, str]],
    names: list[str],
    build: GenomeBuild,
    ref: Reference,
    report: Callable[[str, str, str, str], None],
) -> str:
    lengths: dict[str, dict[str, int]] = {}
    refseq: dict[str, str] = {}
    for row in ref.table("contigs"):
        lengths.setdefault(row.need("build"), {})[row.need("chrom")] = int(row.need("length"))
        refseq[row.need("refseq")] = row.need("build")
    other_names = sorted({refseq[n] for n in names if n in refseq and refseq[n] != build})
    if other_names:
        report(
            "vcf-build", f"contig names of {other_names[0]}", f"{build}, as stated",
            f"State --build {other_names[0]}, or give the {build} file.",
        )
        return "contig names"
    stated = {found[n][0]: length for n, length in header.contigs if n in found and length}
    if stated:
        wrong = {c: n for c, n in stated.items() if lengths[build][c] != n}
        if not wrong:
            return "contig lengths"
        for other, table in lengths.items():
            if other != build and all(table[c] == n for c, n in wrong.items()):
                report(
                    "vcf-build", f"contig lengths of {other}", f"{build}, as stated",
                    f"State --build {other}, or give the {build} file.",
                )
                return "contig lengths"
        chrom, length = sorted(wrong.items())[0]
        report(
            "vcf-build", f"length {length} for chromosome {chrom}",
            f"{lengths[build][chrom]} ({build})",
            "Other assemblies (T2T-CHM13, NCBI36) are not supported: align to GRCh37 or GRCh38.",
        )
        return "contig lengths"
    if any(style == "refseq" for _, style in found.values()):
        return "contig names"
    tags = [x for x in header.lines if x.startswith(("##reference", "##assembly", "##contig"))]
    seen = {word for line in tags for pattern, word in _BUILD_WORDS if pattern.search(line)}
    if len(seen) == 1:
        word = seen.pop()
        if word == build:
            return "assembly tag"
        report(
            "vcf-build", f"a header that names {word}", f"{build}, as stated",
            f"State the build of the file, or give the {build} file.",
        )
    return "none"


def _has_fresh_index(path: Path) -> bool:
    for suffix in (".tbi", ".csi"):
        index = Path(f"{path}{suffix}")
        if index.is_file():
            return index.stat().st_mtime >= path.stat().st_mtime - 1
    return False


def _info_fields(lines: Iterable[str]) -> frozenset[str]:
    found = set()
    for line in lines:
        if match := _INFO.match(line):
            found.add(match[1])
            if listed := ANNOTATION_PARTS.search(line):
                found |= {f"{match[1]}:{p.strip()}" for p in listed[1].split("|")}
    return frozenset(found)


def _source_tags(header: RawHeader) -> tuple[tuple[str, str], ...]:
    """Return caller and reference, without the paths and command lines of another machine."""
    tags: dict[str, str] = {}
    for line in header.lines:
        key, _, value = line.removeprefix("##").partition("=")
        if key in ("source", "DeepVariant_version"):
            tags.setdefault(key, value.split("/")[-1][:60])
        elif key == "reference":
            tags.setdefault(key, value.rstrip("/").split("/")[-1][:60])
        elif key.startswith("GATKCommandLine"):
            parts = [m[1] for m in _COMMAND_PART.finditer(value)]
            tags.setdefault("caller", " ".join(parts)[:60] or key)
    return tuple(tags.items())
