"""The shipped inputs give what is expected of them, and a planted fault is found."""

import shutil
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.validation import concordance
from epilepsy_pgx.validation.checks import Verdict, failed
from epilepsy_pgx.validation.concordance import (
    COMPARED,
    DATA,
    SETS,
    Expected,
    call_inputs,
    compare_inputs,
    expectations,
)

GENE = "CYP2C9"
KEPT = ("HG00276", "NA12878")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[Expected, ...]:
    """Leave two genomes and the phased pairs of one gene of the table."""
    rows = tuple(
        e for e in expectations() if e.gene == GENE and (e.sample in KEPT or e.set == "phased")
    )
    monkeypatch.setattr(concordance, "expectations", lambda: rows)
    return rows


def test_every_input_is_shipped_and_every_file_is_expected_to_give_something() -> None:
    named = {e.file for e in expectations()}
    shipped = {p.relative_to(DATA).as_posix() for p in DATA.rglob("*.vcf.gz")}
    assert named == shipped
    assert {e.set for e in expectations()} == set(SETS)
    assert len({(e.set, e.sample, e.gene) for e in expectations()}) == len(expectations())


def test_what_is_not_compared_has_a_reason_and_is_the_smaller_part() -> None:
    left_out = [e for e in expectations() if e.compared != COMPARED]
    assert {e.compared for e in left_out} == {"no: allele not on the panel"}
    assert {e.set for e in left_out} == {"genome"}
    assert len(left_out) * 10 < len([e for e in expectations() if e.set == "genome"])


def test_known_inputs_are_called_as_expected(few, reference: Reference) -> None:
    checks, compared = compare_inputs(call_inputs(reference))
    assert [c.id for c in checks] == [f"concordance-genome-{GENE}", f"concordance-phased-{GENE}"]
    assert not failed(checks)
    assert len(compared) == len(few) > 100


def test_a_fault_in_the_tables_fails_the_check(few, root: Path, tmp_path: Path) -> None:
    tables = tmp_path / "reference"
    shutil.copytree(root / "reference", tables)
    path = tables / "allele_sites.tsv"
    text = path.read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    columns = header.split("\t")
    gene, allele, site = (columns.index(c) for c in ("gene", "allele", "site"))
    cells = [r.split("\t") for r in rows]
    at = next(i for i, c in enumerate(cells) if (c[gene], c[allele]) == (GENE, "*3"))
    other = next(c for c in cells if (c[gene], c[allele]) == (GENE, "*2"))
    for column in (site, columns.index("base")):
        cells[at][column] = other[column]
    path.write_text("\n".join([header, *("\t".join(c) for c in cells)]) + "\n", encoding="utf-8")
    checks, compared = compare_inputs(call_inputs(load_reference(tables)))
    assert f"concordance-phased-{GENE}" in [c.id for c in failed(checks)]
    assert any(c.verdict is Verdict.FAIL and "*3" in c.expected for c in compared)
