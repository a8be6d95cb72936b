"""Tables over all patients of a run, written while the patients come in."""

import os
from pathlib import Path
from typing import TextIO

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.tables import (
    DRUG_COLUMNS,
    GENE_COLUMNS,
    QUALITY_COLUMNS,
    VARIANT_COLUMNS,
    cell,
    drug_rows,
    gene_rows,
    quality_rows,
    variant_rows,
)
from epilepsy_pgx.report.write import report_folder
from epilepsy_pgx.vocabulary import CheckOutcome, GeneStatus, Response, Tier

COHORT_COLUMNS = (
    "sample_id", "status", "urgent", "act", "consider", "avoid", "adjust_dose",
    "current_drugs_to_review", "monogenic", "genes_not_assessed", "genes_undecided", "warnings",
    "failed_checks", "report",
)
CHOICES = ("all", "findings", "none")
"""Whose report files are written: everybody's; of those with something to act on or to consider,
something urgent, or a failed check; nobody's."""
_AVOID = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)


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
        out.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._files: dict[str, TextIO] = {}
        for name, columns in (
            ("cohort", COHORT_COLUMNS), ("genes", GENE_COLUMNS), ("variants", VARIANT_COLUMNS),
            ("drugs", DRUG_COLUMNS), ("quality", QUALITY_COLUMNS),
        ):
            handle = (out / f".{name}.tsv").open("w", encoding="utf-8", newline="\n")
            handle.write("\t".join(columns) + "\n")
            self._files[name] = handle

    def add(self, report: PatientReport) -> None:
        """Add one patient."""
        row = cohort_row(report, written=is_chosen(report, self._chosen))
        self._files["cohort"].write("\t".join(row) + "\n")
        for name, rows in (
            ("genes", gene_rows(report)), ("variants", variant_rows(report)),
            ("drugs", drug_rows(report)), ("quality", quality_rows(report)),
        ):
            self._files[name].writelines("\t".join(row) + "\n" for row in rows)

    def close(self) -> None:
        """Give the tables their names."""
        for name, handle in self._files.items():
            handle.close()
            os.replace(self._out / f".{name}.tsv", self._out / f"{name}.tsv")


def is_chosen(report: PatientReport, chosen: str) -> bool:
    """Say whether a patient's report files are written under one of `CHOICES`."""
    if chosen != "findings":
        return chosen == "all"
    found = report.interpretation
    return bool(
        report.not_reportable or found.urgent
        or any(d.tier in (Tier.ACT, Tier.CONSIDER) for d in found.drugs)
        or any(s.tier in (Tier.ACT, Tier.CONSIDER) for s in found.monogenic)
    )


def cohort_row(report: PatientReport, *, written: bool = True) -> tuple[str, ...]:
    """Return the row of one patient; without a report file its place is missing."""
    drugs = report.interpretation.drugs
    taken = {d.drug for d in report.clinical.current or ()}
    unread = tuple(g.gene for g in report.genes if g.status is GeneStatus.NOT_ASSESSED)
    open_genes = tuple(
        g.gene for g in report.genes
        if g.status in (GeneStatus.AMBIGUOUS, GeneStatus.UNDEFINED)
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
            tuple(d.drug for d in drugs if d.response in _AVOID),
            tuple(d.drug for d in drugs if d.response is Response.ADJUST_DOSE),
            tuple(d.drug for d in drugs if d.drug in taken and d.tier in (Tier.ACT, Tier.CONSIDER)),
            tuple(sorted({f.gene for f in report.findings if f.classification.value
                          in ("pathogenic", "likely_pathogenic")})),
            unread,
            open_genes,
            report.warnings,
            tuple(c.check for c in report.quality.checks if c.outcome is CheckOutcome.FAILED)
            if report.quality else None,
            f"reports/{folder.as_posix()}/" if written else None,
        )
    )
