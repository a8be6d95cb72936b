"""What several classes of one variant, each of somebody and of some day, amount to."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.vocabulary import SEVERITY_OF_CLASS, Classification, join_classes, side_of


@dataclass(frozen=True, slots=True)
class ClassificationRecord:
    """Somebody's ACMG/AMP class of a variant."""

    classification: Classification
    who: str
    """Laboratory or database."""
    date: str | None
    """ISO date, or None if not said."""
    source: str
    """`laboratory file`, `VCF INFO`, or the curated table's name."""
    act: bool
    """True only for the laboratory's own class."""

    @property
    def day(self) -> str | None:
        """ISO date of the class, else that of the copy it was taken from, as its name says."""
        named = re.search(r"\b\d{4}-\d{2}-\d{2}\b", self.who)
        return self.date or (named[0] if named else None)


CLINVAR_FILE = "ClinVar file"
"""Source of a class from the copy of ClinVar that the user gave."""


def _joined(records: Iterable[ClassificationRecord]) -> Classification:
    return join_classes({r.classification for r in records})


_PATHOGENIC_SIDE = side_of(Classification.PATHOGENIC)
_OPEN_SIDE = side_of(Classification.UNCERTAIN)


class Settled(NamedTuple):
    """What several classes of one variant amount to; see `VariantFinding`."""

    standing: tuple[ClassificationRecord, ...]
    later: tuple[ClassificationRecord, ...]
    classification: Classification
    disputed: bool


@lru_cache(maxsize=4096)
def settle_classes(records: tuple[ClassificationRecord, ...]) -> Settled:
    """Weigh the classes of one variant against each other."""
    later = _later(records)
    own = tuple(r for r in records if r.act)
    standing = own or tuple(r for r in records if r not in later)
    before, after = _joined(standing), _joined(later)
    unclassified = before is Classification.NOT_CLASSIFIED
    if not later:
        found = before
    elif unclassified:
        found = after
    else:
        found = min(before, after, key=SEVERITY_OF_CLASS.index)
    return Settled(standing, later, found, bool(later) and not unclassified)


def _later(records: tuple[ClassificationRecord, ...]) -> tuple[ClassificationRecord, ...]:
    """Return the classes of copies that stand beside the others; see `VariantFinding.later`."""
    copies = [r for r in records if not r.act]
    if own := [r for r in records if r.act]:
        first = min((r.day or "" for r in own), default="")
        before = _joined(own)
        found = [r for r in copies if (r.day is not None and r.day > first) or _graver(r, before)]
    else:
        found = [r for r in copies if r.source == CLINVAR_FILE]
        before = _joined(r for r in copies if r.source != CLINVAR_FILE)
    return tuple(r for r in found if side_of(r.classification) != side_of(before))


def _graver(copy: ClassificationRecord, before: Classification) -> bool:
    """Say whether a copy's class is pathogenic where the laboratory leaves it open.

    Such a class warns of whatever day it is: an open class does not contradict it. A later
    decision of the laboratory that the variant is benign does.
    """
    return (side_of(copy.classification), side_of(before)) == (_PATHOGENIC_SIDE, _OPEN_SIDE)
