"""The checks of the tables on why drugs failed, and on exposure, find what is wrong."""

from pathlib import Path

import pytest

from epilepsy_pgx.reference.check import open_package
from epilepsy_pgx.reference.checks.factors import (
    check_explanations,
    check_exposure,
    check_places,
    check_signs,
)
from tests.toy.package import Row, toy_tables, write_package

CHECKS = (check_places, check_signs, check_explanations, check_exposure)
SOURCE = {"source": "Invented", "citations": "PMID:1", "verified": "yes"}


def tables() -> dict[str, list[Row]]:
    """Return the toy package with two factors, their signs, and one effect on exposure."""
    found = toy_tables()
    drug = found["drugs"][0]["drug"]
    text = found["texts"][0]["id"]
    factor = {"text_id": text, "text_action": text, **SOURCE}
    sign = {"factor": "cause", "order": "1", "text_id": text}
    return {
        **found,
        "factors": [
            {"factor": "cause", "order": "1", "last": "no", **factor},
            {"factor": "doses", "order": "2", "last": "yes", **factor},
        ],
        "factor_signs": [
            {"sign_id": "for", "side": "for", **sign},
            {"sign_id": "not", "side": "against", "text_undated": text, **sign},
        ],
        "factor_conditions": [
            {"sign_id": "for", "kind": "clinical", "subject": "mri", "operator": "is"}
            | {"value": "lesion"},
            {"sign_id": "not", "kind": "clinical", "subject": "mri", "operator": "is"}
            | {"value": "normal"},
        ],
        "level_analytes": [
            {"drug": drug, "part": "total", "analyte": drug, "formula": "H2O"}
            | {"molar_mass": "18.02", **SOURCE}
        ],
        "exposure_effects": [
            {
                "effect_id": "toy",
                "drug": drug,
                "part": "total",
                "analyte": drug,
                "gene": "TOY2",
                "kind": "allele",
                "subject": "TOY2",
                "operator": "present",
                "value": "*2",
                "shown": "*2",
                "comparator": "*1/*1",
                "measure": "level",
                "change": "percent",
                "low": "20",
                "high": ".",
                "per_dose": "2",
                "per_dose_sd": "1",
                "age_below": "18",
                "text_people": text,
                **SOURCE,
            }
        ],
    }


def found(folder: Path, table: str = "", row: int = 0, **cells: str) -> set[str]:
    package = tables()
    if table:
        package[table][row] |= cells
    opened, _ = open_package(write_package(folder / "toy", package))
    return {problem.check for check in CHECKS for problem in check(opened)}


def test_a_sound_table_has_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path) == set()


STATUS = {"kind": "diplotype", "subject": "TOY2", "operator": "any_of", "value": "*2/*2"}
TEXT = {"kind": "statement", "subject": "text", "operator": "any_of"}


@pytest.mark.parametrize(
    ("check", "table", "row", "cells"),
    [
        ("factor-last", "factors", 0, {"last": "yes"}),
        ("factor-last", "factors", 1, {"last": "no"}),
        ("factor-last", "factors", 1, {"order": "1"}),
        ("factor-conditions", "factor_conditions", 0, {"value": "zzyzx"}),
        ("factor-conditions", "factor_conditions", 0, {"sign_id": "not"}),
        # A metaboliser status speaks for a factor only beside a level.
        ("factor-conditions", "factor_conditions", 0, STATUS),
        # Nothing but what is entered speaks against one.
        ("factor-conditions", "factor_conditions", 1, {"operator": "missing", "value": "."}),
        ("factor-conditions", "factor_conditions", 1, STATUS),
        ("factor-conditions", "factor_conditions", 1, TEXT | {"value": "level-below"}),
        ("factor-conditions", "factor_conditions", 0, TEXT | {"value": "level-zzyzx"}),
        ("factor-conditions", "factor_conditions", 0, TEXT | {"subject": "zzyzx"}),
        ("factor-conditions", "factor_conditions", 0, TEXT | {"operator": "is"}),
        ("factor-conditions", "factor_conditions", 0, TEXT | {"operator": "missing"}),
        (
            "factor-conditions",
            "factor_conditions",
            0,
            TEXT | {"subject": "explained", "value": "zzyzx"},
        ),
        ("explains-effect", "drug_rules", 0, {"effect": "dose", "explains": "lack_of_effect"}),
        ("exposure-effects", "exposure_effects", 0, {"value": "*77"}),
        ("exposure-effects", "exposure_effects", 0, {"part": "free"}),
        ("exposure-effects", "exposure_effects", 0, {"low": "."}),
        ("exposure-effects", "exposure_effects", 0, {"change": "none"}),
        ("exposure-effects", "exposure_effects", 0, {"high": "10"}),
        ("exposure-effects", "exposure_effects", 0, {"age_below": "."}),
        ("exposure-effects", "exposure_effects", 0, {"per_dose_sd": "3"}),
    ],
)
def test_what_is_wrong_is_found(
    tmp_path: Path, check: str, table: str, row: int, cells: Row
) -> None:
    assert check in found(tmp_path, table, row, **cells)
