"""What an earlier `run` left in the folder of this one: kept, named or put aside."""

from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path

import msgspec

from epilepsy_pgx.cohort.summary import TABLES, CohortTables, earlier_rows
from epilepsy_pgx.errors import counted
from epilepsy_pgx.files import write_text, writing_to
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.pipeline.artefact import relative_path
from epilepsy_pgx.pipeline.failures import PROBLEM_COLUMNS, Failure
from epilepsy_pgx.pipeline.write import FAILED, SUPERSEDED, Tabled
from epilepsy_pgx.records import DamagedRecordError, read_record, record_text
from epilepsy_pgx.report.superseded import Superseded, patients_with_drafts

STATE = "run.json"
"""Beside the tables of `run`: what they were made with, and from which files."""
_STAY, _WERE = "patients of earlier runs stay", "files of earlier runs were"
OTHER_SETTINGS = "a later run used other software, tables or settings"


class RunRecord(msgspec.Struct, frozen=True):
    """What the tables of a run were made with, and the files of each patient."""

    settings: dict[str, str | list[list[str]] | None] | None
    patients: dict[str, list[str]]
    """Files, as seen from the folder of the run, by sample id."""


class EarlierRun:
    """The tables and reports that stand in the folder of a run when it begins.

    The tables keep the rows of patients of earlier runs that were made with the same software,
    tables and settings; what an earlier run says of a patient that fails now goes aside.
    """

    def __init__(self, out: Path, reports: Path, superseded: Superseded) -> None:
        """Read what the folder says of the run that wrote it.

        Parameters
        ----------
        out, reports
            Folder of the run, and of its reports.
        superseded
            Where files go that do not count any more.
        """
        self._out = out
        self._cohort = out / "cohort"
        self._reports = reports
        self._superseded = superseded
        try:
            self._record = read_record(self._cohort / STATE, RunRecord)
        except DamagedRecordError:
            self._record = RunRecord(None, {})
        self.kept: Set[str] = frozenset()
        """Patients of earlier runs whose rows stay."""

    def name_failures(self, failures: Iterable[Failure]) -> Iterator[Failure]:
        """Name the patients that an earlier run found in a file that now cannot be read at all."""
        for failure in failures:
            names = [
                sample
                for sample, files in self._record.patients.items()
                if failure.sample_id == "."
                and any(relative_path(Path(p.file), self._out) in files for p in failure.problems)
            ]
            for name in names:
                yield Failure(name, tuple(replace(p, sample=name) for p in failure.problems))
            if not names:
                yield failure

    def make_way(self, record: RunRecord | None) -> None:
        """Put the tables of a run with other settings aside: their rows must not mix with these.

        Parameters
        ----------
        record
            What this run is made with; None if it can make nothing.
        """
        if record is None or self._record.settings == record.settings:
            return
        for name in (*TABLES, "problems", "sites", "identity"):
            path = self._cohort / f"{name}.tsv"
            if path.is_file():
                self._superseded.move(path, ".", OTHER_SETTINGS)

    def hand_over(self, tables: CohortTables, found: Tabled) -> None:
        """Add the rows that stay to the tables of this run, and put aside those that do not."""
        for name in sorted(found.gone):
            self._superseded.drafts(self._reports, name, FAILED)
        for name, columns in TABLES.items():
            rows = earlier_rows(self._cohort / f"{name}.tsv", columns, ())
            rows = [line for line in rows if line.split("\t", 1)[0] in found.gone]
            self._superseded.add_rows(f"cohort/{name}.tsv", columns, rows)
        self.kept = tables.keep_earlier({*found.done, *found.gone})
        # Should the process end between two tables, the next run finds no state: all go aside.
        with writing_to(self._cohort):
            (self._cohort / STATE).unlink(missing_ok=True)

    def problem_rows(self, found: Tabled) -> Sequence[str]:
        """Return the rows on failures of patients that this run says nothing of."""
        return earlier_rows(
            self._cohort / "problems.tsv", PROBLEM_COLUMNS, {".", *found.done, *found.gone}
        )

    def save(self, record: RunRecord | None, found: Tabled) -> None:
        """Write down what the tables are made with now, and of whose files."""
        record = RunRecord(self._record.settings, {}) if record is None else record
        done = frozenset(found.done)
        patients = {
            **{
                name: files
                for name, files in self._record.patients.items()
                if name not in found.gone
            },
            **{name: files for name, files in record.patients.items() if name in done},
        }
        text = record_text(RunRecord(record.settings, patients), indent=1)
        write_text(self._cohort / STATE, text)

    def lines(self, found: Tabled) -> tuple[str, ...]:
        """Return what is said of earlier runs."""
        others = set(patients_with_drafts(self._reports)) - {*found.done, *found.gone, *self.kept}
        said = []
        if self.kept:
            said.append(
                f"{counted(len(self.kept), 'patient of earlier runs stays', _STAY)} in the tables "
                f"of {self._cohort}"
            )
        if others:
            said.append(
                f"{counted(len(others), 'patient')} of earlier runs, made with other settings or "
                f"of unknown ones: reports in {self._out / 'reports'}; the tables do not hold them"
            )
        if self._superseded.files:
            said.append(
                f"{counted(self._superseded.files, 'file of earlier runs was', _WERE)} moved to "
                f"{self._out / SUPERSEDED}"
            )
        return tuple(said)
