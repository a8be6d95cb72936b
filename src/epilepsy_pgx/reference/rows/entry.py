"""Records of the tables by which the clinical entry is read: words, units, what levels measure."""

from decimal import Decimal
from typing import ClassVar, Literal

from epilepsy_pgx.reference.rows.base import AtLeastOne, Index, TableRow
from epilepsy_pgx.vocabulary import LevelPart, RangeOrigin, UnitKind


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


class EntryEquivalent(TableRow, frozen=True):
    """Words of one column of the clinical entry that say what a word of another one says."""

    TABLE: ClassVar[str] = "entry_equivalents"
    column: str
    words: AtLeastOne[str]
    as_column: str
    as_words: AtLeastOne[str]
    heard: Literal["certain", "possible", "apart"]
    note: str


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


class LevelRange(TableRow, frozen=True):
    """A reference range that a source gives."""

    TABLE: ClassVar[str] = "level_ranges"
    range_id: str
    drug: str
    part: LevelPart
    lower: Decimal
    upper: Decimal
    unit: str
    set_by: RangeOrigin
    source: str
    citations: tuple[str, ...]
    verified: bool


class LevelAlert(TableRow, frozen=True):
    """A level at which a laboratory calls, or that it names toxic."""

    TABLE: ClassVar[str] = "level_alerts"
    drug: str
    part: LevelPart
    limit: Decimal
    unit: str
    grade: Literal["critical", "toxic"]
    source: str
    citations: tuple[str, ...]
    verified: bool


class TrialDose(TableRow, frozen=True):
    """The dose of a day below which a trial in an adult is asked about."""

    TABLE: ClassVar[str] = "trial_doses"
    drug: str
    lowest_mg_per_day: Decimal
    basis: Literal["usual_range", "half_of_defined"]
    source: str
    citations: tuple[str, ...]
    verified: bool


class ChildDose(TableRow, frozen=True):
    """The dose of a day by weight below which a trial in a child is asked about."""

    TABLE: ClassVar[str] = "trial_doses_children"
    drug: str
    lowest_mg_per_kg_day: Decimal
    basis: Literal["half_of_usual"]
    source: str
    citations: tuple[str, ...]
    verified: bool


class DoseMaximum(TableRow, frozen=True):
    """The highest dose of a day that product information gives."""

    TABLE: ClassVar[str] = "dose_maxima"
    max_id: str
    drug: str
    from_years: Decimal
    below_years: Decimal | None
    from_kg: Decimal | None
    to_kg: Decimal | None
    mg_per_day: Decimal | None
    mg_per_kg_day: Decimal | None
    source: str
    jurisdiction: str | None
    locator: str
    citations: tuple[str, ...]
    verified: bool


class LevelKinetics(TableRow, frozen=True):
    """When the level of a drug means something."""

    TABLE: ClassVar[str] = "level_kinetics"
    drug: str
    part: LevelPart
    tracks_effect: bool
    half_life_h: tuple[str, ...]
    steady_state_days: int | None
    steady_state_basis: Literal["stated", "half_lives"] | None
    earliest_hours: Decimal | None
    free_changed_by: tuple[str, ...]
    source: str
    citations: tuple[str, ...]
    verified: bool


WORDS_BY_COLUMN = Index(EntryWord, lambda row: row.column)
ANALYTES_BY_DRUG = Index(LevelAnalyte, lambda row: row.drug)
