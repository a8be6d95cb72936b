"""Which files phase neighbouring calls only, by the keys and the programs that they name."""

from collections.abc import Iterable
from functools import lru_cache

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import PhaseMark

_STRUCTURED = ("##INFO=", "##FORMAT=", "##FILTER=", "##contig=", "##ALT=", "##META=", "##SAMPLE=")
"""Header lines that describe fields: a program named there need not have made the file."""


@dataclass(frozen=True, slots=True)
class PhaseMarks:
    """Signs that `|` in a genotype ties neighbouring calls only."""

    formats: frozenset[str]
    """FORMAT keys."""
    words: tuple[str, ...]
    """Names of programs, in small letters."""

    def used_by(self, formats: Iterable[str]) -> bool:
        """Say whether one of these FORMAT keys speaks of local phase, letter case aside."""
        return any(key.upper() in self.formats for key in formats)

    def named_in(self, lines: Iterable[str]) -> bool:
        """Say whether a header line names a program that phases by reads."""
        free = [x.lower() for x in lines if not x.startswith(_STRUCTURED)]
        return any(word in line for line in free for word in self.words)


@lru_cache(maxsize=8)
def load_phase_marks(ref: Reference) -> PhaseMarks:
    """Return the signs of local phase of a data package."""
    rows = ref.shipped_rows(PhaseMark)
    return PhaseMarks(
        frozenset(r.mark for r in rows if r.place == "format"),
        tuple(r.mark.lower() for r in rows if r.place == "header"),
    )
