"""Records of the tables by which the clinical entry is read: words, units, what levels measure."""

from decimal import Decimal
from typing import ClassVar

from epilepsy_pgx.reference.rows.base import Index, TableRow
from epilepsy_pgx.vocabulary import LevelPart, UnitKind


class EntryWord(TableRow, frozen=True):
    """A word that answers a column of the clinical entry."""

    TABLE: ClassVar[str] = "entry_words"
    column: str
    word: str
    name: str
    alone: bool
    labels: tuple[str, ...]
    source: str
    citations: tuple[str, ...]
    verified: bool


class Unit(TableRow, frozen=True):
    """A unit of measurement and its spellings."""

    TABLE: ClassVar[str] = "units"
    unit: str
    kind: UnitKind
    factor: Decimal
    ucum: tuple[str, ...]
    spellings: tuple[str, ...]
    source: str
    citations: tuple[str, ...]
    verified: bool


class LevelAnalyte(TableRow, frozen=True):
    """The substance that a laboratory measures for a drug."""

    TABLE: ClassVar[str] = "level_analytes"
    drug: str
    part: LevelPart
    analyte: str
    formula: str | None
    molar_mass: Decimal | None
    loinc: tuple[str, ...]
    source: str
    citations: tuple[str, ...]
    verified: bool


WORDS_BY_COLUMN = Index(EntryWord, lambda row: row.column)
ANALYTES_BY_DRUG = Index(LevelAnalyte, lambda row: row.drug)
