"""Make a lost ledger again from the released reports, which hold all that is said of their release.

What no file holds is lost and stays so: technical reviews without a release, and who was told what.
Calls about urgent results are therefore open again, which is the safe side. What a file says of an
edition whose own files are lost counts: a withdrawal holds all of the report that it takes back.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from epilepsy_pgx.authorisation import Authorisation, name_edition
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.files import make_folder, writing_to
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.ledger.book import Book, created, opened, settings_entry
from epilepsy_pgx.ledger.editions import STAGING, Files, digest_of
from epilepsy_pgx.ledger.entries import FILE, RELEASED, Entry, EntryKind, urgent_details
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.vocabulary import ReportState

Found = tuple[Authorisation, PatientReport, Path]


@dataclass(frozen=True, slots=True)
class _Step:
    """A release or a withdrawal, as a file shows it."""

    order: float
    """Number of its entry in the lost ledger; between two where no file shows it."""
    given: Authorisation
    report: PatientReport
    path: Path
    gone: bool
    """True of a withdrawal."""
    language: str
    own: bool = True
    """False if its own files are lost, and those of another step say that it was."""

    @property
    def name(self) -> str:
        """The edition with its language."""
        return f"{name_edition(self.report.report_id, self.given)} ({self.language})"


def _released_before(folder: Path, time: str) -> list[Found]:
    """Return the released files of a folder; refuse none, and a clock that is behind them."""
    found = _released(folder)
    if not found:
        raise InputError.one(
            "ledger-lost",
            file=str(folder / RELEASED),
            found="no released report",
            expected="released reports to make the ledger from",
            fix="A new ledger is made by 'epilepsy-pgx ledger RESULTS'.",
        )
    if late := [given.time for given, _, _ in found if given.time and given.time > time]:
        raise ConfigError.one(
            "ledger-clock",
            found=f"a clock that shows {time}",
            expected=f"a time after {max(late)}, when a report was released",
            fix="Set the clock.",
        )
    return found


def rebuild(
    folder: Path, settings: Settings, time: str, seen: int = 0, who: tuple[str, str] = ("", "")
) -> tuple[int, tuple[int, ...]]:
    """Make the ledger of a folder again.

    Parameters
    ----------
    seen
        Number of the last entry that a page elsewhere shows; 0 if none is known.
    who
        Name and role of the person who does it, as far as they are given.

    Returns
    -------
    tuple
        How many editions were found, and which numbers of entries no released file holds.

    Raises
    ------
    InputError
        If there is a ledger, no released report, or one that was changed since.
    ConfigError
        If the clock is behind the last release.
    """
    if not _nothing_in(folder):
        raise InputError.one(
            "ledger-lost",
            file=str(folder / FILE),
            found="a ledger",
            expected="none, for it is made again only where it was lost",
            fix="If it is damaged, move it to a safe place first.",
        )
    _put_in_place(folder)
    found = _released_before(folder, time)
    numbers = {n for given, _, _ in found for n in (given.entry, given.entry + 1)}
    lost = tuple(n for n in range(2, max(*numbers, seen + 1)) if n not in numbers)
    with created(folder, settings, time, who) as book, book.writing():
        if book.settings() != settings:
            book.add(settings_entry(settings, time))
        steps = sorted(_steps(found), key=lambda s: (s.order, s.given.version))
        book.add(_rebuilt(steps, len(found), lost, time, who))
        for step in steps:
            _add(book, step, time)
    return len(found), lost


def _rebuilt(
    steps: Sequence[_Step], editions: int, lost: tuple[int, ...], time: str, who: tuple[str, str]
) -> Entry:
    said = {
        "editions": editions,
        "lost": lost,
        "without_files": [s.name for s in steps if not (s.own or s.gone)],
    }
    details = msgspec.json.encode(said).decode()
    return Entry(0, time, EntryKind.REBUILT, person=who[0], role=who[1], details=details)


def lost_files(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the editions of which a rebuilt ledger knows by their withdrawals alone."""
    for entry in entries:
        if entry.kind is EntryKind.REBUILT:
            yield from json.loads(entry.details).get("without_files", ())


def _steps(found: Sequence[Found]) -> Iterator[_Step]:
    """Yield all steps that the files show: their own, and those without which they were not."""
    own = [
        _Step(given.entry, given, report, path, given.withdrawal is not None, report.language)
        for given, report, path in found
    ]
    yield from own
    released = {s.name for s in own if not s.gone}
    gone = {s.name for s in own if s.gone}
    for step in own:
        if step.gone and step.name not in released:
            # Before all that came of it, so that what it replaced stays replaced.
            yield _implied(step, min(_following(own, step)) - 0.5, step.language, gone=False)
        if step.gone:
            # An edition is withdrawn in all its languages at once.
            others = (s for s in own if not s.gone and s.name not in gone)
            for other in others:
                if _edition(other) == _edition(step):
                    gone.add(other.name)
                    yield _implied(step, step.order + 0.5, other.language, gone=True)


def _following(steps: Iterable[_Step], step: _Step) -> Iterator[float]:
    """Yield the places of what was done with an edition and those after it."""
    sample, version = step.report.patient.sample_id, step.given.version
    for other in steps:
        if other.report.patient.sample_id == sample and other.given.version >= version:
            yield other.order


def _edition(step: _Step) -> str:
    return name_edition(step.report.report_id, step.given)


def _implied(step: _Step, order: float, language: str, *, gone: bool) -> _Step:
    return _Step(order, step.given, step.report, step.path, gone, language, own=False)


def _put_in_place(folder: Path) -> None:
    """Put files that waited for their place there: whether their step counted nobody knows.

    A withdrawal that is forgotten is worse than one that counts; so is a release.
    """
    released = folder / RELEASED
    for source in sorted(p for p in (released / STAGING).glob("[!.]*") if p.is_dir()):
        for path in (p for p in source.glob("*.json") if not p.name.endswith(".fhir.json")):
            try:
                report = read_verified(path.read_bytes(), str(path))
            except (OSError, ValueError, InputError):
                continue
            given = report.authorisation
            if given is None:
                continue
            end = ".withdrawn" if given.withdrawal else ""
            target = released / report.report_id / f"v{given.version}.{report.language}{end}"
            if not os.path.lexists(target):
                make_folder(target.parent)
                with writing_to(target):
                    os.rename(source, target)
                break


def _nothing_in(folder: Path) -> bool:
    """Say whether there is no ledger, or what is left of one that was never made in full."""
    path = folder / FILE
    if not path.exists() or not path.stat().st_size:
        return True
    try:
        with opened(folder, network=True) as book:
            return all(e.kind is EntryKind.SETTINGS for e in book.entries())
    except InputError:
        return False


def settings_of(folder: Path) -> Settings | None:
    """Return how the laboratory worked, as its last released report shows it; None without one.

    Paper, network and signing stand in no report.
    """
    known = [f for f in _released(folder) if f[0].withdrawal is None]
    if not known:
        return None
    given, _, path = max(known, key=lambda f: f[0].entry)
    there = tuple(n for n, f in FORMATS.items() if path.with_name(f.file_name(path.stem)).is_file())
    return Settings(2 if given.review else 1, given.valid_days, there)


def last_shown(folder: Path) -> int:
    """Return the number of the last entry that a released report shows."""
    return max((given.entry for given, _, _ in _released(folder)), default=0)


def _released(folder: Path) -> list[Found]:
    found: list[Found] = []
    for path in sorted((folder / RELEASED).glob("*/*/*.json")):
        if STAGING in path.parts or path.name.endswith(".fhir.json"):
            continue
        try:
            report = read_verified(path.read_bytes(), str(path))
        except ValueError as error:
            raise InputError.one(
                "report-json", file=str(path), found=str(error), expected="a released report"
            ) from None
        if report.authorisation is not None:
            found.append((report.authorisation, report, path))
    return found


def _add(book: Book, step: _Step, time: str) -> None:
    given, report, gone = step.given, step.report, step.gone
    # Who released what was withdrawn stands in the files of its withdrawal too.
    who = given.withdrawal if gone and given.withdrawal else given
    details = {
        "time": given.time,
        "date": who.date,
        "reason": who.reason,
        **urgent_details(report.interpretation.urgent),
    }
    if step.own:
        details["was"] = f"{given.entry} {given.entry_digest}"
    entry = Entry(
        0,
        time,
        EntryKind.WITHDRAWN if gone else EntryKind.AUTHORISED,
        report=report.report_id,
        version=given.version,
        language=step.language,
        sample=report.patient.sample_id,
        draft="" if gone else given.digest,
        state=ReportState.WITHDRAWN if gone else _state(given),
        replaces="" if gone else given.replaces,
        person=who.name,
        role=who.role,
        details=msgspec.json.encode(details).decode(),
    )
    book.add(entry)
    if not step.own:
        return
    folder = step.path.parent
    files = {p.name: digest_of(p.read_bytes()) for p in sorted(folder.iterdir()) if p.is_file()}
    named = Files(files, folder.relative_to(book.released).as_posix(), step.path.name)
    said = asdict(entry) | {"details": msgspec.json.encode(named).decode()}
    book.add(Entry(**said | {"kind": EntryKind.FINAL}))


def _state(given: Authorisation) -> ReportState:
    """Return the state of a release; a withdrawal does not tell an amendment from a correction."""
    if given.withdrawal is None:
        return given.state
    return ReportState.AMENDED if given.replaces else ReportState.FINAL
