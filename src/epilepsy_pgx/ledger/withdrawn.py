"""Say whose released reports the checks of a later run speak against."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.ledger.book import Standing, has_ledger, opened
from epilepsy_pgx.ledger.latest import failed_samples

_NAMED = 20
"""Patients who are named."""
_GONE = frozenset({"withdrawn", "replaced"})


def withdrawn_lines(samples: Sequence[str], results: Path) -> list[str]:
    """Return lines on reports that say nothing, since the genome may be another person's.

    Parameters
    ----------
    samples
        Whose reports they are.
    results
        The folder of the run. If it has a ledger, each released report of these patients is
        named: a file that left the house is not withdrawn by a draft.
    """
    if not samples:
        return []
    names = ", ".join(samples[:_NAMED]) + (" ..." if len(samples) > _NAMED else "")
    lines = [
        f"{len(samples)} reports are withdrawn, as the genome may be another person's: {names} "
        f"(see {results / 'cohort/identity.tsv'})"
    ]
    if not has_ledger(results):
        return lines
    try:
        with opened(results) as book:
            standing = book.standing()
    except PgxError as error:
        return [*lines, "which of them were released is not known:", *map(str, error.problems)]
    return [*lines, *_released(samples, standing, results)]


def failed_lines(results: Path, besides: Sequence[str] = ()) -> list[str]:
    """Return a line for each released report whose sample failed a check in the last run.

    The draft of that run says nothing any more; the report that left the house stands.

    Parameters
    ----------
    besides
        Patients of whom it is said already.
    """
    failed = {s: checks for s, checks in failed_samples(results).items() if s not in besides}
    if not (failed and has_ledger(results)):
        return []
    try:
        with opened(results) as book:
            standing = book.standing()
    except PgxError as error:
        said = f"{len(failed)} samples failed; which of them were released is not known:"
        return [said, *map(str, error.problems)]
    return [
        f"{one.sample}: {one.edition} ({one.language}) is released, and the sample failed since: "
        f"{', '.join(failed[one.sample])}. Exclude a swap, then "
        f"'epilepsy-pgx withdraw {results} \"{one.edition}\"', or amend it"
        for one in standing
        if one.sample in failed and one.state not in _GONE
    ]


def _released(samples: Iterable[str], standing: Iterable[Standing], results: Path) -> Iterable[str]:
    mine = frozenset(samples)
    for edition in standing:
        if edition.sample in mine and edition.state not in _GONE:
            yield (
                f"{edition.sample}: {edition.edition} ({edition.language}) is released, and its "
                "genome may be another person's: find out whose it is, then "
                f"'epilepsy-pgx withdraw {results} \"{edition.edition}\"', or amend it"
            )
