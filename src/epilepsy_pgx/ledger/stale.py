"""A draft takes the place only of what it was made from: otherwise it undoes what came between."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from epilepsy_pgx.authorisation import Changes, name_edition
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.book import Book, Standing, has_ledger
from epilepsy_pgx.ledger.editions import finals, reading, released_json
from epilepsy_pgx.ledger.entries import Entry, EntryKind
from epilepsy_pgx.model import InputFile, PatientReport
from epilepsy_pgx.report.authorise import digest_of_draft, read_verified
from epilepsy_pgx.report.build import EARLIER
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.vocabulary import ReportState

_Failed = TypeVar("_Failed")
RETOLD = "notice-retold"
"""Notice of a draft that says which stored report it was made from."""
_MARK = " (withdrawn)"
"""Behind the name of an edition that was withdrawn already when a draft was made from it."""
_GONE = ("replaced", ReportState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class State:
    """An edition as it stands now: what a draft must know to take its place."""

    edition: str
    time: str
    """When it was released; of a withdrawn one, when it was withdrawn."""
    drafts: frozenset[str]
    """Digests of the drafts behind it, in all languages."""
    withdrawn: bool = False

    def names(self, source: InputFile) -> bool:
        """Say whether it is what a draft names, whatever became of it since."""
        # An id may be that of several drafts of a day, and two ledgers may have the same name.
        return source.digest in self.drafts

    def known_to(self, source: InputFile | None, made: str) -> bool:
        """Say whether a draft was made from it as it stands now.

        A draft bears a day, which may be that of a withdrawal: the name says what came first.

        Parameters
        ----------
        source, made
            What the draft names as the report before it, and when it was made.
        """
        if source is None:
            return is_later(made, self.time)
        return self.names(source) and source.name.endswith(_MARK) == self.withdrawn


def state_of(one: Standing, entries: Sequence[Entry]) -> State:
    """Return how an edition stands; a withdrawal is one of all its languages."""
    mine = [e for e in entries if e.edition == one.edition]
    gone = [e.time for e in mine if e.kind is EntryKind.WITHDRAWN]
    drafts = frozenset(e.draft for e in mine if _gives(e.kind) and e.draft)
    return State(one.edition, gone[-1] if gone else one.time, drafts, bool(gone))


def withdrawn_states(book: Book) -> Mapping[str, State]:
    """Return the last edition of each sample whose reports were all withdrawn, or replaced."""
    standing, entries = book.standing(), book.entries()
    last = {s.sample: s for s in standing}
    valid = {s.sample for s in standing if s.state not in _GONE}
    return {sample: state_of(one, entries) for sample, one in last.items() if sample not in valid}


def name_earlier(report: PatientReport, earlier: InputFile | None) -> PatientReport:
    """Return a draft that names the report before it, with the digest of that one's draft.

    The id stays: it is the same in all languages, whichever of them were released already.
    """
    made = report.provenance
    others = tuple(f for f in made.inputs if f.role != EARLIER)
    named = () if earlier is None else (earlier,)
    return replace(report, provenance=replace(made, inputs=(*others, *named)))


def naming_earlier(
    results: Iterable[PatientReport | _Failed], earlier: Mapping[str, InputFile]
) -> Iterator[PatientReport | _Failed]:
    """Yield results as they come, each report with what stood of its sample, if anything did."""
    for made in results:
        if isinstance(made, PatientReport):
            yield name_earlier(made, earlier.get(made.patient.sample_id))
        else:
            yield made


def earlier_of(stored: PatientReport) -> InputFile:
    """Return a stored report as what a draft is made from."""
    name = name_edition(stored.report_id, stored.authorisation)
    return InputFile(EARLIER, name, digest_of_draft(stored), 0)


def earlier_in(results: Path) -> Mapping[str, InputFile]:
    """Return the last released report of each sample in a folder; none without a ledger.

    Raises
    ------
    PgxError
        If the ledger was lost, or cannot be read: neither can the urgent results of the folder.
    """
    if not has_ledger(results):
        return {}
    with reading(results) as book:
        drafts = {(e.edition, e.language): e.draft for e in book.entries() if _gives(e.kind)}
        return {
            s.sample: InputFile(EARLIER, _named(s), drafts[s.edition, s.language], 0)
            for s in book.standing()
            if s.state != "replaced"
        }


def _named(one: Standing) -> str:
    return one.edition + (_MARK if one.state == ReportState.WITHDRAWN else "")


def _gives(kind: EntryKind) -> bool:
    return kind is EntryKind.AUTHORISED


def made_from(report: PatientReport) -> InputFile | None:
    """Return the report that a draft names as the one before it; None if it names none."""
    return earlier_among(report.provenance.inputs)


def earlier_among(inputs: Iterable[InputFile]) -> InputFile | None:
    """Return the input of a draft that is the report before it; None if there is none."""
    return next((f for f in inputs if f.role == EARLIER), None)


def check_current(
    report: PatientReport, earlier: PatientReport, before: Standing, book: Book, path: Path
) -> None:
    """Raise if a draft was made from an older edition than the one it is to replace.

    Parameters
    ----------
    earlier, before
        What it is to replace, and where that stands.

    Raises
    ------
    InputError
        If it was, or if nothing shows that it was not; what changed between is named.
    """
    source, made = made_from(report), report.provenance.created
    state = state_of(before, book.entries())
    if state.known_to(source, made):
        return
    if state.withdrawn and (source is None or state.names(source)):
        raise _undoing(state, source, path)
    if source is not None:
        name = source.name if source.name != before.edition else f"another {source.name}"
        found = f"a draft made from {name}, while {before.edition} stands"
        old = _released(source, book)
    else:
        found = (
            f"a draft of {made} that names no report before it, "
            f"while {before.edition} was released at {before.time}"
        )
        old = None
    between = compare_reports(old or report, earlier)
    raise InputError.one(
        "amend-stale",
        file=str(path),
        column="--replaces",
        found=f"{found}; between them changed: {_subjects(between)}",
        expected=f"a draft made since {before.edition} was released",
        fix="It would undo what changed. Make it again: 'run' into the folder of the ledger, or "
        "'reanalyse' from what stands.",
    )


def _undoing(state: State, source: InputFile | None, path: Path) -> InputError:
    named = "" if source is None else f", made from {source.name}"
    return InputError.one(
        "amend-stale",
        file=str(path),
        column="--replaces",
        found=f"a draft{named}, that does not know that {state.edition} was withdrawn "
        f"at {state.time}",
        expected=f"a draft made since {state.edition} was withdrawn",
        fix="It would undo the withdrawal. 'run' the right specimen into the folder of the ledger.",
    )


def is_later(made: str, released: str) -> bool:
    """Say whether a draft is later for sure; of a day without a time its beginning counts."""
    end = datetime.fromisoformat(released)
    if len(made) <= len("2026-11-20"):
        return date.fromisoformat(made) > end.astimezone().date()
    return datetime.fromisoformat(made).astimezone() >= end


def _subjects(changes: Changes) -> str:
    subjects = (*changes.drugs, *changes.genes, *changes.identity, *changes.lost)
    return ", ".join(subjects) or "no statement"


def _released(source: InputFile, book: Book) -> PatientReport | None:
    """Return the released report that a draft names, None where there is none."""
    for entry in finals(book.entries()):
        if entry.draft == source.digest:
            path = released_json(book, entry)
            try:
                return read_verified(path.read_bytes(), str(path))
            except (OSError, ValueError, InputError):
                return None
    return None
