"""Drafts that are a replaced edition in another language: what it said is not told from them."""

from contextlib import suppress
from pathlib import Path

from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.ledger.book import Book, Standing
from epilepsy_pgx.ledger.editions import finals, released_json
from epilepsy_pgx.ledger.entries import Entry
from epilepsy_pgx.ledger.stale import made_from, state_of
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.authorise import read_report_file, read_verified
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.vocabulary import ReportState


class Translations:
    """Says whether a draft is one of an edition that another one followed.

    A draft in a language that was released is told by its digest; one in a language that never was
    lies in the results for as long as nobody runs the patient again.
    """

    def __init__(self, book: Book, entries: list[Entry]) -> None:
        """Look which patients have an edition that was followed."""
        self._book, self._entries = book, entries
        self._last: dict[str, Standing] = {}
        self._former: dict[str, list[Standing]] = {}
        standing = book.standing()
        for one in standing:
            self._last[one.sample] = one
        for one in standing:
            if one.edition != self._last[one.sample].edition:
                self._former.setdefault(one.sample, []).append(one)

    def holds(self, sample: str, draft: Path) -> bool:
        """Say whether a draft is one; not where it cannot be read, or was made since."""
        former = self._former.get(sample)
        if not former:
            return False
        with suppress(OSError, ValueError, PgxError):
            report, _ = read_report_file(draft)
            last = state_of(self._last[sample], self._entries)
            if last.known_to(made_from(report), report.provenance.created):
                return False
            released = {(s.edition, s.language) for s in former}
            return any(
                self._says(one, report)
                for one in former
                if (one.edition, report.language) not in released
            )
        return False

    def _says(self, one: Standing, draft: PatientReport) -> bool:
        """Say whether an edition says the same: what its release in another language asks for."""
        for entry in finals(self._entries):
            named = (entry.edition, entry.language)
            if named == (one.edition, one.language) and entry.state != ReportState.WITHDRAWN:
                path = released_json(self._book, entry)
                changes = compare_reports(read_verified(path.read_bytes(), str(path)), draft)
                return not (changes.number or changes.identity or changes.lost)
        return False
