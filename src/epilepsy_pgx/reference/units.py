"""Numbers with units: read as people write them, and converted by table. No unit is guessed."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import lru_cache

from epilepsy_pgx.clinical_entry import Quantity
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Unit
from epilepsy_pgx.vocabulary import UnitKind

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+|,[0-9]{1,2})?)\s*([^\s0-9.,+-].*)", re.ASCII)
"""A comma is a decimal mark before one or two digits; before three it may part thousands."""
_DAILY = (UnitKind.DAILY_DOSE, UnitKind.DAILY_DOSE_BY_WEIGHT)
_SEPARATORS = re.compile(r"\s+")


def _fold(spelling: str) -> str:
    """Return the form in which spellings are compared: no capitals, no blanks, `u` for `µ`."""
    plain = unicodedata.normalize("NFKC", spelling).casefold().replace("μ", "u")
    return _SEPARATORS.sub("", plain)


class Units:
    """The units of a data package."""

    def __init__(self, rows: Iterable[Unit]) -> None:
        self._rows = {row.unit: row for row in rows}
        self._spelled: dict[str, Unit] = {}
        self._codes: dict[str, Unit] = {}
        for row in self._rows.values():
            self._spelled |= {_fold(s): row for s in (row.unit, *row.spellings)}
            self._codes |= dict.fromkeys(row.ucum, row)

    def kind(self, quantity: Quantity) -> UnitKind:
        """Return what a quantity measures."""
        return self._rows[quantity.unit].kind

    def of_kinds(self, kinds: Collection[UnitKind]) -> tuple[str, ...]:
        """Return the units of some kinds, as reports write them."""
        return tuple(row.unit for row in self._rows.values() if row.kind in kinds)

    def read(self, text: str, kinds: Collection[UnitKind]) -> Quantity | None:
        """Read a number and its unit; None if it is not one of a unit of these kinds.

        Examples
        --------
        >>> from epilepsy_pgx.reference.package import load_reference
        >>> str(units_of(load_reference()).read("8.5 mcg/ml", [UnitKind.MASS_CONCENTRATION]))
        '8.5 mg/L'
        """
        match = _QUANTITY.fullmatch(text.strip())
        row = None if match is None else self._spelled.get(_fold(match[2]))
        if match is None or row is None or row.kind not in kinds:
            return None
        return Quantity(Decimal(match[1].replace(",", ".")), row.unit)

    def coded(
        self, value: Decimal, code: str, label: str, kinds: Collection[UnitKind]
    ) -> Quantity | None:
        """Return a number whose unit a phenopacket gives by its UCUM code, or else by its label.

        None if the unit is not of these kinds, or if code and label name two units.
        """
        by_code = self._codes.get(code)
        by_label = self._spelled.get(_fold(label))
        if by_code is not None and by_label is not None and by_code is not by_label:
            return None
        row = by_code or by_label
        return Quantity(value, row.unit) if row is not None and row.kind in kinds else None

    def settle(self, quantity: Quantity) -> Quantity:
        """Return a dose of a day in the base unit of its kind, anything else as it is.

        Whoever compares doses then compares numbers: 2.4 g/day are 2400 mg/day. Levels keep the
        unit that was entered.
        """
        row = self._rows[quantity.unit]
        if row.kind not in _DAILY or row.factor == 1:
            return quantity
        base = next(r for r in self._rows.values() if r.kind is row.kind and r.factor == 1)
        return Quantity(Decimal(f"{self.in_base(quantity).normalize():f}"), base.unit)

    def in_base(self, quantity: Quantity) -> Decimal:
        """Return a number in the base unit of its kind."""
        return quantity.value * self._rows[quantity.unit].factor

    def in_mg_per_litre(self, quantity: Quantity, molar_mass: Decimal | None) -> Decimal | None:
        """Return a concentration in mg/L; None if a molar one has no molar mass to convert by.

        Parameters
        ----------
        molar_mass
            Of the substance, in g/mol.
        """
        base = self.in_base(quantity)
        match self.kind(quantity):
            case UnitKind.MASS_CONCENTRATION:
                return base
            case UnitKind.MOLAR_CONCENTRATION if molar_mass is not None:
                return base * molar_mass / 1000
        return None


@lru_cache(maxsize=8)
def units_of(ref: Reference) -> Units:
    """Return the units of a data package, worked out once."""
    return Units(ref.rows(Unit))
