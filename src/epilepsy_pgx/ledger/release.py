"""Review, release, replace and withdraw reports: each step an entry, with the files it makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import date, timedelta
from pathlib import Path

import msgspec

from epilepsy_pgx.authorisation import Authorisation, Changes, Signatory
from epilepsy_pgx.errors import InputError, PgxError
from epilepsy_pgx.files import make_folder
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.ledger.book import Book, Standing, editions
from epilepsy_pgx.ledger.editions import (
    Files,
    check_whole,
    digest_of,
    files_of,
    finals,
    folder_name,
    released_json,
    settle,
    stage,
)
from epilepsy_pgx.ledger.entries import Entry, EntryKind, person_key, same_person, urgent_details
from epilepsy_pgx.ledger.latest import check_latest
from epilepsy_pgx.ledger.making import other_makers, render_files
from epilepsy_pgx.ledger.stale import check_current
from epilepsy_pgx.ledger.withdrawn import check_not_followed
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.limits import read_limits
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.authorise import (
    authorise_report,
    draft_digest,
    read_report_file,
    read_verified,
    release_as,
    require_draft,
    require_makers,
)
from epilepsy_pgx.report.compare import compare_reports
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import report_folder
from epilepsy_pgx.vocabulary import ReportState

OLDEST = timedelta(days=366)
"""Age of a draft from which on the clock is doubted."""
_NEAR = timedelta(days=7)
"""How far the date on a report may be from the clock's."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, when, and why."""

    name: str
    role: str
    time: str
    """By the clock, UTC."""
    day: str = ""
    """ISO date on the report; that of the clock if empty."""
    reason: str = ""

    @property
    def signatory(self) -> Signatory:
        """The same as a report tells it."""
        return Signatory(self.name, self.role, self.day or self.time[:10], self.reason)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a report replaces."""

    edition: str
    correction: bool = False
    """True if what is replaced was wrong, not only incomplete."""


@dataclass(frozen=True, slots=True)
class Done:
    """A released edition."""

    entry: Entry
    folder: Path
    report: PatientReport = field(repr=False)


def review(book: Book, path: Path, who: Act) -> Entry:
    """Record that somebody reviewed a draft technically."""
    report, data = read_report_file(path)
    require_draft(report, str(path))
    check_person(who)
    with held(book, path):
        _check_age(report, who, path)
        return book.add(
            Entry(
                0,
                who.time,
                EntryKind.REVIEWED,
                report=report.report_id,
                language=report.language,
                sample=report.patient.sample_id,
                draft=draft_digest(data),
                state=ReportState.REVIEWED,
                person=who.name,
                role=who.role,
            )
        )


def release(
    book: Book, path: Path, who: Act, ref: Reference, amendment: Amendment | None = None
) -> Done:
    """Release a draft: the entry and its files count together or not at all.

    Raises
    ------
    InputError
        If the draft was edited, was released before, was not reviewed where that is asked for,
        or is not the one that may follow what stands; if a date or the clock is wrong.
    """
    report, data = read_report_file(path)
    require_draft(report, str(path))
    check_person(who)
    final = authorise_report(report, who.name, who.role, who.day or who.time[:10])
    require_makers(report, str(path), ref)
    with held(book, path):
        _check_age(report, who, path)
        digest = draft_digest(data)
        entries = book.entries()
        _check_new(entries, digest, path)
        before = _replaced(book, report, amendment, path)
        check_latest(book, report, path, first=before is None)
        settings = book.settings()
        given = final.authorisation
        assert given is not None
        given = replace(
            given,
            time=who.time,
            review=_reviewed(entries, digest, who, settings.persons, path),
            valid_days=settings.valid_days,
        )
        if before is not None:
            earlier = read_verified(_json_of(entries, book, before).read_bytes(), before.edition)
            changes = compare_reports(earlier, report, read_limits(ref))
            _check_who(changes, before, amendment, path)
            if amendment is not None:
                check_current(report, earlier, before, book, path)
                given = replace(_following(given, before, amendment, who), changes=changes)
            else:
                given = _translated(given, earlier, changes, path)
        authorised = book.add(_authorised(report, given, who))
        given = replace(given, entry=authorised.number, entry_digest=authorised.digest)
        final = release_as(report, given)
        return _write(book, authorised, final, ref)


def withdraw(book: Book, edition: str, who: Act, ref: Reference) -> list[Done]:
    """Withdraw an edition in every language; its files stay, those that say so lie beside them.

    Raises
    ------
    InputError
        If there is no such edition, it was withdrawn before, what replaced it stands, or no reason
        is given.
    """
    check_person(who)
    if not who.reason:
        raise InputError.one(
            "withdraw-reason", column="--reason", found="an empty text", expected="why"
        )
    done = []
    with held(book):
        entries = book.entries()
        for standing in _standing(book, edition):
            if standing.state == ReportState.WITHDRAWN:
                raise InputError.one(
                    "withdraw-twice", found=f"{edition}, which was withdrawn", expected="another"
                )
            check_not_followed(book.standing(), standing)
            source = _json_of(entries, book, standing)
            report = read_verified(source.read_bytes(), str(source))
            given = report.authorisation
            assert given is not None
            gone = book.add(
                Entry(
                    0,
                    who.time,
                    EntryKind.WITHDRAWN,
                    report=standing.report,
                    version=standing.version,
                    language=standing.language,
                    sample=standing.sample,
                    state=ReportState.WITHDRAWN,
                    person=who.name,
                    role=who.role,
                    details=msgspec.json.encode({"reason": who.reason}).decode(),
                )
            )
            given = replace(
                given,
                state=ReportState.WITHDRAWN,
                withdrawal=who.signatory,
                # A receiver that orders by time takes the later message: this one.
                time=who.time,
                entry=gone.number,
                entry_digest=gone.digest,
            )
            done.append(_write(book, gone, release_as(report, given), ref))
    return done


def _write(book: Book, entry: Entry, final: PatientReport, ref: Reference) -> Done:
    """Write the files of an edition aside, and record their digests."""
    folder = folder_name(entry)
    digests = stage(book, folder, render_files(final, book.settings(), ref))
    main = FORMATS["json"].file_name(report_folder(final.patient.sample_id).name)
    files = Files(digests, folder, main, other_makers(final, ref))
    details = msgspec.json.encode(files).decode()
    given = final.authorisation
    assert given is not None
    book.add(replace(entry, kind=EntryKind.FINAL, state=given.state, details=details))
    return Done(entry, book.released / folder, final)


@contextmanager
def held(book: Book, draft: Path | None = None) -> Iterator[None]:
    """Hold the ledger, and with it the released files, against all others; `draft` is its own."""
    make_folder(book.released)
    with book.writing():
        settle(book)
        check_whole(book, draft)
        yield
    with book.writing():
        try:
            settle(book)
        except PgxError as error:
            raise type(error)(
                replace(p, fix=f"{p.fix} {_COUNTS}") for p in error.problems
            ) from None


_COUNTS = "The step counts: the next one puts its files in their place."


def _authorised(report: PatientReport, given: Authorisation, who: Act) -> Entry:
    return Entry(
        0,
        who.time,
        EntryKind.AUTHORISED,
        report=report.report_id,
        version=given.version,
        language=report.language,
        sample=report.patient.sample_id,
        draft=given.digest,
        state=given.state,
        replaces=given.replaces,
        person=given.name,
        role=given.role,
        details=msgspec.json.encode(
            {
                "date": given.date,
                "reason": given.reason,
                **urgent_details(report.interpretation.urgent),
            }
        ).decode(),
    )


def check_person(who: Act) -> None:
    """Raise if it is not said who does something.

    Raises
    ------
    InputError
        If name or role is missing.
    """
    if not person_key(who.name) or not person_key(who.role):
        raise InputError.one(
            "authorise-who",
            column="--name and --role",
            found="an empty text",
            expected="the name and role of the person",
        )


def _check_age(report: PatientReport, who: Act, path: Path) -> None:
    """Raise if the clock, the date given and the date of the draft lie too far apart."""
    made = date.fromisoformat(report.provenance.created[:10])
    clock = date.fromisoformat(who.time[:10])
    given = date.fromisoformat(who.day) if who.day else clock
    if made - clock > timedelta(days=1) or clock - made > OLDEST:
        raise InputError.one(
            "draft-age",
            file=str(path),
            found=f"a draft of {made}, while the clock shows {clock}",
            expected="a draft of the last year",
            fix="Check the clock; an old draft is made again with the tables of today.",
        )
    if abs(given - clock) > _NEAR:
        raise InputError.one(
            "authorise-date",
            column="--date",
            found=str(given),
            expected=f"a date within {_NEAR.days} days of {clock}, which the clock shows",
            fix="Check the date, and the clock.",
        )


def _check_new(entries: list[Entry], digest: str, path: Path) -> None:
    """Raise if a draft, or the same edition, was released before."""
    for entry in entries:
        if entry.kind is EntryKind.AUTHORISED and entry.draft == digest:
            raise InputError.one(
                "draft-released",
                file=str(path),
                found=f"a draft that {entry.person} released as {entry.edition} at {entry.time} "
                f"(entry {entry.number})",
                expected="a draft that was not released",
            )


def _replaced(
    book: Book, report: PatientReport, amendment: Amendment | None, path: Path
) -> Standing | None:
    """Return the edition that a draft replaces, or says in another language; else None."""
    own = [s for s in book.standing() if s.sample == report.patient.sample_id]
    mine = [s for s in own if s.language == report.language]
    if amendment is None:
        if not own:
            return None
        last = own[-1]
        said = any(s.edition == last.edition for s in mine)
        if said or last.report != report.report_id or last.state == ReportState.WITHDRAWN:
            raise InputError.one(
                "release-stands",
                file=str(path),
                found=f"a draft of a patient who has {last.edition} ({last.state})",
                expected="a patient without a released report, or the same one in a new language",
                fix=f"Use 'epilepsy-pgx amend' with --replaces '{last.edition}'.",
            )
        return last
    found = _standing(book, amendment.edition)
    (before,) = [s for s in found if s.language == report.language] or found[:1]
    after = _last_of(own, before)
    if before.sample != report.patient.sample_id:
        raise InputError.one(
            "amend-patient",
            file=str(path),
            column="--replaces",
            found=f"{before.edition}, a report on another patient",
            expected="a report on the patient of the draft",
            fix="A report on the wrong patient is withdrawn, not amended.",
        )
    if after is not None:
        raise InputError.one(
            "amend-stands",
            file=str(path),
            column="--replaces",
            found=f"{before.edition}, which was replaced",
            expected=f"{after.edition}, the last one",
            fix="."
            if after.language == report.language
            else f"'epilepsy-pgx release' adds {after.edition} in another language.",
        )
    return before


def _last_of(own: list[Standing], before: Standing) -> Standing | None:
    """Return the last edition if one replaces an edition, in whatever language; else None."""
    replaced = any(s.replaces == before.edition for s in own)
    return own[-1] if replaced else None


_IDENTIFIERS = frozenset({"name", "birth_date", "record_number"})


def _check_who(changes: Changes, before: Standing, amendment: Amendment | None, path: Path) -> None:
    """Raise if a draft is of another person than what stands, or says it without a correction."""
    renamed = changes.identity
    if not renamed or (
        amendment is not None
        and amendment.correction
        and len(_IDENTIFIERS.intersection(renamed)) < 2
    ):
        return
    another = len(_IDENTIFIERS.intersection(renamed)) > 1
    raise InputError.one(
        "amend-identity",
        file=str(path),
        column=renamed[0],
        found=f"another {', '.join(renamed)} than in {before.edition}",
        expected="the same person, with what was released of them",
        fix="Find out whose genome it is. A report on the wrong patient is withdrawn, not amended."
        if another
        else "Find out which is right. What was wrong is amended with --correction.",
    )


def _following(
    given: Authorisation, before: Standing, amendment: Amendment, who: Act
) -> Authorisation:
    if not who.reason:
        raise InputError.one(
            "authorise-amendment",
            column="--reason",
            found="an empty text",
            expected="what was changed, and why",
        )
    state = ReportState.CORRECTED if amendment.correction else ReportState.AMENDED
    return replace(
        given, version=before.version + 1, replaces=before.edition, reason=who.reason, state=state
    )


def _translated(
    given: Authorisation, earlier: PatientReport, changes: Changes, path: Path
) -> Authorisation:
    """Return the release of a report in one more language, under its version."""
    first = earlier.authorisation
    assert first is not None
    if changes.number or changes.lost:
        raise InputError.one(
            "release-translated",
            file=str(path),
            found=f"a draft that says something else than what is released in '{earlier.language}'"
            f", on {', '.join((*changes.drugs, *changes.genes, *changes.lost))}",
            expected="the same report in another language",
            fix="Use 'epilepsy-pgx amend' for what changed.",
        )
    return replace(
        given,
        version=first.version,
        replaces=first.replaces,
        reason=first.reason,
        state=first.state,
        changes=first.changes,
    )


def _reviewed(
    entries: list[Entry], digest: str, who: Act, persons: int, path: Path
) -> Signatory | None:
    """Return who reviewed a draft, as this very draft; another than who releases it."""
    found = [e for e in entries if e.kind is EntryKind.REVIEWED and e.draft == digest]
    others = [e for e in found if not same_person(e.person, who.name)]
    if persons > 1 and not others:
        raise InputError.one(
            "release-reviewed",
            file=str(path),
            found="a draft that was reviewed by the same person only"
            if found
            else "a draft that nobody reviewed, or that was made again since",
            expected="a draft as another person reviewed it",
            fix="Use 'epilepsy-pgx review'.",
        )
    if not others:
        return None
    last = others[-1]
    return Signatory(last.person, last.role, last.time[:10])


def _standing(book: Book, edition: str) -> list[Standing]:
    found = editions(book.standing(), edition, None)
    if not found:
        raise InputError.one(
            "edition-released",
            file=str(book.path),
            found=f"no released report '{edition}'",
            expected="id and version of one, such as 'R-0123456789AB v1'",
            fix="sqlite3 -readonly ledger.sqlite 'SELECT * FROM reports' lists them.",
        )
    return found


def _json_of(entries: list[Entry], book: Book, standing: Standing) -> Path:
    """Return the JSON of a released edition; that of its withdrawal, if its own is lost."""
    wanted = (standing.report, standing.version, standing.language)
    # A withdrawal says all that the report said, and comes behind it.
    for entry in finals(entries):
        if (entry.report, entry.version, entry.language) == wanted:
            path = released_json(book, entry)
            if path.is_file() and digest_of(path.read_bytes()) == files_of(entry).files[path.name]:
                return path
    raise InputError.one(
        "edition-files",
        file=str(book.released),
        found=f"no JSON of {standing.edition} as it was released",
        expected="the released file",
        fix="Bring it back from a backup; 'epilepsy-pgx verify' names what is missing.",
    )
