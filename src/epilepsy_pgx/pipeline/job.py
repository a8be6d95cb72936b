"""What a command is asked to do: the files that it names, and how they are to be read."""

from pathlib import Path

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """Files that a command line names, and what is said of all of them."""

    vcfs: tuple[Path, ...]
    build: GenomeBuild
    covers: str | None = None
    """Where a position without a record is reference: `all`, a BED, or None for nowhere."""
    only: tuple[str, ...] = ()
    """Samples to read; all if none is named."""
    sheet: Path | None = None
    """What is known of the patients; its rows choose the samples."""


@dataclass(frozen=True, slots=True)
class Method:
    """What files are read with."""

    ref: Reference
    fasta: Path | None
    """Indexed FASTA of the build; None for the slices that come with the tables."""
    thresholds: Thresholds
