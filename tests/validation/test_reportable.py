"""Each allele of the tables is called; one that cannot be is never taken for another."""

from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Allele
from epilepsy_pgx.validation import reportable
from epilepsy_pgx.validation.calls import VcfText
from epilepsy_pgx.validation.checks import Verdict, failed
from epilepsy_pgx.validation.concordance import DATA
from epilepsy_pgx.validation.reportable import allele_file, check_range, definitions, sample_name
from epilepsy_pgx.vocabulary import GenomeBuild


def test_every_allele_is_called_in_both_builds(toy: Reference, tmp_path: Path) -> None:
    checks, compared = check_range(toy, tmp_path)
    genes = [d.gene for d, _ in definitions(toy, GenomeBuild.GRCH38)]
    assert genes
    assert {c.id for c in checks} == {f"range-{g}-{b.value}" for g in genes for b in GenomeBuild}
    assert not failed(checks)
    alleles = [r for r in toy.rows(Allele) if r.gene in genes and not r.structural]
    assert len(compared) == 2 * len(alleles)


def test_an_allele_that_is_called_as_another_fails(
    toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails whether the table of what cannot be reported names it or not."""
    found = next(definitions(toy, GenomeBuild.GRCH38))[0]
    name = (found.gene, found.alleles[0])
    names = [sample_name(found.gene, a) for a in found.alleles[:2]]
    turned = dict(zip(names, reversed(names), strict=True))
    files = {b: allele_file(toy, b) for b in GenomeBuild}
    swapped = {
        b: VcfText(f.head, tuple(turned.get(c, c) for c in f.columns), f.records)
        for b, f in files.items()
    }
    monkeypatch.setattr(reportable, "allele_file", lambda ref, build: swapped[build])
    for limits in ({}, {name: "a reason"}):
        monkeypatch.setattr(reportable, "_limits", lambda known=limits: known)
        checks, compared = check_range(toy, tmp_path)
        wrong = [c for c in compared if c.verdict is Verdict.FAIL]
        assert failed(checks)
        assert " ".join(name) in {c.subject for c in wrong}


def test_what_cannot_be_reported_are_alleles_of_the_tables(reference: Reference) -> None:
    known = {(r.gene, r.allele) for r in reference.rows(Allele)}
    rows = (DATA / "not_reportable.tsv").read_text(encoding="utf-8").splitlines()[1:]
    named = {tuple(r.split("\t")[:2]) for r in rows}
    assert named <= known
    assert all(r.split("\t")[2] for r in rows)
