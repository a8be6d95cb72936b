"""Install reference slices: from the user's FASTA, or from Ensembl in batches.

A slice is an interval of the genome around a gene's coding exons and curated sites. Slices are
first fetched into parts that survive an interruption, then proved, then moved into place in one
step as `sequences/<build>/installed.fa` with a record of digests beside it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intervals import merge
from epilepsy_pgx.reference.contig_names import cut_list
from epilepsy_pgx.reference.describe import INSTALLED
from epilepsy_pgx.reference.fasta import FastaRead, Stretch
from epilepsy_pgx.reference.genome import CODONS, Genome, translate
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import CuratedSite, CuratedTranscript
from epilepsy_pgx.reference.slices import compare_shipped, keep_earlier, known_parts, misread_listed
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
_NO_PROOF = ("slice-translates", "slice-unknown", "slice-listed")
"""Checks whose failure leaves a gene out."""
WRONG_GENES = 0.1
"""Part of the genes that may fail to translate before the sequence is of another build."""

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
    ref: Reference,
    build: GenomeBuild,
    without: frozenset[str] = frozenset(),
    genes: frozenset[str] | None = None,
) -> tuple[Stretch, ...]:
    """Return the intervals that the tables need, joined where they touch, in genome order.

    The exons of the genes in `without` are left out, and all but those in `genes` if given.

    Raises
    ------
    InputError
        If a gene has no transcript in the build.
    """
    known = {row.gene for row in ref.rows(CuratedTranscript) if row.build is build}
    if genes is not None and genes - known:
        raise InputError(_no_transcript(gene, known, build) for gene in sorted(genes - known))
    lengths = ref.contigs(build).lengths
    raw: list[Stretch] = []
    for row in ref.rows(CuratedTranscript):
        asked = genes is None or row.gene in genes
        if row.build is build and row.gene not in without and asked:
            for first, last in zip(row.exon_starts, row.exon_ends, strict=True):
                raw.append((row.chrom, first - PADDING, last + PADDING))
    for site in ref.rows(CuratedSite):
        if genes is not None and site.gene not in genes:
            continue
        pos, bases = site.place(build)
        raw.append((site.chrom, pos - 1 - PADDING, pos - 1 + len(bases) + PADDING))
    return tuple(
        merge((chrom, max(0, low), min(high, lengths.get(chrom, high))) for chrom, low, high in raw)
    )


def _no_transcript(gene: str, known: Iterable[str], build: GenomeBuild) -> Problem:
    alike = [name for name in known if name.casefold() == gene.casefold()]
    near = alike or get_close_matches(gene.upper(), sorted(known), 1)
    fix = f"Is it {near[0]}?" if near else "Check the symbol."
    return Problem(
        ".",
        0,
        "--gene",
        "gene-known",
        gene,
        f"a gene with a transcript in {build.value}, as the tables spell it",
        f"Write {near[0]}." if alike else fix,
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


def fetch_from_fasta(read: FastaRead) -> Fetch:
    """Return a function that gives what was read from a FASTA."""
    return lambda intervals: [read.bases[interval] for interval in intervals]


def covered_intervals(
    read: FastaRead, wanted: Sequence[Stretch], path: str, build: GenomeBuild
) -> tuple[Stretch, ...]:
    """Return the intervals that a FASTA holds.

    Raises
    ------
    InputError
        If it holds none.
    """
    held = tuple(s for s in wanted if s in read.bases)
    if not held:
        chroms = list(dict.fromkeys(s[0] for s in wanted))
        if set(chroms) & set(read.chroms):
            raise InputError.one(
                "fasta-reach",
                file=path,
                found="bases that reach no exon wholly",
                expected=f"an exon and {PADDING} bases on both sides of it, as in "
                + ", ".join(f"{c}:{low + 1}-{high}" for c, low, high in wanted[:3]),
                fix="Provide the FASTA of the chromosome, or of the whole gene.",
            )
        raise InputError.one(
            "fasta-contigs",
            file=path,
            found="chromosome " + ", ".join(sorted(read.chroms)),
            expected=f"bases of {build.value} chromosome {cut_list(chroms)}",
            fix="Provide the FASTA of that chromosome, or of the whole genome.",
        )
    return held


def short_genes(
    ref: Reference,
    build: GenomeBuild,
    held: Sequence[Stretch],
    path: str,
    genes: frozenset[str] | None,
) -> tuple[Problem, ...]:
    """Return the genes of which a FASTA holds a part: of those asked for, none too."""
    problems = []
    for row in ref.rows(CuratedTranscript):
        if row.build is not build or (genes is not None and row.gene not in genes):
            continue
        wanted = [
            (max(0, first - PADDING), last + PADDING)
            for first, last in zip(row.exon_starts, row.exon_ends, strict=True)
        ]
        here = [(low, high) for chrom, low, high in held if chrom == row.chrom]
        seen = sum(any(a <= low and high <= b for a, b in here) for low, high in wanted)
        if seen == len(wanted) or (genes is None and not seen):
            continue
        low, high = min(wanted)[0], max(high for _, high in wanted)
        problems.append(
            Problem(
                path,
                0,
                row.gene,
                "fasta-reach",
                f"{seen} of {len(wanted)} exons of {row.gene}",
                f"every exon and {PADDING} bases on both sides of it",
                "The gene is not installed: provide bases of "
                f"{row.chrom}:{low + 1}-{high} in {build.value}.",
            )
        )
    return tuple(problems)


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
    intervals: Sequence[Stretch], fetch: Fetch, parts: Path | None, progress: Progress | None = None
) -> list[str]:
    """Fetch every interval, taking up where an earlier run stopped.

    Parameters
    ----------
    parts
        Where to keep what was fetched until all is; None for nowhere.

    Raises
    ------
    InputError
        If an answer has another length than asked for, or other letters than bases.
    """
    found: dict[Stretch, str | None] = dict.fromkeys(intervals)
    if parts is not None:
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
            if parts is not None:
                digest = hashlib.sha256(bases.encode()).hexdigest()
                _store(parts / _part_name(interval), json.dumps({"bases": bases, "sha256": digest}))
            found[interval] = bases
    if progress:
        progress(len(intervals), len(intervals))
    return [found[s] or "" for s in intervals]


def verify_slices(ref: Reference, genome: Genome) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Prove slices against the tables.

    The coding sequence of every gene starts with Met, ends at its one stop and keeps the frame;
    REF of every curated site and of every listed variant is what the slices have.

    Returns
    -------
    (genes proved, problems)
    """
    build = genome.build
    problems: list[Problem] = [*misread_listed(ref, genome)]
    misread = {p.column for p in problems}
    genes = []
    for gene in sorted(genome.transcripts):
        coding = genome.coding_sequence(gene)
        if coding is None:
            continue
        if set(coding) - set("ACGT"):
            problems.append(_unknown_bases(gene, build))
            continue
        protein = translate(coding)
        sound = (
            len(coding) % 3 == 0
            and CODONS.get(coding[:3]) == "M"
            and protein.find("*") == len(protein) - 1
        )
        if sound and gene not in misread:
            genes.append(gene)
        elif not sound:
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
        if seen is not None and seen != expected and "N" not in seen:
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


def _unknown_bases(gene: str, build: str) -> Problem:
    return Problem(
        "transcripts.tsv",
        0,
        gene,
        "slice-unknown",
        f"N among the coding bases of {gene} in {build}",
        "bases that are all known",
        "The gene is left out: use a FASTA without masked bases.",
    )


def _refuse_wrong_build(ref: Reference, genome: Genome, notes: Sequence[Problem]) -> None:
    """Raise if so much disagrees that the sequence must be of another build."""
    places = [(row.chrom, *row.place(GenomeBuild(genome.build))) for row in ref.rows(CuratedSite)]
    here = sum(genome.bases(c, p - 1, p - 1 + len(b)) is not None for c, p, b in places)
    sites = [p for p in notes if p.check == "slice-ref"]
    genes = {p.column for p in notes if p.check in ("slice-translates", "slice-listed")}
    read = {gene for gene in genome.transcripts if genome.coding_sequence(gene) is not None}
    read |= genes
    # Of a piece of one gene nothing may disagree: no other gene tells of the build.
    if _too_many(len(sites), here, WRONG_SITES) or _too_many(len(genes), len(read), WRONG_GENES):
        raise InputError(notes)


def _too_many(wrong: int, all_of_them: int, part: float) -> bool:
    return bool(wrong) and (wrong == all_of_them or wrong > max(part * all_of_them, 1))


def _proved(
    ref: Reference, shipped: Genome, fresh: Genome, genes: frozenset[str] | None
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return what may be our fault, and what is left out; raise if all has to be refused."""
    _, notes = verify_slices(ref, fresh)
    ours, contradicted = compare_shipped(ref, shipped, fresh)
    if contradicted:
        raise InputError(contradicted)
    _refuse_wrong_build(ref, fresh, notes)
    lost = tuple(p for p in notes if p.check in _NO_PROOF and p.column in (genes or ()))
    if lost:
        raise InputError(lost)
    return ours, notes


def install_sequences(
    ref: Reference,
    build: GenomeBuild,
    fetch: Fetch,
    *,
    source: str,
    progress: Progress | None = None,
    intervals: Sequence[Stretch] | None = None,
    genes: frozenset[str] | None = None,
    resume: bool = True,
) -> Installed:
    """Fetch, prove and install the slices of one build.

    Nothing in the package changes unless everything is proved; an interrupted run goes on where
    it stopped. What was installed earlier stays where the new slices do not reach.

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
    intervals
        What to fetch, if not all that the tables need.
    genes
        Genes that were asked for: one of them that cannot be proved is an error.
    resume
        True to keep what was fetched until all is there.

    Raises
    ------
    InputError
        If the bases cannot be fetched or do not fit the tables.
    """
    folder = ref.path / "sequences" / build.value
    parts = folder / ".parts" if resume else None
    intervals = wanted_intervals(ref, build) if intervals is None else intervals
    bases = fetch_slices(intervals, fetch, parts, progress)
    shipped = Genome.load(ref.path, build.value, ref.rows(CuratedTranscript), skip=INSTALLED)
    fresh = _genome(shipped, intervals, bases)
    try:
        ours, notes = _proved(ref, shipped, fresh, genes)
    finally:
        _remove(parts)
    unproved = frozenset(p.column for p in notes if p.check in _NO_PROOF)
    whole = keep_earlier(fresh, intervals, folder / INSTALLED)
    proved = known_parts(fresh, wanted_intervals(ref, build, unproved, genes))
    genes_now, _ = verify_slices(ref, whole.genome)
    places = sorted([*proved, *whole.kept], key=lambda s: (ref.contigs(build).order[s[0]], s[1]))
    return _write_slices(
        folder, whole.genome, places, genes_now, (*ours, *notes), whole.sources(source)
    )


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


def _genome(like: Genome, intervals: Sequence[Stretch], bases: Sequence[str]) -> Genome:
    """Return new slices of the build of others, with their transcripts."""
    slices: dict[str, list[tuple[int, str]]] = {}
    for (chrom, start, _), text in zip(intervals, bases, strict=True):
        slices.setdefault(chrom, []).append((start, text))
    return Genome(like.build, slices, like.transcripts)


def _remove(folder: Path | None) -> None:
    if folder is None:
        return
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
