"""Say whose released reports the checks of a later run speak against."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from epilepsy_pgx.errors import InputError, PgxError, counted
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.ledger.book import Standing, has_ledger
from epilepsy_pgx.ledger.editions import reading
from epilepsy_pgx.ledger.latest import failed_samples, unread_samples

_NAMED = 20
"""Patients who are named."""
_SWAPPED = "vcf-bound"
"""Why a run made no report of a patient whose file is another than the manifest names."""
_GONE = frozenset({"withdrawn", "replaced"})


def check_not_followed(standing: Iterable[Standing], gone: Standing) -> None:
    """Raise if what replaced an edition stands.

    The later message on an order counts: a withdrawal of what was replaced takes back, for whoever
    receives it, what stands.

    Raises
    ------
    InputError
        If so.
    """
    for one in standing:
        if one.sample == gone.sample and gone.state == "replaced" and one.state not in _GONE:
            raise InputError.one(
                "withdraw-replaced",
                found=f"{gone.edition}, which {one.edition} ({one.state}) replaced",
                expected=f"{one.edition}, which stands",
                fix="What is wrong in both: withdraw that one first. Wrong in the earlier one "
                "alone: amend with --correction.",
            )


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
    which = counted(len(samples), "report is", "reports are")
    lines = [
        f"{which} withdrawn, as the genome may be another person's: {names} "
        f"(see {results / 'cohort/identity.tsv'})"
    ]
    if not has_ledger(results):
        return lines
    try:
        with reading(results) as book:
            standing = book.standing()
    except PgxError as error:
        return [*lines, "which of them were released is not known:", *map(str, error.problems)]
    return [*lines, *_released(samples, standing, results)]


@dataclass(frozen=True, slots=True)
class Unbacked:
    """A report that left the house, and that the last run of the sample does not bear out."""

    edition: Standing
    why: tuple[str, ...]
    """Checks that failed, or for which no report was made."""
    read: bool
    """False if the last run could not read the sample, or made no report of it."""

    @property
    def against(self) -> bool:
        """True if that speaks against the report, as that its file is another than was bound."""
        return self.read or _SWAPPED in self.why


def unbacked(results: Path, standing: Iterable[Standing]) -> list[Unbacked]:
    """Return the released reports whose sample failed in the last run that has it."""
    failed, unread = failed_samples(results), unread_samples(results)
    return [
        Unbacked(one, failed.get(one.sample) or unread[one.sample], one.sample in failed)
        for one in standing
        if one.state not in _GONE and one.sample in {*failed, *unread}
    ]


def failed_lines(results: Path, besides: Sequence[str] = ()) -> list[str]:
    """Return a line for each released report whose sample failed in the last run.

    The draft of that run says nothing any more; the report that left the house stands.

    Parameters
    ----------
    besides
        Patients of whom it is said already.
    """
    failed = {*failed_samples(results), *unread_samples(results)} - {*besides}
    if not (failed and has_ledger(results)):
        return []
    try:
        with reading(results) as book:
            standing = book.standing()
    except PgxError as error:
        said = f"samples failed: {len(failed)}; which of them were released is not known:"
        return [said, *map(str, error.problems)]
    return [
        f"{_stands(one)}. Exclude a swap, then "
        f"'epilepsy-pgx withdraw {results} \"{one.edition.edition}\"', or amend it"
        for one in unbacked(results, standing)
        if one.edition.sample not in besides
    ]


def _stands(one: Unbacked) -> str:
    edition, why = one.edition, ", ".join(one.why)
    failed = "the sample failed since" if one.read else "the last run made no report of the sample"
    return (
        f"{edition.sample}: {edition.edition} ({edition.language}) is released, and {failed}: {why}"
    )


def _released(samples: Iterable[str], standing: Iterable[Standing], results: Path) -> Iterable[str]:
    mine = frozenset(samples)
    for edition in standing:
        if edition.sample in mine and edition.state not in _GONE:
            yield (
                f"{edition.sample}: {edition.edition} ({edition.language}) is released, and its "
                "genome may be another person's: find out whose it is, then "
                f"'epilepsy-pgx withdraw {results} \"{edition.edition}\"', or amend it"
            )
