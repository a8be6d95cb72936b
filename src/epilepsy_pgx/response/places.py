"""How early what is not known stands among what may be settled next.

A curator's order goes before the size of a change, so that what decides drug resistance is not
pushed out by rare conditions on which many lines hang. It hides nothing, and lists nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.rows import TestItem
from epilepsy_pgx.reference.rows.words import Course, Place
from epilepsy_pgx.response.factor_medicines import too_early
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.response.open_results import OpenItem

_YEAR = 366
_ENOUGH = 2
_SMALL = 2
"""Years, below which a variant that was found explains the attacks; the number is ours."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How early an item stands before it is asked what it would change."""

    place: int
    hurries: bool
    """True if an urgent line that hangs on it brings it to the front."""


def standing_of(
    row: TestItem,
    items: Iterable[OpenItem],
    entry: ClinicalEntry,
    unread: bool = False,
    antiseizure: Collection[str] | None = None,
    explained: bool = False,
) -> Standing:
    """Return how early an item stands.

    Parameters
    ----------
    row
        Its row of the table of items.
    items
        What is open of it: one is enough to bring it forward.
    entry
        The clinical entry.
    unread
        True if no gene was read, and no variant names a cause.
    antiseizure
        The drugs against seizures, of which the course of a treatment is told; None for all.
    explained
        True if a pathogenic variant was found.
    """
    if row.place >= Place.RARE:
        likely = _is_likely(row, entry)
        return Standing(Place.CHOICE if likely else row.place, likely and row.hurries)
    place = row.place
    if unread and row.place_unread is not None and not _has_word(row.unread_unless, entry):
        place = row.place_unread
    words = {*entry.syndromes, *entry.seizure_types}
    courses = set(_courses(entry, antiseizure))
    if explained and entry.age_years is not None and entry.age_years < _SMALL:
        courses.add(Course.EXPLAINED)
    beside = words.intersection(row.late_with) or courses.intersection(row.late_while)
    if beside or _has_word(row.late_with, entry):
        place = Place.SIDE
    own = place if place == Place.SIDE or _drugs_fail(entry) else Place.CHOICE
    return Standing(min(item.place or own for item in items), hurries(row, entry))


def _courses(entry: ClinicalEntry, antiseizure: Collection[str] | None) -> Iterator[Course]:
    """Yield how far the treatment of a patient has come."""
    taken = entry.current or ()
    tried = [d for d in taken if antiseizure is None or named_drug(d) in antiseizure]
    if _free(entry):
        yield Course.SEIZURE_FREE
    if not entry.failed and too_early([item for item in tried if item.known], entry):
        yield Course.FIRST_DRUG
    if entry.current is not None and not entry.failed and not tried:
        yield Course.UNTREATED
    if len({named_drug(item) for item in taken if item.adequate}) >= _ENOUGH:
        yield Course.RESISTANT
    # What was begun lately still has its first reaction before it.
    lately = any(too_early([item], entry) for item in taken if item.known)
    if taken and not lately and not entry.planned and _drugs_fail(entry):
        yield Course.UNPLANNED


def hurries(row: TestItem, entry: ClinicalEntry) -> bool:
    """Say whether an item comes first where an urgent line hangs on it."""
    age, since = entry.age_years, row.hurries_from_age
    if not row.hurries or not (age is None or since is None or age >= since):
        return False
    return not row.hurries_with or not set(row.hurries_with).isdisjoint(entry.signs or ())


def nothing_read(facts: PatientFacts) -> bool:
    """Say whether no gene was read for rare variants, and no variant names a cause."""
    return not facts.has_pathogenic and not any(c.assessed for c in facts.coverage.values())


def _has_word(words: Iterable[str], entry: ClinicalEntry) -> bool:
    """Say whether the entry has one of some words, each written as `column=word`."""
    told = (word.partition("=") for word in words if "=" in word)
    return any(str(getattr(entry, column)) == word for column, _, word in told)


def _is_likely(row: TestItem, entry: ClinicalEntry) -> bool:
    """Say whether the entry points to a condition that is rare otherwise."""
    age, since = entry.age_years, row.likely_from_age
    old = age is not None and since is not None and age >= since
    return old or not set(row.likely_with).isdisjoint(entry.syndromes)


def _drugs_fail(entry: ClinicalEntry) -> bool:
    """Say whether a drug failed, or seizures are entered beside one that is taken."""
    if _free(entry):
        return False
    seizures = entry.last_seizure is not None or bool(entry.seizures_per_month)
    return entry.affected is not False and bool(entry.failed or (entry.current and seizures))


def _free(entry: ClinicalEntry) -> bool:
    """Say whether no seizure came for a year, and no number of them says otherwise."""
    if entry.last_seizure is None or entry.entry_date is None or entry.seizures_per_month:
        return False
    last, now = map(date.fromisoformat, (entry.last_seizure, entry.entry_date))
    return (now - last).days > _YEAR
