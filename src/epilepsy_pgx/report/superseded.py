"""Put aside what an earlier run left, so that nobody takes it for this one; finals stay."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from epilepsy_pgx.files import make_folder, open_to_add, writing_to
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.write import report_folder
from epilepsy_pgx.tsv import line

FOLDER = "superseded"
COLUMNS = ("sample_id", "file", "was", "reason")
TABLE = "superseded.tsv"


def draft_paths(reports: Path, sample_id: str) -> dict[str, Path]:
    """Return, by format, the files that a run writes for a patient."""
    folder = reports / report_folder(sample_id)
    return {name: folder / form.file_name(folder.name) for name, form in FORMATS.items()}


def holds_final(reports: Path, sample_id: str, drafts: Collection[str] = ()) -> bool:
    """Say whether one of the files that a run would write for a patient is a final report.

    Parameters
    ----------
    drafts
        Formats whose files are known to be drafts: they are not read.
    """
    return any(
        tells(_read(path))
        for name, path in draft_paths(reports, sample_id).items()
        if name not in drafts and (tells := FORMATS[name].is_final)
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def put_aside(out: Path, paths: Iterable[Path], reason: str) -> None:
    """Move what an earlier call of a command left in its folder, and this one does not write."""
    aside = Superseded(out / FOLDER, out)
    for path in paths:
        if path.is_file():
            aside.move(path, ".", reason)


def drafts_beside(reports: Path, kept: Collection[Path]) -> Iterator[Path]:
    """Yield the drafts below a folder of reports that are not in the folders of some patients."""
    for folder in sorted(reports.glob("*/*")):
        files = {folder / form.file_name(folder.name): form.is_final for form in FORMATS.values()}
        if folder not in kept and not any(t and t(_read(p)) for p, t in files.items()):
            yield from files


class Superseded:
    """Moves files of earlier runs into a folder, with a row that says why for each."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Remember the places.

        Parameters
        ----------
        folder
            Where the files go; made when the first one comes.
        root
            The folder below which files keep their places.
        """
        self._folder = folder
        self._root = root
        self.files = 0
        """Files moved so far."""

    def move(self, path: Path, sample_id: str, reason: str) -> None:
        """Put one file aside; its name gets a part of its digest, so that none is overwritten."""
        with writing_to(path):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        try:
            place = path.relative_to(self._root)
        except ValueError:
            place = Path(path.name)
        name, dot, end = place.name.partition(".")
        target = self._folder / place.with_name(f"{name}.{digest}{dot}{end}")
        make_folder(target.parent)
        with writing_to(target):
            os.replace(path, target)
        with suppress(OSError):
            path.parent.rmdir()
        row = (sample_id, target.relative_to(self._folder).as_posix(), place.as_posix(), reason)
        self.add_rows(TABLE, COLUMNS, [line(row)])
        self.files += 1

    def drafts(
        self,
        reports: Path,
        sample_id: str,
        reason: str,
        keep: Iterable[str] = (),
        same: Callable[[str, Path], bool] = lambda form, path: False,
        known: Collection[str] = (),
    ) -> None:
        """Put a patient's drafts aside, unless a final report is among the files.

        Parameters
        ----------
        keep
            Formats that this run has written.
        same
            Says of a format and its file that it is what this run would write.
        known
            Formats whose files are known to be drafts.
        """
        if holds_final(reports, sample_id, known):
            return
        for form, path in draft_paths(reports, sample_id).items():
            if form not in keep and path.is_file() and not same(form, path):
                self.move(path, sample_id, reason)

    def add_rows(self, name: str, columns: Sequence[str], lines: Sequence[str]) -> None:
        """Add lines to a table of the folder; jobs that run side by side may share it."""
        if not lines:
            return
        path = self._folder / name
        make_folder(path.parent)
        with writing_to(path), open_to_add(path) as handle:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0, os.SEEK_END)
            if not handle.tell():
                handle.write(line(columns))
            handle.writelines(lines)


def patients_with_drafts(reports: Path) -> list[str]:
    """Return the names of the patients' folders below a folder of reports, sorted."""
    return sorted(
        p.name
        for p in reports.glob("[0-9a-f][0-9a-f]/*")
        if p.is_dir() and report_folder(p.name) == p.relative_to(reports)
    )
