"""Tables over all patients of a run, written while the patients come in."""

import io
from collections.abc import Container, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TextIO

from epilepsy_pgx.cohort.open_questions import (
    causes_to_act_on,
    levels_below,
    levels_compared,
    resistance_of,
    resistant_without_surgery,
)
from epilepsy_pgx.files import open_output
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.room import FIRST
from epilepsy_pgx.report.tables import (
    DRUG_COLUMNS,
    GENE_COLUMNS,
    QUALITY_COLUMNS,
    VARIANT_COLUMNS,
    PatientTables,
    cell,
)
from epilepsy_pgx.report.together import AVOID, others_to_avoid, pairs_to_avoid
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.report.write import report_folder
from epilepsy_pgx.tsv import line as row_line
from epilepsy_pgx.vocabulary import CheckOutcome, GeneStatus, Response, Tier

COHORT_COLUMNS: Mapping[str, str] = {
    "sample_id": "The patient, as the sample sheet names it.",
    "status": "Whether the report is a draft, or not reportable.",
    "urgent": "Number of urgent statements.",
    "act": "Number of drugs of which a statement asks for action.",
    "consider": "Number of drugs of which the strongest statement is to be considered.",
    "avoid": "Drugs that are contraindicated or to be avoided; those joined with `+` together.",
    "adjust_dose": "Drugs that need another dose.",
    "current_drugs": "Drugs in use by the entry; `.` if none were entered.",
    "current_drugs_to_review": "Drugs in use of which something is to be done or considered.",
    "monogenic": "Genes with a pathogenic or likely pathogenic variant, whoever gave the class.",
    "causes_to_act_on": "Genes with a causal variant, by the laboratory's class, for which a row "
    "of `gene_therapy` asks for action: a treatment, or drugs to keep away from.",
    "resistance": "How far the entry shows drug resistance (ILAE 2010): `drug_resistant`, "
    "`not_shown`, `undetermined`, or `not_given` where no failed drugs were entered.",
    "resistant_without_surgery": "`yes` if drug resistance is met and no surgery is entered, so "
    "that a referral is open as far as the entry tells; `no` if surgery is entered or resistance "
    "is not shown; `.` if resistance is not settled.",
    "levels_compared": "Drugs in use of which a level was compared with ranges or an alert limit; "
    "`.` if none was, which is no normal level.",
    "levels_below": "Those of them of which a level lies below every range that was read.",
    "genes_not_assessed": "Genes that were not assessed.",
    "genes_undecided": "Genes of which several results are possible, or none of the tables fits.",
    "factors_for": "Rows of the table `factors` for which something speaks, among the reasons why "
    "drugs failed; `.` if nothing does, or no drug failed.",
    "next_tests": "The first three items whose result would change most.",
    "warnings": "What is said of the input.",
    "failed_checks": "Quality checks that the sample failed.",
    "report": "Folder of the report, below the folder of results; `.` if it was not written.",
}
"""Columns of the table of patients, with what they mean."""
TABLES: Mapping[str, tuple[str, ...]] = {
    "cohort": tuple(COHORT_COLUMNS),
    "genes": GENE_COLUMNS,
    "variants": VARIANT_COLUMNS,
    "drugs": DRUG_COLUMNS,
    "quality": QUALITY_COLUMNS,
}
"""Columns of the tables that hold rows of single patients."""


class CohortTables:
    """Writes cohort.tsv, genes.tsv, variants.tsv, drugs.tsv and quality.tsv, row by row."""

    def __init__(
        self, out: Path, ref: Reference, language: str = "en", chosen: str = "all"
    ) -> None:
        """Open the tables under temporary names.

        Parameters
        ----------
        chosen
            Whose HTML reports are written, one of `CHOICES`; the others get no link.
        """
        self._chosen = chosen
        self._out = out
        self._wording = Wording(ref, language)
        self._tables = PatientTables(self._wording)
        self._files: dict[str, TextIO] = {}
        with ExitStack() as opening:
            for name, columns in TABLES.items():
                raw = opening.enter_context(open_output(out / f"{name}.tsv"))
                handle = io.TextIOWrapper(raw, encoding="utf-8", newline="\n", write_through=True)
                opening.callback(handle.detach)
                handle.write(row_line(columns))
                self._files[name] = handle
            self._stack = opening.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        """Give the tables their names, or after an error leave those that were there."""
        self._stack.__exit__(*error)

    def add(self, report: PatientReport) -> None:
        """Add one patient."""
        row = cohort_row(report, self._wording, written=is_chosen(report, self._chosen))
        self._files["cohort"].write(row_line(row))
        for name in ("genes", "variants", "drugs", "quality"):
            # All rows at once: each write goes through to the file.
            self._files[name].write(self._tables.lines(name, report))

    def close(self) -> None:
        """Give the tables their names."""
        self._stack.close()

    def keep_earlier(self, without: Container[str]) -> set[str]:
        """Add the rows that earlier tables of the folder have of other patients.

        Parameters
        ----------
        without
            Samples whose earlier rows do not count any more.

        Returns
        -------
        set
            The patients whose rows stay.
        """
        patients: set[str] = set()
        for name, handle in self._files.items():
            kept = earlier_rows(self._out / f"{name}.tsv", TABLES[name], without)
            handle.writelines(kept)
            if name == "cohort":
                patients = {line.split("\t", 1)[0] for line in kept}
        return patients


def earlier_rows(path: Path, columns: Sequence[str], without: Container[str]) -> list[str]:
    """Return the lines of a table of an earlier run, if it has the same columns."""
    try:
        with path.open(encoding="utf-8", newline="\n") as handle:
            lines = list(handle)
    except FileNotFoundError:
        return []
    if not lines or lines[0] != row_line(columns):
        return []
    return [line for line in lines[1:] if line.split("\t", 1)[0] not in without]


def is_chosen(report: PatientReport, chosen: str) -> bool:
    """Say whether a patient's report files are written under one of `CHOICES`."""
    if chosen != "findings":
        return chosen == "all"
    found = report.interpretation
    return bool(
        report.not_reportable
        or found.urgent
        or any(d.tier in (Tier.ACT, Tier.CONSIDER) for d in found.drugs)
        or any(s.tier in (Tier.ACT, Tier.CONSIDER) for s in found.monogenic)
    )


def cohort_row(report: PatientReport, wording: Wording, *, written: bool = True) -> tuple[str, ...]:
    """Return the row of one patient; without a report file its place is missing."""
    drugs = report.interpretation.drugs
    taken = {d.drug for d in report.clinical.current or ()}
    unread = tuple(g.gene for g in report.genes if g.status is GeneStatus.NOT_ASSESSED)
    open_genes = tuple(
        g.gene for g in report.genes if g.status in (GeneStatus.AMBIGUOUS, GeneStatus.UNDEFINED)
    )
    folder = report_folder(report.patient.sample_id)
    return tuple(
        cell(v)
        for v in (
            report.patient.sample_id,
            report.status,
            len(report.interpretation.urgent),
            sum(d.tier is Tier.ACT for d in drugs),
            sum(d.tier is Tier.CONSIDER for d in drugs),
            (
                *(d.drug for d in drugs if d.response in AVOID),
                *others_to_avoid(report),
                *(" + ".join(pair) for pair in pairs_to_avoid(report.interpretation)),
            ),
            tuple(d.drug for d in drugs if d.response is Response.ADJUST_DOSE),
            tuple(d.drug for d in report.clinical.current or ()),
            tuple(d.drug for d in drugs if d.drug in taken and d.tier in (Tier.ACT, Tier.CONSIDER)),
            tuple(
                sorted(
                    {
                        f.gene
                        for f in report.findings
                        if f.classification.value in ("pathogenic", "likely_pathogenic")
                    }
                )
            ),
            causes_to_act_on(report),
            resistance_of(report).value,
            resistant_without_surgery(report),
            levels_compared(report),
            levels_below(report),
            unread,
            open_genes,
            tuple(f.factor for f in report.interpretation.factors if f.supports),
            tuple(map(wording.tell, (t.name for t in report.interpretation.next_tests[:FIRST]))),
            tuple(map(wording.tell, report.warnings)),
            tuple(c.check for c in report.quality.checks if c.outcome is CheckOutcome.FAILED)
            if report.quality
            else None,
            f"reports/{folder.as_posix()}/" if written else None,
        )
    )
