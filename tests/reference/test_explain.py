"""Any statement can be followed to its rows and sources."""

from pathlib import Path

import pytest

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.explain import chain_text, explain_diplotype, explain_row, with_sources
from epilepsy_pgx.reference.package import Reference, load_reference
from tests.toy.package import write_package


@pytest.fixture
def small(tmp_path: Path) -> Reference:
    return load_reference(write_package(tmp_path / "toy"))


def test_chain_from_diplotype_to_rule(small: Reference) -> None:
    chain = explain_diplotype(small, "TOY2", "*2/*3")
    stages = [link.stage for link in chain]
    assert stages == ["gene", "definition", "allele", "definition", "allele", "phenotype", "rule"]
    assert chain[-2].statement == "TOY2: Poor Metabolizer"
    assert "at 50 %" in chain[-1].statement
    assert "T at rs101" in chain[1].statement


def test_order_of_alleles_does_not_matter(small: Reference) -> None:
    first, second = (explain_diplotype(small, "TOY2", d) for d in ("*1/*2", "*2/*1"))
    assert set(first) == set(second)


def test_links_name_real_lines(small: Reference) -> None:
    for link in explain_diplotype(small, "TOY2", "*1/*2"):
        lines = (small.path / f"{link.table}.tsv").read_text(encoding="utf-8").splitlines()
        assert link.key.split(" ")[0] in lines[link.line - 1]


@pytest.mark.parametrize(
    ("gene", "diplotype"),
    [("TOYR", "*1/*1"), ("NOGENE", "*1/*1"), ("TOY2", "*1"), ("TOY2", "*1/*99"), ("TOY2", "")],
)
def test_unknown_genotypes(small: Reference, gene: str, diplotype: str) -> None:
    with pytest.raises(InputError, match=r"gene-known|allele-known"):
        explain_diplotype(small, gene, diplotype)


def test_row_by_key(small: Reference) -> None:
    chain = with_sources(small, explain_row(small, "toy-poor"))
    assert {(link.table, link.stage) for link in chain} == {
        ("drug_rules", "row"),
        ("drug_rule_conditions", "row"),
        ("citations", "source"),
    }
    assert "Wording: Give {drug} at" in chain_text(chain)
    with pytest.raises(InputError, match="row-known"):
        explain_row(small, "no-such-row")


def test_text_marks_unverified_rows(small: Reference) -> None:
    path = small.path / "drug_rules.tsv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\tyes\n", "\tno\n"), encoding="utf-8")
    told = chain_text(explain_row(load_reference(small.path), "toy-poor"))
    assert "(unverified)" in told
    assert "drug_rules.tsv:3" in told


def test_a_row_says_where_it_was_read(small: Reference) -> None:
    chain = with_sources(small, explain_row(small, "toy-pair"))
    read = next(link for link in chain if link.stage == "read")
    assert read.statement == "PMID:1: page 1"
    assert read.source == "read 2026-11-01"
    assert "drug_interactions toy-pair" in chain_text(chain)
