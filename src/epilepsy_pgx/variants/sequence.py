"""Bases of the reference genome, from the user's FASTA or from installed slices.

A slice file is `reference/sequences/<build>/<name>.fa`; its headers are `>chrom:start-end`,
1-based and closed, and its bases are those of the forward strand. Everything else here is
0-based and half-open.
"""

import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import InputError, Problem, TableError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.htslib import open_fasta
from epilepsy_pgx.reference.describe import INSTALLED
from epilepsy_pgx.reference.fasta import IUPAC, FastaNames
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import ClassifiedVariant
from epilepsy_pgx.reference.slices import gene_at, outside, typed_genes
from epilepsy_pgx.variants.transcripts import Transcript, load_transcripts
from epilepsy_pgx.vocabulary import GenomeBuild

SPLICE_BASES = 2
"""Intron bases beside each exon that the consequence needs."""
LARGEST_DIFFERENCE = 0.01
"""Part of the shipped bases that may differ from the user's FASTA before it is refused."""

_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
_SEVERAL = str.maketrans(IUPAC, "N" * len(IUPAC))
"""Codes for several bases, of which none is known."""
_STOPS = frozenset({"TAA", "TAG", "TGA"})

_log = logging.getLogger(__name__)
_MANY = 3
"""Chromosomes of a wrong length above which one line speaks for all."""

Slice = tuple[int, str]
"""(start, bases), start 0-based."""


@dataclass(frozen=True)
class SequenceSource:
    """Reference bases of one build, as far as they are installed."""

    build: GenomeBuild
    label: str
    """Where the bases come from, for the report's provenance."""
    slices: Mapping[str, tuple[Slice, ...]]
    """Joined slices by chromosome, in genome order."""
    lengths: Mapping[str, int]
    """Length of each chromosome."""
    accessions: Mapping[str, str]
    """RefSeq accession of each chromosome."""
    covered: frozenset[str] = frozenset()
    """Genes whose coding exons and splice sites are known to the last base and whose coding
    bases are one open reading frame."""
    coding_only: frozenset[str] = frozenset()
    """Genes of which the coding bases are known so, and not all splice sites; also those whose
    frame the build breaks, whose variants are translated up to there."""
    typed: frozenset[str] = frozenset()
    """Genes whose bases come from slices that were typed over by hand, where one may be wrong."""
    listed: Mapping[str, Mapping[int, str]] = field(default_factory=dict, repr=False)
    """Bases that the REF of listed variants tells, by chromosome and 0-based position."""
    contigs: Mapping[str, str] = field(default_factory=dict)
    """Contig name in the FASTA by chromosome."""
    fasta: Any = field(default=None, repr=False, compare=False)

    def fetch(self, chrom: str, start0: int, end0: int) -> str | None:
        """Return the bases of an interval in upper case, or None unless all of it is installed."""
        if start0 < 0 or end0 <= start0 or end0 > self.lengths.get(chrom, 0):
            return None
        name = self.contigs.get(chrom)
        if name is not None:
            bases = str(self.fasta.fetch(name, start0, end0)).upper().translate(_SEVERAL)
            return bases if len(bases) == end0 - start0 else None
        found = self.slices.get(chrom, ())
        at = bisect_right(found, start0, key=lambda s: s[0]) - 1
        if at < 0:
            return None
        start, bases = found[at]
        return bases[start0 - start : end0 - start] if end0 <= start + len(bases) else None

    def fetch_padded(self, chrom: str, start0: int, end0: int) -> str:
        """Return the bases of an interval with `N` where nothing is installed."""
        whole = self.fetch(chrom, start0, end0)
        if whole is not None:
            return whole
        parts, at = [], start0
        for start, bases in self.slices.get(chrom, ()):
            low, high = max(at, start), min(end0, start + len(bases))
            if low < high:
                parts += ["N" * (low - at), bases[low - start : high - start]]
                at = high
        return "".join([*parts, "N" * (end0 - at)])

    def contradicts(self, chrom: str, start0: int, bases: str) -> bool:
        """Say whether bases are not those of the genome, as far as anything here tells it.

        Where no sequence is installed, the listed variants still tell their own bases.
        """
        known = self.fetch(chrom, start0, start0 + len(bases))
        if known is None:
            told = self.listed.get(chrom, {})
            known = "".join(told.get(start0 + i, "N") for i in range(len(bases)))
        plain = set("ACGT")
        return any(a != b for a, b in zip(bases, known, strict=True) if {a, b} <= plain)

    def without_fasta(self) -> "SequenceSource":
        """Return the installed slices alone."""
        return replace(self, contigs={}, fasta=None)

    def covers(self, gene: str) -> bool:
        """Say whether the coding exons and splice sites of a gene are installed."""
        return gene in self.covered


def read_slices(path: Path) -> list[tuple[str, int, str]]:
    """Read a slice file into (chromosome, 0-based start, bases).

    Raises
    ------
    TableError
        If a header does not fit its bases, or a base is not one of A, C, G, T, N.
    """
    problems: list[Problem] = []
    slices: list[tuple[str, int, str]] = []
    name, line_of, parts = "", 0, list[str]()

    def close() -> None:
        chrom, _, span = name.partition(":")
        first, _, last = span.partition("-")
        bases = "".join(parts).upper()
        fits = first.isdigit() and last.isdigit() and int(last) - int(first) + 1 == len(bases)
        if not fits or set(bases) - set("ACGTN"):
            problems.append(
                Problem(
                    str(path),
                    line_of,
                    ".",
                    "slice-length",
                    f"'{name}' and {len(bases)} bases",
                    "'>chrom:first-last' and as many bases of A, C, G, T, N",
                    "Install the sequences again.",
                )
            )
        else:
            slices.append((chrom, int(first) - 1, bases))

    with path.open(encoding="ascii", errors="replace") as handle:
        for number, text in enumerate(handle, 1):
            line = text.strip()
            if line.startswith(">"):
                if name:
                    close()
                name, line_of, parts = line[1:].split()[0] if line[1:].split() else "?", number, []
            elif line:
                parts.append(line)
        if name:
            close()
    if problems:
        raise TableError(problems)
    return slices


def _join(slices: Iterable[tuple[str, int, str]]) -> dict[str, tuple[Slice, ...]]:
    """Join slices of one chromosome that touch or overlap.

    Raises
    ------
    TableError
        If overlapping slices differ.
    """
    joined: dict[str, list[Slice]] = {}
    for chrom, start, bases in sorted(slices):
        known = joined.setdefault(chrom, [])
        if known and start <= known[-1][0] + len(known[-1][1]):
            first, before = known[-1]
            overlap = before[start - first : start - first + len(bases)]
            if not bases.startswith(overlap):
                raise TableError.one(
                    "slices-agree",
                    file="sequences",
                    found=f"two slices of {chrom}:{start + 1} with other bases",
                    expected="the same bases where slices overlap",
                    fix="Remove the sequences of this build and install them again.",
                )
            known[-1] = (first, before + bases[len(overlap) :])
        else:
            known.append((start, bases))
    return {chrom: tuple(parts) for chrom, parts in joined.items()}


def _resolve_contigs(path: Path, fasta: Any, names: FastaNames) -> dict[str, str]:
    """Return the name in a FASTA of each chromosome that it holds.

    Raises
    ------
    InputError
        If a chromosome is there twice or has another length, or if there is none.
    """
    contigs: dict[str, str] = {}
    problems = []
    for name, length in zip(fasta.references, fasta.lengths, strict=True):
        chrom = names.chrom(name)
        if chrom is None:
            continue
        expected = names.lengths[chrom]
        if length != expected:
            other = names.build_of_length(chrom, length)
            found = f"{length} bases" + (f", as in {other}" if other else "")
            problems.append(
                Problem(
                    str(path),
                    0,
                    name,
                    "fasta-build",
                    found,
                    f"{expected} bases",
                    "Provide the FASTA of the build that the sample sheet states.",
                )
            )
        elif chrom in contigs:
            problems.append(
                Problem(
                    str(path),
                    0,
                    name,
                    "fasta-twice",
                    f"chromosome {chrom} also as '{contigs[chrom]}'",
                    "each chromosome once",
                    "Keep one of them.",
                )
            )
        contigs.setdefault(chrom, name)
    if problems:
        raise InputError(problems[:1] if len(problems) > _MANY else problems)
    if not contigs:
        raise InputError.one(
            "fasta-contigs",
            file=str(path),
            found="no contig with the name of a chromosome",
            expected="contigs named 2, chr2, or by RefSeq or GenBank accession",
            fix="Provide the FASTA of the build, whole or of one chromosome.",
        )
    return contigs


def _compare(path: Path, source: SequenceSource, typed: Sequence[Transcript]) -> None:
    """Refuse a FASTA whose bases are not those that came with the tables.

    Few differences in a gene whose bases were typed over are laid to the typing.
    """
    # A build is told by its bases, not by the name of the file; single differences are
    # corrections of the assembly.
    total = wrong = 0
    ours: Counter[str] = Counter()
    for chrom, parts in source.slices.items():
        for start, bases in parts:
            seen = source.fetch(chrom, start, start + len(bases))
            if chrom in source.contigs and seen is not None:
                differ = sum(a != b for a, b in zip(seen, bases, strict=True) if "N" not in (a, b))
                total += len(bases)
                wrong += differ
                gene = gene_at(chrom, start, start + len(bases), (t.numbering for t in typed))
                if gene is not None and differ:
                    ours[gene] += differ
    if total and wrong > LARGEST_DIFFERENCE * total:
        raise InputError.one(
            "fasta-bases",
            file=str(path),
            found=f"{wrong} of {total} bases that differ from the installed sequences",
            expected=f"the {source.build.value} reference genome",
            fix="Provide the FASTA of the build that the sample sheet states.",
        )
    for gene, differ in sorted(ours.items()):
        _log.warning(
            "Our sequence of %s may be wrong: it was typed over, and %d of its bases are not those "
            "of %s, which is used.",
            gene,
            differ,
            path.name,
        )


def coding_sequence(source: SequenceSource, transcript: Transcript) -> str | None:
    """Return the coding bases of a transcript in reading direction, or None if some are unknown."""
    parts = []
    for start, end in transcript.coding:
        bases = source.fetch(transcript.chrom, start, end)
        if bases is None:
            return None
        parts.append(bases if transcript.forward else complement(bases))
    return "".join(parts)


def complement(bases: str) -> str:
    """Return the reverse complement."""
    return bases.translate(_COMPLEMENT)[::-1]


def reads_through(coding: str) -> bool:
    """Say whether bases are one open reading frame, from ATG to its only stop codon."""
    codons = [coding[i : i + 3] for i in range(0, len(coding), 3)]
    return (
        len(coding) % 3 == 0
        and "N" not in coding
        and codons[0] == "ATG"
        and [i for i, c in enumerate(codons) if c in _STOPS] == [len(codons) - 1]
    )


def _reads_through(source: SequenceSource, transcript: Transcript) -> bool:
    coding = coding_sequence(source, transcript)
    if coding is None or transcript.spot is None:
        return coding is not None and reads_through(coding)
    # Of a gene whose frame this build breaks, the codons before the break.
    return reads_through(coding[: transcript.translated] + "TAA")


def _has_splice_sites(source: SequenceSource, transcript: Transcript) -> bool:
    outer = (transcript.start, transcript.end)
    for start, end in transcript.coding_exons:
        inside = max(start, transcript.cds_start), min(end, transcript.cds_end)
        low = inside[0] - (SPLICE_BASES if inside[0] == start and start > outer[0] else 0)
        high = inside[1] + (SPLICE_BASES if inside[1] == end and end < outer[1] else 0)
        bases = source.fetch(transcript.chrom, low, high)
        if bases is None or "N" in bases:
            return False
    return True


def open_sequences(ref: Reference, build: GenomeBuild, fasta: Path | None = None) -> SequenceSource:
    """Open the reference bases of a build.

    Parameters
    ----------
    ref
        Data package; its installed slices are used where there is no FASTA.
    build
        Build of the input.
    fasta
        Indexed FASTA of the same build; its contigs may be named `2`, `chr2` or by accession.

    Raises
    ------
    InputError
        If the FASTA cannot be read or is of another build.
    TableError
        If an installed slice is damaged.
    """
    lengths, accessions = ref.contigs(build).lengths, ref.contigs(build).accessions
    folder = ref.path / "sequences" / build.value
    typed = typed_genes(ref, build)
    joined = _join(_read_folder(folder, typed))
    label = "installed slices"
    contigs: dict[str, str] = {}
    handle = None
    if fasta is not None:
        handle = open_fasta(Path(fasta))
        contigs = _resolve_contigs(Path(fasta), handle, FastaNames(ref, build))
        label = Path(fasta).name
    source = SequenceSource(
        build,
        label,
        joined,
        lengths,
        accessions,
        listed=_listed_bases(ref, build),
        contigs=contigs,
        fasta=handle,
    )
    transcripts = load_transcripts(ref, build)
    if fasta is not None:
        _compare(Path(fasta), source, [transcripts[g] for g in sorted(typed & {*transcripts})])
    read = {gene: t for gene, t in transcripts.items() if _reads_through(source, t)}
    covered = frozenset(
        gene for gene, t in read.items() if t.spot is None and _has_splice_sites(source, t)
    )
    installed = folder / INSTALLED
    proved = _covered_by(installed, transcripts) if installed.is_file() else frozenset()
    rest = frozenset(
        gene
        for gene in typed - proved
        if gene in transcripts and transcripts[gene].chrom not in contigs
    )
    return replace(source, covered=covered, coding_only=frozenset(read) - covered, typed=rest)


def _listed_bases(ref: Reference, build: GenomeBuild) -> dict[str, dict[int, str]]:
    """Return the bases that the listed variants tell; one that two tell differently is not."""
    told: dict[str, dict[int, str]] = {}
    for row in ref.rows(ClassifiedVariant):
        if (place := row.place(build)) is not None:
            here = told.setdefault(row.chrom, {})
            for at, base in enumerate(place[1], place[0] - 1):
                here[at] = base if here.get(at, base) == base else "N"
    return told


def _read_folder(folder: Path, typed: frozenset[str]) -> Iterator[tuple[str, int, str]]:
    """Yield the slices of a build; those of a FASTA take the place of bases that were typed."""
    installed = folder / INSTALLED
    better = read_slices(installed) if installed.is_file() else []
    yield from better
    for path in sorted(folder.glob("*.fa")):
        if path == installed:
            continue
        for chrom, start, bases in read_slices(path):
            if path.stem not in typed:
                yield chrom, start, bases
                continue
            taken = sorted((s, s + len(b)) for c, s, b in better if c == chrom)
            for low, high in outside(start, start + len(bases), taken):
                yield chrom, low, bases[low - start : high - start]


def _covered_by(installed: Path, transcripts: Mapping[str, Transcript]) -> frozenset[str]:
    """Return the genes whose coding bases were all installed from a FASTA."""
    joined = _join(read_slices(installed))
    return frozenset(
        gene
        for gene, t in transcripts.items()
        if all(
            any(s <= low and high <= s + len(b) for s, b in joined.get(t.chrom, ()))
            for low, high in t.coding
        )
    )
