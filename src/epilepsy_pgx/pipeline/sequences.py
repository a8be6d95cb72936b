"""Install sequences from where the user has them, and say what is there."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.fasta import read_fasta
from epilepsy_pgx.reference.install import (
    ENSEMBL,
    Installed,
    Progress,
    covered_intervals,
    fetch_from_ensembl,
    fetch_from_fasta,
    install_sequences,
    short_genes,
    wanted_intervals,
)
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.web import WebClient
from epilepsy_pgx.variants.reading import GeneReading, gained, read_genes, reading_sentence
from epilepsy_pgx.variants.sequence import open_sequences
from epilepsy_pgx.vocabulary import GenomeBuild


@dataclass(frozen=True, slots=True)
class Request:
    """What to install, and from where."""

    build: GenomeBuild
    fasta: str | None = None
    """A file or URL; None for Ensembl."""
    ensembl: str | None = None
    """Address of the service, if it is another than Ensembl's own."""
    genes: frozenset[str] | None = None


def install(
    ref: Reference, request: Request, progress: Progress | None = None
) -> tuple[Installed, tuple[str, ...]]:
    """Install the slices of one build.

    Returns
    -------
    (what was installed, notes)
        A gene of which the FASTA holds a part only is a note: the other part may come with
        another file.

    Raises
    ------
    InputError
        If the bases cannot be read or do not fit the tables.
    """
    build, genes = request.build, request.genes
    wanted = wanted_intervals(ref, build, genes=genes)
    if request.fasta is None:
        address = request.ensembl or ENSEMBL[build]
        done = install_sequences(
            ref,
            build,
            fetch_from_ensembl(WebClient(), address),
            source=address,
            progress=progress,
            intervals=wanted,
            genes=genes,
        )
        return done, tuple(map(str, done.notes))
    read = read_fasta(request.fasta, wanted, ref, build)
    held = covered_intervals(read, wanted, request.fasta, build)
    done = install_sequences(
        ref,
        build,
        fetch_from_fasta(read),
        source=Path(request.fasta).name,
        progress=progress,
        intervals=held,
        genes=genes,
        resume=False,
    )
    short = short_genes(ref, build, held, request.fasta, genes)
    short = tuple(p for p in short if p.column not in done.genes)
    return done, (*read.notes, *map(str, (*done.notes, *short)))


def coverage_lines(
    ref: Reference, build: GenomeBuild, genes: frozenset[str] | None, fasta: str | None
) -> Iterator[str]:
    """Yield how far each gene is read in a build, and what one more file would add.

    Parameters
    ----------
    genes
        Genes to list; None for all.
    fasta
        A FASTA that would be installed: its genes are named, and nothing is written.

    Raises
    ------
    InputError
        If a gene is not read for rare variants, or the FASTA is not fit for the build.
    """
    sequences = open_sequences(ref, build)
    rows = read_genes(ref, sequences)
    unknown = sorted((genes or frozenset()) - {r.gene for r in rows})
    if unknown:
        raise InputError.one(
            "gene-known",
            column="--gene",
            found=", ".join(unknown),
            expected="a gene that is read for rare variants",
            fix=_spelling(unknown, [r.gene for r in rows]),
        )
    for row in rows:
        if genes is None or row.gene in genes:
            yield "\t".join((build.value, row.gene, _extent(row)))
    yield reading_sentence(ref, sequences)
    if fasta is not None:
        yield _would_add(ref, build, genes, fasta)
        return
    for chrom, names in gained(rows, list(sequences.lengths)).items():
        yield f"{build.value}: a FASTA of chromosome {chrom} would add {', '.join(names)}"


def _spelling(unknown: Sequence[str], known: Sequence[str]) -> str:
    """Return how the tables spell genes that were not found, as far as the case is all."""
    by_fold = {name.casefold(): name for name in known}
    alike = [by_fold[name.casefold()] for name in unknown if name.casefold() in by_fold]
    return f"Write {', '.join(alike)}." if alike else "Check the symbol."


def _extent(row: GeneReading) -> str:
    said: str = row.extent.value
    if row.listed and not row.extent.value.startswith("coding"):
        said = f"{said} ({row.listed})"
    if row.typed and row.extent.value.startswith("coding"):
        said = f"{said} (typed over, no second proof yet)"
    return said if row.has_transcript else f"{said}; no transcript"


def _would_add(ref: Reference, build: GenomeBuild, genes: frozenset[str] | None, fasta: str) -> str:
    """Install into a copy of the tables, and return which genes are read further there."""
    before = {r.gene: r.gains for r in read_genes(ref, open_sequences(ref, build))}
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "tables"
        copy.mkdir()
        for path in ref.path.iterdir():
            if path.name != "sequences":
                (copy / path.name).symlink_to(path.resolve())
        place = copy / "sequences" / build.value
        place.mkdir(parents=True)
        for path in (ref.path / "sequences" / build.value).glob("*"):
            if path.is_file():
                (place / path.name).write_bytes(path.read_bytes())
        install(load_reference(copy), Request(build, fasta, genes=genes))
        other = load_reference(copy)
        after = {r.gene: r.gains for r in read_genes(other, open_sequences(other, build))}
    names = sorted(gene for gene, gains in after.items() if before[gene] and not gains)
    return f"{build.value}: {Path(fasta).name} would add {', '.join(names) or 'no gene'}"
