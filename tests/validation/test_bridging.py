"""A change of the tables is shown, and fails unless the change log names it."""

import shutil
from pathlib import Path

import pytest

from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.validation import bridging
from epilepsy_pgx.validation.bridging import check_bridge, explained, new_rows
from epilepsy_pgx.validation.checks import failed


@pytest.mark.parametrize(
    ("news", "known"),
    [
        ([], False),
        ([("alleles", "GENE1 *2")], True),
        ([("alleles", "OTHER *3, GENE1 *2")], True),
        ([("phenotypes", "*")], True),
        ([("alleles", "GENE11 *2")], False),
        ([("texts", "GENE1")], False),
    ],
)
def test_what_the_change_log_explains(news: list[tuple[str, str]], known: bool) -> None:
    assert explained("GENE1", news) == known


@pytest.fixture
def two(toy: Reference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return the toy tables, and a copy in which one allele has another's function."""
    folder = tmp_path / "tables"
    shutil.copytree(toy.path, folder)
    path = folder / "allele_sites.tsv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    columns = header.split("\t")
    cells = [r.split("\t") for r in rows]
    mine = [c for c in cells if c[columns.index("gene")] == "TOY1"]
    moved = mine[0][columns.index("allele")]
    kept = [c for c in cells if c not in mine or c[columns.index("allele")] != moved]
    path.write_text("\n".join([header, *("\t".join(c) for c in kept)]) + "\n", encoding="utf-8")
    monkeypatch.setattr(bridging, "run_patients", lambda *_: None)
    return toy, load_reference(folder)


def test_a_change_that_no_log_names_fails(two, tmp_path: Path) -> None:
    old, new = two
    assert new_rows(new, old) == []
    checks, compared = check_bridge(new, old, {}, {}, tmp_path)
    assert "bridge-results" in [c.id for c in failed(checks)]
    assert {c.note for c in compared} == {"not in the change log"}


def test_a_change_that_the_log_names_passes_and_is_listed(two, tmp_path: Path) -> None:
    old, new = two
    path = new.path / "CHANGES.tsv"
    with path.open("a", encoding="utf-8") as log:
        log.write("2026-11-28\t2026.12.0\talleles\tTOY1 *2\tchanged\tfor the test\tnone\n")
    new = load_reference(new.path)
    assert new_rows(new, old) == [("alleles", "TOY1 *2")]
    checks, compared = check_bridge(new, old, {}, {}, tmp_path)
    assert "bridge-results" not in [c.id for c in failed(checks)]
    assert compared
    assert {c.note for c in compared} == {"named in the change log"}
