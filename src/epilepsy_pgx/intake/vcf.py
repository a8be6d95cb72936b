"""Look at a VCF before anything is read from it: is it whole, what build, whose samples.

Everything wrong with a file is found here in one pass, so that a user mends it once.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.htslib import RawHeader, read_header
from epilepsy_pgx.intake.contigs import ContigNames, load_contig_names
from epilepsy_pgx.intake.index import OtherIndexError, contigs_of_index
from epilepsy_pgx.intake.phase import load_phase_marks
from epilepsy_pgx.intake.whole import FileKind, detect_kind, read_whole_head
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Contig, ContigLength
from epilepsy_pgx.vocabulary import GenomeBuild

_BUILD_WORDS = (
    (re.compile(r"GRCh38|hg38|GCA_000001405\.(1[5-9]|2\d)|assembly=b?38\b", re.I), "GRCh38"),
    (re.compile(r"GRCh37|hg19|hs37|b37\b|GCA_000001405\.([1-9]|1[0-4])\b", re.I), "GRCh37"),
    (re.compile(r"CHM13|T2T", re.I), "T2T-CHM13"),
)


_INFO = re.compile(r"##INFO=<ID=([^,>]+)")
_CLASS_NAME = re.compile(
    r"(?i)(?:\w+_)?(?:CLN_?SIG|CLIN_?SIG|CLINVAR_?SIG\w*|ACMG(?:_?CLASS\w*)?|INTERVAR(?:_\w+)?)"
)
ANNOTATION_PARTS = re.compile(r"(?:Format:|')\s*([^'\"]*\|[^'\"]*)")
"""Names of the parts of an annotation field such as VEP's CSQ, in its description."""
_MISDECLARED = re.compile(
    r"##(INFO=<ID=(END|SVLEN)|FORMAT=<ID=LEN),(?!.*Type=Integer\b)"
    r"|##FORMAT=<ID=GT,(?!.*Type=String\b)"
)
_COMMAND_PART = re.compile(r'\b(?:ID|Version)="?([^",<>]+)')
_INDEXES = (".csi", ".tbi")
_MARKS_BEFORE = re.compile(r"##fileformat=VCFv4\.([4-9]|\d\d)")


class BuildEvidence(StrEnum):
    """What in a file proves its build."""

    LENGTHS = "contig lengths"
    TAG = "assembly tag"
    NAMES = "contig names"
    NONE = "none"
    """Nothing in the header: REF bases decide."""


@dataclass(frozen=True, slots=True)
class VcfFile:
    """A VCF or BCF that can be read."""

    path: Path
    kind: FileKind
    samples: tuple[str, ...]
    contig_names: tuple[tuple[str, str], ...]
    """(chromosome without `chr`, name in the records); of a file that was not read yet and has
    no index, the names of its header."""
    build_evidence: BuildEvidence
    index: Path | None
    """Index that was proved to be that of the file."""
    formats: frozenset[str]
    reference_blocks: bool
    """True for a gVCF."""
    physical_phase_only: bool
    """True if `|` in a genotype does not mean phase over the whole chromosome."""
    source_tags: tuple[tuple[str, str], ...]
    """Caller and reference as the header names them."""
    text_spans: bool = False
    """True if the fields that tell where a record ends are declared as text, or the genotype is
    declared as anything else: htslib then misreads the records."""
    info_fields: frozenset[str] = frozenset()
    """INFO fields; `CSQ:CLIN_SIG` for a part of one that holds several."""
    phase_formats: frozenset[str] = frozenset()
    """FORMAT keys that mean phase over a part of a chromosome."""
    body: tuple[str, ...] | None = None
    """Contigs of the records, from the index; None as long as they are not known."""
    notes: tuple[str, ...] = ()
    """What a user should know of how the file is read."""
    local: Path | None = None
    """What stands for a file at a URL while a job reads it; None for a file of this machine."""

    @property
    def place(self) -> Path:
        """Where the bytes are."""
        return self.path if self.local is None else self.local

    @property
    def indexed(self) -> bool:
        """True if regions can be sought."""
        return self.index is not None

    @property
    def class_fields(self) -> frozenset[str]:
        """INFO fields, and parts of them, whose names say that they hold a class."""
        return frozenset(f for f in self.info_fields if _CLASS_NAME.fullmatch(f.rpartition(":")[2]))

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

    def with_body(self, body: tuple[str, ...], names: ContigNames) -> "VcfFile":
        """Return the file with the contigs of its records.

        Raises
        ------
        InputError
            If there is none, or a chromosome goes under two names.
        """
        if not body:
            raise InputError.one(
                "vcf-records",
                file=str(self.path),
                found="a header and no record",
                expected="records",
                fix="Check whether the step that wrote the file failed.",
            )
        known = [(c, n) for n in body if (c := names.chrom(n)) is not None]
        twice = [c for c, count in Counter(c for c, _ in known).items() if count > 1]
        if twice:
            both = ", ".join(sorted(n for c, n in known if c == twice[0]))
            raise _several_styles(self.path, f"a chromosome under several names ({both})")
        return replace(self, body=body, contig_names=tuple(sorted(known)))


def contig_spellings(ref: Reference, build: GenomeBuild) -> ContigNames:
    """Return what the names of contigs stand for in one build."""
    return load_contig_names(ref, build)


def inspect_vcf(path: Path, build: GenomeBuild, ref: Reference) -> VcfFile:
    """Check that a file can be read whole and is of the stated build.

    Raises
    ------
    InputError
        With every problem found: missing, not a VCF, cut short, no samples, a sample twice,
        contig styles mixed, another build.
    """
    kind = detect_kind(path)
    header = read_header(path, read_whole_head(path, kind))
    problems: list[Problem] = []

    def report(check: str, found: str, expected: str, fix: str) -> None:
        problems.append(Problem(str(path), 0, ".", check, found, expected, fix))

    if not header.samples:
        report(
            "vcf-genotypes",
            "no sample column",
            "a FORMAT column and at least one sample",
            "Give a VCF with genotypes, not a sites-only file.",
        )
    elif not {"GT", "LGT"} & header.formats and kind is FileKind.BCF:
        report("vcf-genotypes", "no GT in the header", "FORMAT/GT", "Give a VCF with genotypes.")
    index, body, notes = _find_index(path, kind, header)
    names = contig_spellings(ref, build)
    listed = list(dict.fromkeys([*(n for n, _ in header.contigs), *(body or ())]))
    found = {n: c for n in listed if (c := names.chrom(n)) is not None}
    if both := _of_two_lengths(header, found):
        problems += _several_styles(
            path, f"a chromosome under several names and lengths ({both})"
        ).problems
    evidence = _check_build(header, found, listed, names, build, ref, report)
    if problems:
        raise InputError(problems)
    text = "\n".join(header.lines)
    marks = load_phase_marks(ref)
    blocks = "NON_REF" in text or "<*>" in text or "GVCFBlock" in text or "ID=*," in text
    file = VcfFile(
        path=path,
        kind=kind,
        samples=header.samples,
        contig_names=tuple(sorted((chrom, name) for name, chrom in found.items())),
        build_evidence=evidence,
        index=index,
        formats=header.formats,
        reference_blocks=blocks,
        # In a BCF the mark before a first allele (VCF 4.4) cannot be told from its absence.
        physical_phase_only=marks.used_by(header.formats)
        or marks.named_in(header.lines)
        or (kind is FileKind.BCF and any(_MARKS_BEFORE.match(line) for line in header.lines)),
        source_tags=_source_tags(header),
        text_spans=any(_MISDECLARED.match(line) for line in header.lines),
        phase_formats=marks.formats,
        info_fields=_info_fields(header.lines),
        notes=notes,
    )
    return file if body is None else file.with_body(body, names)


def _of_two_lengths(header: RawHeader, found: Mapping[str, str]) -> str:
    """Return the names of the first chromosome with two lengths; empty if none has two.

    The names of the records decide which is meant, but of two lengths none says which build they
    are of.
    """
    sizes: dict[str, set[int]] = {}
    for name, length in header.contigs:
        if name in found and length is not None:
            sizes.setdefault(found[name], set()).add(length)
    double = [chrom for chrom, stated in sizes.items() if len(stated) > 1]
    return ", ".join(sorted(n for n, c in found.items() if double and c == double[0]))


def _several_styles(path: Path, found: str) -> InputError:
    return InputError.one(
        "vcf-contig-style",
        file=str(path),
        found=found,
        expected="one style: chr1, 1 or NC_000001",
        fix="Rename them with 'bcftools annotate --rename-chrs'.",
    )


def _find_index(
    path: Path, kind: FileKind, header: RawHeader
) -> tuple[Path | None, tuple[str, ...] | None, tuple[str, ...]]:
    """Return the index that is proved to be that of the file, its contigs, and what to say."""
    notes = []
    numbers = {number: name for name, number in header.numbers} if kind is FileKind.BCF else None
    for suffix in _INDEXES if kind in (FileKind.BGZF, FileKind.BCF) else ():
        index = Path(f"{path}{suffix}")
        if not index.is_file():
            continue
        try:
            return index, contigs_of_index(index, path, numbers), ()
        except OtherIndexError as reason:
            why = str(reason)
        except OSError:
            why = "it cannot be read"
        notes.append(
            f"{index}: the index is not used, as {why}; {path.name} is read from its beginning"
        )
    return None, None, tuple(notes)


def _check_build(
    header: RawHeader,
    found: dict[str, str],
    listed: list[str],
    names: ContigNames,
    build: GenomeBuild,
    ref: Reference,
    report: Callable[[str, str, str, str], None],
) -> BuildEvidence:
    others = sorted({b for n in listed if (b := names.other_build(n)) is not None})
    if others:
        report(
            "vcf-build",
            f"contig names of {others[0]}",
            f"{build}, as stated",
            f"State {others[0]} as its build, or give the {build} file.",
        )
        return BuildEvidence.NAMES
    stated = {found[n]: length for n, length in header.contigs if n in found and length is not None}
    if stated and _check_lengths(stated, build, ref, report):
        return BuildEvidence.LENGTHS
    # An accession with its version belongs to one build.
    if any(n.lower() in names.accessions for n in found):
        return BuildEvidence.NAMES
    tags = [x for x in header.lines if x.startswith(("##reference", "##assembly", "##contig"))]
    seen = {word for line in tags for pattern, word in _BUILD_WORDS if pattern.search(line)}
    if len(seen) == 1:
        word = seen.pop()
        if word == build:
            return BuildEvidence.TAG
        report(
            "vcf-build",
            f"a header that names {word}",
            f"{build}, as stated",
            f"State the build of the file, or give the {build} file.",
        )
    return BuildEvidence.NONE


def _check_lengths(
    stated: dict[str, int],
    build: GenomeBuild,
    ref: Reference,
    report: Callable[[str, str, str, str], None],
) -> bool:
    """Compare contig lengths with those of the build; False if they prove nothing.

    Placeholders prove nothing, nor do lengths shorter than the chromosomes: PLINK writes the
    last position and one.
    """
    lengths = {b: ref.contigs(b).lengths for b in dict.fromkeys(c.build for c in ref.rows(Contig))}
    unsupported: dict[tuple[str, int], str] = {}
    placeholders = set()
    for row in ref.rows(ContigLength):
        if row.assembly is None:
            placeholders.add(row.length)
        elif row.chrom is not None:
            unsupported[row.chrom, row.length] = row.assembly
    stated = {c: n for c, n in stated.items() if n not in placeholders}
    wrong = {c: n for c, n in stated.items() if lengths[build][c] != n}
    # Placeholders alone prove nothing.
    if not wrong:
        return bool(stated)
    for other, table in lengths.items():
        if other != build and all(table[c] == n for c, n in wrong.items()):
            report(
                "vcf-build",
                f"contig lengths of {other}",
                f"{build}, as stated",
                f"State {other} as its build, or give the {build} file.",
            )
            return True
    known = [(c, n) for c, n in sorted(wrong.items()) if (c, n) in unsupported]
    # Longer than the chromosome can only be another assembly; shorter may be PLINK's.
    longer = [(c, n) for c, n in sorted(wrong.items()) if n > lengths[build][c]]
    for chrom, length in (known or longer)[:1]:
        report(
            "vcf-build",
            f"length {length} for chromosome {chrom}"
            + (f" ({unsupported[chrom, length]})" if known else ""),
            f"{lengths[build][chrom]} ({build})",
            "Other assemblies (T2T-CHM13, NCBI36) are not supported: align to GRCh37 or GRCh38.",
        )
        return True
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
