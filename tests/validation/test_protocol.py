"""The protocol: a page to sign that stands by itself, two tables and a record."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from epilepsy_pgx.validation.checks import Check, Comparison, Verdict
from epilepsy_pgx.validation.protocol import (
    PARTS,
    SIGNATURES,
    Installation,
    Protocol,
    page,
    write_protocol,
)

MADE = Installation(
    "1", "2", "sha256:0", "", "3.11", "Linux", ("click 8",), "sha256:1", "2026-11-28"
)
CHECKS = tuple(Check(f"id-{p}", p, f"Title {p}", "all", "1 of 1", Verdict.PASS) for p in PARTS)
BAD = Comparison("id-limits", "<S1>", "a\tb", "c", Verdict.FAIL, "<script>")
GOOD = Protocol(MADE, "For professionals & nobody else", CHECKS, ())


def test_a_failure_is_seen_on_the_page_and_in_the_record(tmp_path: Path) -> None:
    failing = replace(GOOD, checks=(*CHECKS, replace(CHECKS[0], verdict=Verdict.FAIL)))
    assert "All checks passed" in page(GOOD)
    assert "FAILED" not in page(GOOD)
    assert "FAILED" in page(failing)
    write_protocol(failing, tmp_path)
    assert json.loads((tmp_path / "validation.json").read_text())["passed"] is False


def test_the_page_has_every_check_and_empty_lines_to_sign() -> None:
    shown = page(GOOD)
    for check in CHECKS:
        assert check.id in shown
    for role in SIGNATURES:
        assert f"<td>{role}</td><td>Name:</td><td>Date:</td><td>Signature:</td>" in shown
    assert "For professionals &amp; nobody else" in shown


def test_the_page_loads_nothing_and_escapes_what_it_shows() -> None:
    shown = page(replace(GOOD, compared=(BAD,)))
    assert "default-src 'none'" in shown
    assert not re.search(r"<script|https?://|src=|url\(", shown.replace("default-src=", ""))
    assert "&lt;S1&gt;" in shown


def test_the_tables_have_a_line_for_each(tmp_path: Path) -> None:
    write_protocol(replace(GOOD, compared=(BAD,)), tmp_path)
    for name, count in (("checks.tsv", len(CHECKS)), ("comparisons.tsv", 1)):
        with (tmp_path / name).open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle, delimiter="\t"))
        assert len(rows) == count + 1
        assert len({len(r) for r in rows}) == 1


def test_a_part_without_a_heading_is_a_fault() -> None:
    with pytest.raises(ValueError, match="other"):
        page(replace(GOOD, checks=(replace(CHECKS[0], part="other"),)))
