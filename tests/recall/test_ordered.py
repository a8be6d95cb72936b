"""Genes that a corrected sheet switches off, or on again, count in what is told."""

from dataclasses import replace

import pytest

from epilepsy_pgx.pipeline.scope import OFF_NOTICE
from epilepsy_pgx.recall.again import Remaker
from epilepsy_pgx.recall.corrections import read_corrections
from epilepsy_pgx.recall.outcome import outcome_of
from epilepsy_pgx.vocabulary import GeneStatus
from tests.ledger.bench import example, tables

DAY = "2026-11-24"


def remade(report, folder, columns, cells):
    path = folder / "corrected.tsv"
    path.write_text(f"sample_id\t{columns}\n{report.patient.sample_id}\t{cells}\n")
    remaker = Remaker(tables(), (), DAY, read_corrections(path, tables(), DAY))
    made = remaker.remake(report)
    return made, outcome_of(report, "", made, remaker.changes(report))


def off_of(report):
    notices = [w for w in report.warnings if w.text_id == OFF_NOTICE]
    return [value.items for notice in notices for value in notice.values]


def result(report, gene):
    return next(g for g in report.genes if g.gene == gene)


def test_a_typed_gene_that_is_switched_off_is_gone_and_named(tmp_path):
    report = example("EX05")
    assert report.interpretation.urgent
    made, outcome = remade(report, tmp_path, "genes_off", "HLA-B")
    hla = result(made.report, "HLA-B")
    assert (hla.status, hla.caveats) == (GeneStatus.NOT_ASSESSED, ("caveat-not-ordered",))
    assert off_of(made.report) == [("HLA-B",)]
    assert made.removed == ("HLA-B",)
    assert (hla.diplotypes, hla.alleles_present) == ((), ())
    assert outcome.changes
    assert any("removed HLA-B" in d.rows for d in outcome.differences)


def test_a_gene_with_a_finding_is_gone_with_it(tmp_path):
    report = example("EX01")
    (finding,) = report.findings
    made, _ = remade(report, tmp_path, "genes_off", finding.gene)
    assert made.report.findings == ()
    read = next(c for c in made.report.coverage if c.gene == finding.gene)
    assert (read.status, read.reason) == (GeneStatus.NOT_ASSESSED, "coverage-not-ordered")
    assert finding.gene in made.removed


@pytest.mark.parametrize("columns", ["weight_kg", "genes_off"])
def test_what_was_switched_off_stays_so_or_is_open(columns, tmp_path):
    report = remade(example("EX05"), tmp_path, "genes_off", "HLA-B")[0].report
    report = replace(report, report_id="R-OFF")
    made, _ = remade(report, tmp_path, columns, "70" if columns == "weight_kg" else ".")
    hla = result(made.report, "HLA-B")
    assert hla.status is GeneStatus.NOT_ASSESSED
    stays = columns == "weight_kg"
    assert off_of(made.report) == ([("HLA-B",)] if stays else [])
    assert ("caveat-not-ordered" in hla.caveats) == stays
    assert ("HLA-B" in {o.subject for o in made.open}) == (not stays)


def test_a_typing_of_a_gene_that_stays_off_is_not_told(tmp_path):
    report = remade(example("EX05"), tmp_path, "genes_off", "HLA-B")[0].report
    (tmp_path / "hla.tsv").write_text(
        "sample_id\tgene\tallele_1\tallele_2\tmethod\tlaboratory\tdate\n"
        "EX05\tHLA-B\t15:02\t40:01\tclinical\tLab\t2026-01-02\n"
    )
    made, _ = remade(report, tmp_path, "hla", "hla.tsv")
    assert result(made.report, "HLA-B").status is GeneStatus.NOT_ASSESSED
    made, _ = remade(report, tmp_path, "hla\tgenes_off", "hla.tsv\t.")
    assert result(made.report, "HLA-B").alleles_present == ("*15:02",)
    assert off_of(made.report) == []
