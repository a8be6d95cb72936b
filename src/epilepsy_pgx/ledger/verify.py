"""Look at everything the ledger says, and at every file it names."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.ledger.binding import BindingChecker
from epilepsy_pgx.ledger.book import Book
from epilepsy_pgx.ledger.editions import STAGING, digest_of, files_of, finals
from epilepsy_pgx.ledger.entries import START, Entry, EntryKind
from epilepsy_pgx.ledger.rebuild import lost_files
from epilepsy_pgx.ledger.settings import Settings
from epilepsy_pgx.ledger.signing import is_signed
from epilepsy_pgx.ledger.withdrawn import unbacked
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.authorise import read_verified
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import Renderers

_SEEN = re.compile(r"(\d+) (?:sha256:)?([0-9a-f]{8,64})…?")


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found."""

    entries: int
    editions: int
    made_again: int
    """Editions of which every file was made again, the same byte for byte."""
    not_made_again: tuple[str, ...]
    """Editions that other software or tables made, with their names."""
    problems: tuple[Problem, ...]
    head: str
    """Number and digest of the last entry."""
    notes: tuple[str, ...] = ()
    """Which entries each key signed, which key was lost, and what a rebuilt ledger lacks."""


def verify(
    book: Book, ref: Reference, seen: tuple[str, ...] = (), manifests: Sequence[Path] = ()
) -> Verified:
    """Check the chain, the signatures, every released file, and whether it can be made again.

    Parameters
    ----------
    seen
        Entries as they were printed on pages: number and the start of the digest.
    manifests
        Signed manifests that bind the files of the released reports.
    """
    entries = book.entries()
    named = (_settings(e).public_key for e in entries if e.kind is EntryKind.SETTINGS)
    bindings = BindingChecker(manifests, frozenset(key for key in named if key))
    checker = _Checker(book, ref, entries, bindings)
    problems = [
        *bindings.files(),
        *checker.file_faults(),
        *checker.chain(),
        *checker.signatures(),
        *(p for text in seen for p in checker.seen(text)),
        *checker.editions(),
        *checker.unknown_files(),
        *checker.unbacked(),
    ]
    last = entries[-1] if entries else None
    return Verified(
        len(entries),
        len(list(finals(entries))),
        checker.again,
        tuple(checker.others),
        tuple(problems),
        f"{last.number} {last.digest}" if last else "none",
        (*checker.keys(), *checker.lost()),
    )


class _Checker:
    def __init__(
        self, book: Book, ref: Reference, entries: list[Entry], bindings: BindingChecker
    ) -> None:
        self._book, self._ref, self._entries = book, ref, entries
        self._bindings = bindings
        self._by_number = {e.number: e for e in entries}
        self._renderers: dict[str, Renderers] = {}
        self.again = 0
        self.others: list[str] = []

    def _problem(
        self, check: str, place: Path, found: str, expected: str, fix: str = "."
    ) -> Problem:
        return Problem(str(place), 0, ".", check, found, expected, fix)

    def file_faults(self) -> Iterator[Problem]:
        for fault in self._book.faults():
            yield self._problem("ledger-readable", self._book.path, fault, "a whole SQLite file")
        if self._book.is_older():
            yield self._problem(
                "ledger-older",
                self._book.path,
                "a ledger in the form of an earlier version",
                "today's form",
                "Migrate it: 'epilepsy-pgx ledger RESULTS --migrate'. Entries stay as they are.",
            )

    def chain(self) -> Iterator[Problem]:
        before, number = START, 1
        for entry in self._entries:
            place = self._book.path
            if entry.number != number:
                yield self._problem(
                    "ledger-chain", place, f"entry {entry.number}", f"entry {number}"
                )
            elif entry.previous != before:
                yield self._problem(
                    "ledger-chain",
                    place,
                    f"entry {number}, which follows another entry than the one before it",
                    "an unbroken chain",
                )
            if entry.digest != entry.own_digest():
                yield self._problem(
                    "ledger-chain",
                    place,
                    f"entry {entry.number}, which was changed",
                    "the entry as it was made",
                )
            before, number = entry.digest, entry.number + 1

    def signatures(self) -> Iterator[Problem]:
        for entry, key in self._signers():
            if key and not (entry.signature and is_signed(entry.digest, entry.signature, key)):
                yield self._problem(
                    "ledger-signature",
                    self._book.path,
                    f"entry {entry.number} without a signature by the key in use",
                    f"one by {key[:16]}…",
                )

    def _signers(self) -> Iterator[tuple[Entry, str]]:
        """Yield each entry with the key that signs it: a lost one cannot sign its successor."""
        key = ""
        for entry in self._entries:
            settings = entry.kind is EntryKind.SETTINGS
            new = _settings(entry).public_key if settings else key
            yield entry, new if key and settings and _lost(entry) else key
            key = new

    def keys(self) -> Iterator[str]:
        """Yield which entries each key signed, and which key was lost."""
        held = ""
        for key, group in groupby(self._signers(), lambda pair: pair[1]):
            entries = [entry for entry, _ in group]
            first = entries[0]
            if held and (reason := _lost(first)):
                yield (
                    f"entry {first.number}: the key {held[:16]}… was lost, as {first.person} "
                    f"({first.role}) says: {reason}; what follows is signed by {key[:16]}… alone"
                )
            if key:
                yield f"entries {first.number} to {entries[-1].number}: key {key[:16]}…"
            held = key

    def lost(self) -> Iterator[str]:
        """Yield what a ledger that was made again does not hold."""
        for entry in self._entries:
            if entry.kind is EntryKind.REBUILT:
                gone = ", ".join(map(str, json.loads(entry.details).get("lost", ())))
                yield (
                    f"entry {entry.number}: the ledger was lost and made again; entries that no "
                    f"report holds: {gone or 'none known'}"
                )
        for name in lost_files(self._entries):
            yield f"the files of {name} are lost; those of its withdrawal say what it was"

    def seen(self, text: str) -> Iterator[Problem]:
        """Compare an entry as a page names it."""
        match = _SEEN.fullmatch(text.strip())
        if match is None:
            raise InputError.one(
                "ledger-seen",
                column="--seen",
                found=repr(text),
                expected="number and digest as a page prints them, such as '12 3fa9c0de…'",
            )
        yield from self._missing(int(match[1]), match[2], self._book.path)

    def _missing(self, number: int, digest: str, place: Path) -> Iterator[Problem]:
        """Say if an entry that was printed is not there: the tail was cut, or another ledger."""
        entry = self._by_number.get(number)
        known = entry is not None and entry.digest.removeprefix("sha256:").startswith(digest)
        was = any(f'"{number} sha256:{digest}' in e.details for e in self._entries)
        if not known and not was:
            yield self._problem(
                "ledger-tail",
                place,
                f"entry {number} {digest[:16]}…, which the ledger does not hold",
                f"a ledger of at least {number} entries with this one",
                "The ledger was cut, or is another one: bring it back from a backup.",
            )

    def editions(self) -> Iterator[Problem]:
        for entry in finals(self._entries):
            yield from self._edition(entry)

    def _edition(self, entry: Entry) -> Iterator[Problem]:
        named = files_of(entry)
        folder = self._book.released / named.folder
        whole = {}
        for name, digest in sorted(named.files.items()):
            path = folder / name
            data = path.read_bytes() if path.is_file() else None
            if data is None:
                yield self._problem("edition-files", path, "nothing", f"a file of {entry.edition}")
            elif digest_of(data) != digest:
                yield self._problem(
                    "edition-files", path, "a file that was changed", f"{digest[:23]}…"
                )
            else:
                whole[name] = data
        source = named.main
        if source not in whole:
            return
        try:
            report = read_verified(whole[source], str(folder / source))
        except (InputError, ValueError) as error:
            yield self._problem("edition-files", folder / source, str(error), "a final report")
            return
        yield from self._bindings.report(report, folder / source)
        given = report.authorisation
        if given is not None:
            start = given.entry_digest.removeprefix("sha256:")
            yield from self._missing(given.entry, start, folder / source)
        yield from self._again(entry, report, whole, folder / source)

    def _again(
        self, entry: Entry, report: PatientReport, files: dict[str, bytes], source: Path
    ) -> Iterator[Problem]:
        """Make the files of an edition again, and compare them."""
        made = report.provenance
        here = (made.software_version, made.reference_digest) == (__version__, self._ref.digest)
        if not here or files_of(entry).made_by:
            self.others.append(
                f"{entry.edition} ({made.software_version}, tables {made.reference_version})"
            )
            return
        paper = _settings_at(self._entries, entry).paper
        renderers = self._renderers.setdefault(paper, Renderers(self._ref, paper))
        same = True
        for form in FORMATS.values():
            name = form.file_name(source.stem)
            if name in files and renderers.render(report, form.name) != files[name]:
                same = False
                yield self._problem(
                    "edition-again",
                    source.with_name(name),
                    "a file that this software makes otherwise",
                    "the same bytes",
                    "Check that the optional libraries have the versions that made it.",
                )
        self.again += same

    def unbacked(self) -> Iterator[Problem]:
        """Name the released reports whose sample failed in a later run."""
        for one in unbacked(self._book.folder, self._book.standing()):
            edition = one.edition
            if one.against:
                yield self._problem(
                    "edition-failed",
                    self._book.released / edition.report,
                    f"{edition.edition} ({edition.language}) of {edition.sample}, whose sample "
                    f"failed since: {', '.join(one.why)}",
                    "a released report that the last run of the sample bears out",
                    "Exclude a swap, then withdraw or amend it.",
                )

    def unknown_files(self) -> Iterator[Problem]:
        """Look for files that no entry names: they were not released."""
        known = {
            self._book.released / files_of(e).folder / name
            for e in finals(self._entries)
            for name in files_of(e).files
        }
        for path in sorted(self._book.released.rglob("*")):
            inside = path.relative_to(self._book.released).parts
            waits = inside[0] == STAGING
            # A link leads to files that were not released, and whoever follows it reads them.
            strange = path.is_symlink() or (path.is_file() and path not in known)
            if strange and not waits:
                yield self._problem(
                    "edition-unknown",
                    path,
                    "a file that no entry names",
                    "released files only",
                    "Move it away. If the ledger lost its end, bring it back from a backup.",
                )
            if inside[0] == STAGING and len(inside) == 1:
                yield self._problem(
                    "edition-waiting",
                    path,
                    "files of a step that did not end",
                    "none",
                    "The next 'release' puts them in place, or removes them.",
                )


def _settings(entry: Entry) -> Settings:
    import msgspec

    return msgspec.json.decode(entry.details, type=Settings)


def _lost(entry: Entry) -> str:
    """Return why the key in use until then was lost; empty if it was not."""
    said = json.loads(entry.details)
    return str(said.get("lost_key", "")) if entry.kind is EntryKind.SETTINGS else ""


def _settings_at(entries: list[Entry], entry: Entry) -> Settings:
    """Return the settings that held when an entry was made."""
    held = [e for e in entries if e.kind is EntryKind.SETTINGS and e.number < entry.number]
    return _settings(held[-1]) if held else Settings()
