"""Install reference slices: from the user's FASTA, or from Ensembl in batches.

A slice is an interval of the genome around a gene's coding exons and curated sites. Slices are
first fetched into parts that survive an interruption, then proved, then moved into place in one
step as `sequences/<build>/installed.fa` with a record of digests beside it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intervals import merge
from epilepsy_pgx.reference.describe import INSTALLED
from epilepsy_pgx.reference.genome import CODONS, Genome, translate
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedSite, CuratedTranscript
from epilepsy_pgx.reference.web import WebClient, require_shape
from epilepsy_pgx.vocabulary import GenomeBuild

ENSEMBL = {
    GenomeBuild.GRCH38: "https://rest.ensembl.org",
    GenomeBuild.GRCH37: "https://grch37.rest.ensembl.org",
}
PADDING = 60
"""Bases beside each exon and site, enough to left-align an indel."""
REGIONS_PER_REQUEST = 50
"""Ensembl takes at most 50 regions in one request."""
LINE = 70
WRONG_SITES = 0.01
"""Part of the curated sites that may disagree before the sequence is of another build."""
WRONG_GENES = 0.1
"""Part of the genes that may fail to translate before the sequence is of another build."""

Stretch = tuple[str, int, int]
"""(chromosome, start, end), 0-based and half-open."""
Fetch = Callable[[Sequence[Stretch]], Sequence[str]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """What was installed."""

    path: Path
    slices: int
    bases: int
    genes: tuple[str, ...]
    """Genes whose coding sequence is now complete and proved."""
    notes: tuple[Problem, ...]
    """Genes left out and curated sites that the sequence contradicts."""
    digest: str


def wanted_intervals(
    ref: Reference, build: GenomeBuild, without: frozenset[str] = frozenset()
) -> tuple[Stretch, ...]:
    """Return the intervals that the tables need, joined where they touch, in genome order.

    The exons of the genes in `without` are left out.
    """
    lengths = ref.contigs(build).lengths
    raw: list[Stretch] = []
    for row in ref.rows(CuratedTranscript):
        if row.build is build and row.gene not in without:
            for first, last in zip(row.exon_starts, row.exon_ends, strict=True):
                raw.append((row.chrom, first - PADDING, last + PADDING))
    for site in ref.rows(CuratedSite):
        pos, bases = site.place(build)
        raw.append((site.chrom, pos - 1 - PADDING, pos - 1 + len(bases) + PADDING))
    return tuple(
        merge((chrom, max(0, low), min(high, lengths.get(chrom, high))) for chrom, low, high in raw)
    )


def fetch_from_ensembl(client: WebClient, address: str) -> Fetch:
    """Return a function that asks Ensembl for the bases of some intervals."""
    url = f"{address}/sequence/region/human"

    def fetch(intervals: Sequence[Stretch]) -> list[str]:
        names = [f"{chrom}:{start + 1}..{end}:1" for chrom, start, end in intervals]
        answer = require_shape(url, client.post(url, {"regions": names}), ("seq", "query"))
        found = {str(item["query"]): str(item["seq"]) for item in answer}
        lost = [n for n in names if n not in found]
        if lost:
            raise InputError.one(
                "slice-answered",
                file=url,
                found=f"no bases for {lost[0]}",
                expected="every region requested",
                fix="Try again later.",
            )
        return [found[n] for n in names]

    return fetch


def fetch_from_fasta(path: str, names: Sequence[str]) -> Fetch:
    """Return a function that reads an indexed FASTA, on this machine or at a URL.

    Parameters
    ----------
    path
        Path or URL of a FASTA with its index beside it.
    names
        Chromosomes that the tables need, without `chr`.

    Raises
    ------
    InputError
        If the file cannot be opened or lacks a chromosome.
    """
    from epilepsy_pgx.htslib import open_fasta

    handle = open_fasta(path)  # type: ignore[arg-type]
    present = set(handle.references)  # type: ignore[attr-defined]
    contigs = {n: next((c for c in (n, f"chr{n}") if c in present), None) for n in names}
    lost = sorted(n for n, c in contigs.items() if c is None)
    if lost:
        raise InputError.one(
            "fasta-contigs",
            file=path,
            found="no contig for " + ", ".join(lost),
            expected="contigs named 2 or chr2",
            fix="Provide the FASTA of the whole genome.",
        )

    def fetch(intervals: Sequence[Stretch]) -> list[str]:
        return [
            handle.fetch(contigs[chrom], start, end)  # type: ignore[attr-defined]
            for chrom, start, end in intervals
        ]

    return fetch


def _part_name(interval: Stretch) -> str:
    return "{}-{}-{}".format(*interval)


def _read_part(path: Path, interval: Stretch) -> str | None:
    """Return the bases of a part that was fetched whole, else None."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        bases = str(stored["bases"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    good = stored.get("sha256") == hashlib.sha256(bases.encode()).hexdigest()
    return bases if good and len(bases) == interval[2] - interval[1] else None


def _store(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    with temporary.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)


def fetch_slices(
    intervals: Sequence[Stretch], fetch: Fetch, parts: Path, progress: Progress | None = None
) -> list[str]:
    """Fetch every interval, taking up where an earlier run stopped.

    Raises
    ------
    InputError
        If an answer has another length than asked for, or other letters than bases.
    """
    parts.mkdir(parents=True, exist_ok=True)
    found = {s: _read_part(parts / _part_name(s), s) for s in intervals}
    missing = [s for s in intervals if found[s] is None]
    for at in range(0, len(missing), REGIONS_PER_REQUEST):
        if progress:
            progress(len(intervals) - len(missing) + at, len(intervals))
        asked = missing[at : at + REGIONS_PER_REQUEST]
        for interval, answer in zip(asked, fetch(asked), strict=True):
            bases = answer.upper()
            if len(bases) != interval[2] - interval[1] or set(bases) - set("ACGTN"):
                raise InputError.one(
                    "slice-length",
                    file=_part_name(interval),
                    found=f"{len(bases)} characters",
                    expected=f"{interval[2] - interval[1]} bases",
                    fix="Try again; if it happens again, use a FASTA of the right build.",
                )
            digest = hashlib.sha256(bases.encode()).hexdigest()
            _store(parts / _part_name(interval), json.dumps({"bases": bases, "sha256": digest}))
            found[interval] = bases
    if progress:
        progress(len(intervals), len(intervals))
    return [found[s] or "" for s in intervals]


def verify_slices(ref: Reference, genome: Genome) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Prove slices against the tables.

    The coding sequence of every gene starts with Met, ends at its one stop and keeps the frame;
    REF of every curated site is what the slices have.

    Returns
    -------
    (genes proved, problems)
    """
    build = genome.build
    problems: list[Problem] = []
    genes = []
    for gene in sorted(genome.transcripts):
        coding = genome.coding_sequence(gene)
        if coding is None:
            continue
        protein = translate(coding)
        sound = (
            len(coding) % 3 == 0
            and CODONS.get(coding[:3]) == "M"
            and protein.find("*") == len(protein) - 1
        )
        if sound:
            genes.append(gene)
        else:
            problems.append(
                Problem(
                    "transcripts.tsv",
                    0,
                    gene,
                    "slice-translates",
                    f"a coding sequence of {gene} that does not translate in {build}",
                    "whole codons from Met to one stop",
                    "The gene is left out: its exons are wrong, or the build is.",
                )
            )
    for row in ref.rows(CuratedSite):
        pos, expected = row.place(build)
        seen = genome.bases(row.chrom, pos - 1, pos - 1 + len(expected))
        if seen is not None and seen != expected:
            problems.append(
                Problem(
                    row.file,
                    row.line,
                    f"{build.lower()}_ref",
                    "slice-ref",
                    f"{expected} for {row.site}",
                    f"{seen}, as in the sequence of {build}",
                    "Correct the row, or check the build of the sequence.",
                )
            )
    return tuple(genes), tuple(problems)


def compare_shipped(shipped: Genome, genome: Genome) -> tuple[Problem, ...]:
    """Compare slices that came with the tables with the bases to be installed."""
    problems: list[Problem] = []
    for chrom, parts in shipped.slices.items():
        for start, text in parts:
            for other, seen in genome.slices.get(chrom, ()):
                low, high = max(start, other), min(start + len(text), other + len(seen))
                if low >= high:
                    continue
                pairs = zip(
                    text[low - start : high - start], seen[low - other : high - other], strict=True
                )
                differs = sum(a != b and "N" not in (a, b) for a, b in pairs)
                if differs:
                    problems.append(
                        Problem(
                            f"sequences/{genome.build}",
                            0,
                            f"{chrom}:{low + 1}-{high}",
                            "slice-agrees",
                            f"{differs} bases that differ from those that came with the tables",
                            "the same bases",
                            "Check the build of the sequence.",
                        )
                    )
    return tuple(problems)


def _refuse_wrong_build(ref: Reference, genome: Genome, notes: Sequence[Problem]) -> None:
    """Raise if so much disagrees that the sequence must be of another build."""
    sites = [p for p in notes if p.check == "slice-ref"]
    genes = [p for p in notes if p.check == "slice-translates"]
    many_sites = len(sites) > max(WRONG_SITES * len(ref.rows(CuratedSite)), 1)
    if many_sites or len(genes) > max(WRONG_GENES * len(genome.transcripts), 1):
        raise InputError(notes)


def install_sequences(
    ref: Reference,
    build: GenomeBuild,
    fetch: Fetch,
    *,
    source: str,
    progress: Progress | None = None,
) -> Installed:
    """Fetch, prove and install the slices of one build.

    Nothing in the package changes unless everything is proved; an interrupted run goes on where
    it stopped.

    Parameters
    ----------
    ref
        The data package to install into.
    build
        Build of the slices.
    fetch
        Where the bases come from.
    source
        Name of that place, for the record.
    progress
        Called with (done, all).

    Raises
    ------
    InputError
        If the bases cannot be fetched or do not fit the tables.
    """
    folder = ref.path / "sequences" / build.value
    parts = folder / ".parts"
    intervals = wanted_intervals(ref, build)
    bases = fetch_slices(intervals, fetch, parts, progress)
    shipped = Genome.load(ref.path, build.value, ref.rows(CuratedTranscript), skip=INSTALLED)
    slices: dict[str, list[tuple[int, str]]] = {}
    for (chrom, start, _), text in zip(intervals, bases, strict=True):
        slices.setdefault(chrom, []).append((start, text))
    genome = Genome(build.value, slices, shipped.transcripts)
    genes, notes = verify_slices(ref, genome)
    try:
        contradicted = compare_shipped(shipped, genome)
        if contradicted:
            raise InputError(contradicted)
        _refuse_wrong_build(ref, genome, notes)
    except InputError:
        _remove(parts)
        raise
    unproved = frozenset(p.column for p in notes if p.check == "slice-translates")
    proved = wanted_intervals(ref, build, unproved)
    installed = _write_slices(folder, genome, proved, genes, notes, source)
    _remove(parts)
    return installed


def _write_slices(
    folder: Path,
    genome: Genome,
    intervals: Sequence[Stretch],
    genes: tuple[str, ...],
    notes: tuple[Problem, ...],
    source: str,
) -> Installed:
    """Write proved bases as FASTA, and beside it where they come from."""
    bases = [genome.bases(*s) or "" for s in intervals]
    lines = []
    for (chrom, start, end), text in zip(intervals, bases, strict=True):
        lines.append(f">{chrom}:{start + 1}-{end}\n")
        lines += [f"{text[i : i + LINE]}\n" for i in range(0, len(text), LINE)]
    whole = "".join(lines)
    digest = f"sha256:{hashlib.sha256(whole.encode()).hexdigest()}"
    total = sum(map(len, bases))
    record = {
        "build": genome.build,
        "source": source,
        "slices": len(intervals),
        "bases": total,
        "genes": list(genes),
        "digest": digest,
    }
    _store(folder / INSTALLED, whole)
    _store(folder / "installed.json", json.dumps(record, indent=1) + "\n")
    return Installed(folder / INSTALLED, len(intervals), total, genes, notes, digest)


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
