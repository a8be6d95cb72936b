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
from epilepsy_pgx.vocabulary import GeneStatus, Response, Tier

COHORT_COLUMNS = (
    "sample_id", "status", "urgent", "act", "consider", "avoid", "adjust_dose",
    "current_drugs_to_review", "monogenic", "genes_not_assessed", "genes_undecided", "warnings",
    "report",
)
_AVOID = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)


class CohortTables:
    """Writes cohort.tsv, genes.tsv, variants.tsv, drugs.tsv and quality.tsv, row by row."""

    def __init__(self, out: Path, ref: Reference, language: str = "en") -> None:
        """Open the tables under temporary names."""
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
        self._files["cohort"].write("\t".join(cohort_row(report)) + "\n")
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


def cohort_row(report: PatientReport) -> tuple[str, ...]:
    """Return the row of one patient."""
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
            f"reports/{folder.as_posix()}/",
        )
    )
