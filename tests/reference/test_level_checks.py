"""The checks of the tables by which levels are read find what is wrong."""

from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import run_checks
from tests.toy.package import Row, toy_tables, write_package

CHECKS = ("dose-maximum", "level-range", "level-limit", "level-kinetics", "entry-words")
SOURCE = {"source": "Invented", "citations": "PMID:1", "verified": "yes"}


def tables() -> dict[str, list[Row]]:
    """Return the small package with one drug whose level is read."""
    found = toy_tables()
    drug = found["drugs"][0]["drug"]
    found["drugs"][0]["kind"] = "antiseizure"
    key = {"drug": drug, "part": "total", **SOURCE}
    found["texts"] += [
        {"id": "word-low", "language": language, "text": "low"} for language in ("en", "es")
    ]
    return {
        **found,
        "units": [
            {"unit": unit, "kind": kind, "factor": "1", **SOURCE}
            for unit, kind in (("mg/L", "mass_concentration"), ("day", "time"))
        ],
        "entry_words": [
            {"column": "stress", "word": "low", "name": "low", "alone": "yes", **SOURCE}
        ],
        "level_analytes": [{**key, "analyte": drug, "formula": "H2O", "molar_mass": "18.02"}],
        "level_ranges": [
            {
                "range_id": "toy",
                **key,
                "lower": "1",
                "upper": "2",
                "unit": "mg/L",
                "set_by": "review",
            }
        ],
        "level_alerts": [{**key, "limit": "3", "unit": "mg/L", "grade": "toxic"}],
        "dose_maxima": [
            {
                "max_id": "toy",
                "drug": drug,
                "from_years": "0",
                "below_years": "18",
                "to_kg": "50",
                "mg_per_day": "10",
                "locator": "4.2",
                **SOURCE,
            }
        ],
        "level_kinetics": [
            {**key, "tracks_effect": "yes", "free_changed_by": f"albumin_g_l<35|pregnant|{drug}"}
        ],
    }


def found(folder: Path, table: str = "", **cells: str) -> set[str]:
    package = tables()
    if table:
        package[table][0] |= cells
    return {p.check for p in run_checks(write_package(folder / "toy", package))}


def test_a_sound_table_has_no_problem(tmp_path: Path) -> None:
    assert not found(tmp_path) & set(CHECKS)


@pytest.mark.parametrize(
    ("check", "table", "cells"),
    [
        ("level-range", "level_ranges", {"lower": "2"}),
        ("level-range", "level_ranges", {"unit": "day"}),
        ("level-range", "level_ranges", {"part": "free"}),
        ("level-limit", "level_alerts", {"limit": "2"}),
        ("level-limit", "level_alerts", {"part": "free"}),
        ("dose-maximum", "dose_maxima", {"mg_per_day": "."}),
        ("dose-maximum", "dose_maxima", {"mg_per_day": "0"}),
        ("dose-maximum", "dose_maxima", {"below_years": "0"}),
        ("dose-maximum", "dose_maxima", {"from_kg": "60"}),
        ("level-kinetics", "level_kinetics", {"part": "metabolite"}),
        ("level-kinetics", "level_kinetics", {"free_changed_by": "zzyzx"}),
        ("level-kinetics", "level_kinetics", {"free_changed_by": "mood<3"}),
        ("entry-words", "entry_words", {"alone": "no"}),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, check: str, table: str, cells) -> None:
    assert check in found(tmp_path, table, **cells)
