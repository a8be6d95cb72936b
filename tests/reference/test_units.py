"""Numbers with units are read and converted by table."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import LevelAnalyte, Unit
from epilepsy_pgx.reference.units import units_of
from epilepsy_pgx.vocabulary import UnitKind

CONCENTRATIONS = (UnitKind.MASS_CONCENTRATION, UnitKind.MOLAR_CONCENTRATION)
ATOMS = {
    "C": "12.011",
    "H": "1.008",
    "N": "14.007",
    "O": "15.999",
    "S": "32.06",
    "Cl": "35.45",
    "F": "18.998",
    "Br": "79.904",
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("8 mg/L", "8 mg/L"),
        ("8mg/l", "8 mg/L"),
        ("8.50 µg/mL", "8.50 mg/L"),
        ("8 mcg / ml", "8 mg/L"),
        ("34 umol/l", "34 µmol/L"),
        ("34 \u03bcmol/L", "34 µmol/L"),
        ("0.3 mmol/L", "0.3 mmol/L"),
        ("8", None),
        ("mg/L", None),
        ("8,5 mg/L", "8.5 mg/L"),
        ("1,000 mg/L", None),
        ("1.000,5 mg/L", None),
        ("45 banana", None),
        ("8 mg", None),
        ("1e3 mg/L", None),
        ("8 8 mg/L", None),
        ("\u0668 mg/L", None),
    ],
)
def test_concentrations_are_read_with_their_unit(reference: Reference, text, shown) -> None:
    found = units_of(reference).read(text, CONCENTRATIONS)
    assert (None if found is None else str(found)) == shown


def test_a_spelling_or_code_is_of_one_unit(reference: Reference) -> None:
    units = units_of(reference)
    for row in reference.rows(Unit):
        kinds = (row.kind,)
        for spelling in (row.unit, *row.spellings):
            assert units.read(f"1 {spelling}", kinds) == Quantity(Decimal(1), row.unit), spelling
        for code in row.ucum:
            assert units.coded(Decimal(1), code, "", kinds) == Quantity(Decimal(1), row.unit)
    assert units.coded(Decimal(1), "mg/L", "umol/L", CONCENTRATIONS) is None


def test_molar_masses_are_those_of_the_formulas(reference: Reference) -> None:
    for row in reference.rows(LevelAnalyte):
        if row.formula is not None and row.molar_mass is not None:
            parts = re.findall(r"([A-Z][a-z]?)(\d*)", row.formula)
            mass = sum(Decimal(ATOMS[atom]) * int(count or 1) for atom, count in parts)
            assert abs(row.molar_mass - mass) < Decimal("0.01"), row.analyte


@given(
    value=st.decimals("0.001", "9999", places=3),
    unit=st.sampled_from(["µmol/L", "nmol/L", "mmol/L"]),
)
def test_a_molar_level_is_its_mass_by_the_molar_mass(reference: Reference, value, unit) -> None:
    units, mass = units_of(reference), Decimal("236.27")
    factor = {"µmol/L": 1000, "nmol/L": 1_000_000, "mmol/L": 1}[unit]
    found = units.in_mg_per_litre(Quantity(value, unit), mass)
    assert found is not None
    assert abs(found - value * mass / factor) < Decimal("0.000001")
    assert units.in_mg_per_litre(Quantity(value, unit), None) is None
