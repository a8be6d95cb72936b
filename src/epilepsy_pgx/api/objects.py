"""What the functions of the Python interface return: frozen, by sample, with frames of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.api.frames import make_frame
from epilepsy_pgx.cohort.summary import TABLES, cohort_row
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.model import GeneResult, PatientReport, VariantFinding
from epilepsy_pgx.pipeline.failures import Failure
from epilepsy_pgx.pipeline.write import SUPERSEDED, Output, ReportWriter, write_each
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.formats import DEFAULTS
from epilepsy_pgx.report.superseded import Superseded
from epilepsy_pgx.report.tables import (
    MORE_COLUMNS,
    PatientTables,
    cell,
    finding_cells,
    gene_cells,
    more_cells,
)
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import render_report

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Calls:
    """Diplotypes and phenotypes of the samples of some files."""

    by_sample: Mapping[str, tuple[GeneResult, ...]]
    """The results of each sample, in the order of the files."""
    problems: tuple[Problem, ...] = ()
    """Why files or samples are not in it."""

    def __getitem__(self, sample: str) -> Mapping[str, GeneResult]:
        """Return the results of a sample by gene."""
        return {result.gene: result for result in self.by_sample[sample]}

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the samples."""
        return iter(self.by_sample)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.by_sample)

    def to_frame(self) -> "DataFrame":
        """Return the table of `epilepsy-pgx call`: a row for each sample and gene."""
        rows = [
            (cell(name), *gene_cells(r)) for name, found in self.by_sample.items() for r in found
        ]
        return make_frame("genes", TABLES["genes"], rows)


@dataclass(frozen=True, slots=True)
class Annotations:
    """Variants of the samples of some files in the genes that are read for rare ones."""

    by_sample: Mapping[str, tuple[VariantFinding, ...]]
    """The variants of each sample; an empty tuple says that none was seen where it was read."""
    unread: Mapping[str, str]
    """Genes that could not be read in any sample, with the reason: nothing is known of them."""
    problems: tuple[Problem, ...] = ()
    """Why files or samples are not in it."""

    def __getitem__(self, sample: str) -> tuple[VariantFinding, ...]:
        """Return the variants of a sample."""
        return self.by_sample[sample]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the samples."""
        return iter(self.by_sample)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.by_sample)

    def to_frame(self) -> "DataFrame":
        """Return the table of `epilepsy-pgx annotate`: variants, then the genes not read."""
        columns = (*TABLES["variants"], *MORE_COLUMNS)
        rows = [
            (*finding_cells(name, f), *more_cells(f))
            for name, found in self.by_sample.items()
            for f in found
        ]
        for gene, reason in self.unread.items():
            known = {"gene": gene, "consequence": reason, "status": "not_assessed"}
            rows.append(tuple(known.get(column, ".") for column in columns))
        return make_frame("variants", columns, rows)


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of patients, and who has none."""

    by_patient: Mapping[str, PatientReport]
    failures: tuple[Failure, ...]
    """Patients without a report, each with every problem."""
    _ref: Reference = field(repr=False)

    def __getitem__(self, patient: str) -> PatientReport:
        """Return the report of a patient."""
        return self.by_patient[patient]

    def __iter__(self) -> Iterator[str]:
        """Go through the ids of the patients who have a report."""
        return iter(self.by_patient)

    def __len__(self) -> int:
        """Return the number of reports."""
        return len(self.by_patient)

    def to_frame(self, table: str = "drugs") -> "DataFrame":
        """Return one of the tables over all patients.

        Parameters
        ----------
        table
            `cohort`, `genes`, `variants`, `drugs` or `quality`.

        Raises
        ------
        KeyError
            If there is no such table.
        """
        columns, rows = TABLES[table], []
        for report in self.by_patient.values():
            texts = Wording(self._ref, report.language)
            if table == "cohort":
                rows.append(cohort_row(report, texts, written=False))
            else:
                rows += PatientTables(texts).rows(table, report)
        return make_frame(table, columns, rows)

    def render(self, patient: str, form: str = "html", language: str | None = None) -> bytes:
        """Return the report of a patient as a file: `html`, `json`, `tsv`, `pdf` ..."""
        return render_report(self.by_patient[patient], form, self._ref, language=language)

    def write(self, folder: str | Path, formats: tuple[str, ...] = DEFAULTS) -> tuple[Path, ...]:
        """Write the files of each patient below a folder, as `run` does, and return them.

        Raises
        ------
        PgxError
            If a final report stands where a draft would be written; the others are written.
        """
        out = Path(folder)
        output = Output(out / "reports", formats)
        writer = ReportWriter(output, self._ref, Superseded(out / SUPERSEDED, out))
        written: list[Path] = []
        problems: list[Problem] = []
        for result, files in write_each(self.by_patient.values(), writer):
            written += files
            problems += result.problems if isinstance(result, Failure) else ()
        if problems:
            raise InputError(problems)
        return tuple(written)
