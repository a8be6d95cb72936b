"""Each allele of the tables is called, and one that is called as another is found."""

from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Allele
from epilepsy_pgx.validation import reportable
from epilepsy_pgx.validation.calls import VcfText
from epilepsy_pgx.validation.checks import Verdict, failed
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
    found = next(definitions(toy, GenomeBuild.GRCH38))[0]
    names = [sample_name(found.gene, a) for a in found.alleles[:2]]
    turned = dict(zip(names, reversed(names), strict=True))
    files = {b: allele_file(toy, b) for b in GenomeBuild}
    swapped = {
        b: VcfText(f.head, tuple(turned.get(c, c) for c in f.columns), f.records)
        for b, f in files.items()
    }
    monkeypatch.setattr(reportable, "allele_file", lambda ref, build: swapped[build])
    checks, compared = check_range(toy, tmp_path)
    wrong = [c for c in compared if c.verdict is Verdict.FAIL]
    assert failed(checks)
    assert f"{found.gene} {found.alleles[0]}" in {c.subject for c in wrong}


def test_every_allele_of_the_real_tables_is_called(reference: Reference, tmp_path: Path) -> None:
    """Those included whose base another listed deletion takes along, and such deletions."""
    _, compared = check_range(reference, tmp_path)
    assert [c for c in compared if c.verdict is not Verdict.PASS] == []
