"""Statements that can be looked up are counted, and those that cannot are named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.reference.locators import (
    GOAL,
    evidence_page,
    locator_figures,
    percent,
    statements,
)
from epilepsy_pgx.reference.package import Reference, load_reference
from epilepsy_pgx.reference.rows import Locator
from epilepsy_pgx.reference.stats import format_stats, table_stats
from epilepsy_pgx.vocabulary import Tier
from tests.toy.package import Row, toy_tables, write_package

UK = {"jurisdiction": "UK", "asks": "avoid", "citation": "PMID:1"}
US = {"jurisdiction": "US", "asks": "contraindicated", "citation": "PMID:2"}


def package(folder: Path, tier: str = "act", locators: tuple[Row, ...] = ()) -> Reference:
    """Write the small package, its one interaction at some level and with some locators."""
    tables = toy_tables()
    tables["drug_interactions"][0]["tier"] = tier
    tables["citations"].append(
        {"key": "PMID:2", "kind": "article", "link": "https://pubmed.ncbi.nlm.nih.gov/2/"}
    )
    tables["drug_rules"] = []
    tables["locators"] = [
        {"table": "drug_interactions", "row": "toy-pair", "locator": "section 4"}
        | {"read_on": "2026-11-01"}
        | row
        for row in locators
    ]
    return load_reference(write_package(folder, tables))


@pytest.mark.parametrize("tier", ["act", "consider"])
def test_a_row_that_asks_and_was_not_read_is_counted_and_named(tmp_path: Path, tier: str) -> None:
    ref = package(tmp_path, tier)
    figures = locator_figures(ref)
    assert figures[tier] == {"rows": 1, "read": 0, "percent read": 0.0}
    assert figures["not read"] == {"drug_interactions toy-pair": tier}
    assert f"## Not read: {tier}\n\n- `drug_interactions`: `toy-pair`" in evidence_page(ref)


def test_a_row_that_informs_is_not_asked_for(tmp_path: Path) -> None:
    assert locator_figures(package(tmp_path, "context"))["not read"] == {}


def test_one_source_that_was_read_is_enough(tmp_path: Path) -> None:
    ref = package(tmp_path, "act", (UK,))
    assert locator_figures(ref)["act"] == {"rows": 1, "read": 1, "percent read": 100.0}
    assert "toy-pair" not in evidence_page(ref)


def test_authorities_that_differ_stand_side_by_side_strongest_first(tmp_path: Path) -> None:
    page = evidence_page(package(tmp_path, "act", (UK, US)))
    us = page.index("| `toy-pair` | US | contraindicated | PMID:2 | section 4 |")
    assert us < page.index("| `toy-pair` | UK | avoid | PMID:1 | section 4 |")


@pytest.mark.parametrize("other", [US | {"asks": "avoid"}, US | {"jurisdiction": "UK"}])
def test_authorities_that_agree_are_not_listed(tmp_path: Path, other: Row) -> None:
    assert "toy-pair" not in evidence_page(package(tmp_path, "act", (UK, other)))


def test_a_package_without_the_table_has_read_nothing(tmp_path: Path) -> None:
    ref = package(tmp_path)
    (tmp_path / "locators.tsv").unlink()
    assert not any(s.read for s in statements(load_reference(ref.path)))


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert percent(9999, 10000) == 99.9
    assert percent(0, 0) == 100.0


def test_figures_are_printed_for_a_person_and_a_program(tmp_path: Path) -> None:
    ref = package(tmp_path)
    text = CliRunner().invoke(reference, ["check", str(tmp_path), "--stats"])
    assert text.exit_code == 0
    assert text.output == format_stats(table_stats(ref))
    assert "act  drug_interactions toy-pair" in text.output
    data = CliRunner().invoke(reference, ["check", str(tmp_path), "--stats", "--format", "json"])
    assert json.loads(data.output)["stats"]["locators"]["act"]["read"] == 0


def test_enough_of_what_asks_for_action_was_looked_up() -> None:
    figures = locator_figures(load_reference())
    assert figures["act"]["percent read"] >= GOAL, figures["not read"]


def test_no_locator_was_read_after_the_last_change_of_the_tables() -> None:
    ref = load_reference()
    last = max(row.read_on for row in ref.rows(Locator))
    assert str(last) <= ref.table("CHANGES").cells[-1][0]


def test_levels_are_those_of_the_rows() -> None:
    assert {s.tier for s in statements(load_reference())} <= set(Tier)
