"""Records of the tables on why drugs failed, and on what a genotype does to exposure."""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from epilepsy_pgx.reference.rows.base import AtLeastOne, Index, TableRow
from epilepsy_pgx.vocabulary import FactorSide, LevelPart


class ExposureChange(StrEnum):
    """In what a source gives how much a genotype changes exposure."""

    PERCENT = "percent"
    TIMES = "times"
    DIFFERENCE = "difference"
    """In mg/L for each mg/kg a day."""
    STANDARDISED = "standardised"
    """Difference of the means in standard deviations."""
    NONE = "none"
    """A source looked, and found none."""


class ExposureMeasure(StrEnum):
    """What of a drug a source measured."""

    AUC = "auc"
    """Area under the curve, and highest level."""
    LEVEL = "level"
    SINGLE_DOSE = "single_dose"
    """Level twelve hours after one dose."""
    PER_DOSE = "per_dose"
    """Level for each dose by body weight."""
    CLEARANCE = "clearance"
    VMAX = "vmax"
    KM = "km"


class FactorRow(TableRow, frozen=True):
    """A factor by which drugs may fail."""

    TABLE: ClassVar[str] = "factors"
    factor: str
    order: int
    last: bool
    text_id: str
    text_action: str
    source: str
    citations: tuple[str, ...]
    verified: bool


class FactorSign(TableRow, frozen=True):
    """What speaks for or against a factor, or leaves it open."""

    TABLE: ClassVar[str] = "factor_signs"
    sign_id: str
    factor: str
    side: FactorSide
    order: int
    text_id: str
    text_undated: str | None
    text_action: str | None
    raises: bool
    source: str | None
    citations: tuple[str, ...]


class FactorCondition(TableRow, frozen=True):
    """A condition of a sign, in the words of `drug_rule_conditions` and some of its own."""

    TABLE: ClassVar[str] = "factor_conditions"
    sign_id: str
    kind: str
    subject: AtLeastOne[str]
    operator: str
    value: tuple[str, ...]


class ExposureEffect(TableRow, frozen=True):
    """What a source measured of a drug's exposure in carriers of a genotype."""

    TABLE: ClassVar[str] = "exposure_effects"
    effect_id: str
    drug: str
    part: LevelPart
    analyte: str
    gene: str
    kind: str
    subject: str
    operator: str
    value: AtLeastOne[str]
    shown: str
    comparator: str
    measure: ExposureMeasure
    change: ExposureChange
    low: Decimal | None
    high: Decimal | None
    interval: str | None
    found: str | None
    compared: str | None
    n: str | None
    text_people: str
    with_drug: str | None
    per_dose: Decimal | None
    per_dose_sd: Decimal | None
    age_below: int | None
    text_note: str | None
    source: str
    citations: AtLeastOne[str]
    verified: bool


SIGNS_BY_FACTOR = Index(FactorSign, lambda row: row.factor)
CONDITIONS_BY_SIGN = Index(FactorCondition, lambda row: row.sign_id)

STATEMENT, MEDICINE = "statement", "medicine"
"""Kinds of condition that only signs of factors have."""
ASKED_OF: dict[str, dict[str, tuple[str, ...]]] = {
    STATEMENT: {
        "text": ("any_of", "other_than"),
        "effect_of_entry": ("any_of",),
        "effect_of_result": ("any_of",),
        "effect_of_entry_past": ("any_of",),
        "effect_of_result_past": ("any_of",),
        "explained": ("any_of",),
        "interaction": ("any_of",),
        "variant": ("is", "missing"),
        "untried": ("any_of",),
        "sign_now": ("any_of",),
    },
    MEDICINE: {
        "list": ("missing",),
        "level": ("missing",),
        "highest_level": ("missing",),
        "route": ("any_of",),
        "formulation": ("any_of",),
        "untried": ("any_of",),
        "trial": ("any_of",),
        "dose": ("is",),
        "product": ("is",),
        "reaction": ("is",),
        "started": ("is",),
    },
}
"""What signs may ask of statements and of medicines, and the operators of each."""
PAST = "_past"
"""End of the words for what is said of drugs that were given up, and are not taken."""
AVOID_TOGETHER = "_avoid"
"""End of the words for an effect in a pair of drugs that are not to be taken together."""
UNSETTLED = "/unsettled"
"""End of the words for a level from before a steady state of which no source gives the time."""
WORDS_OF: dict[str, frozenset[str]] = {
    "sign_now": frozenset({"reaction", "sign"}),
    "dose": frozenset({"low", "low_lately", "low_limited", "low_raised", "low_undated"}),
    "product": frozenset({"changed"}),
    "reaction": frozenset({"entered"}),
    "started": frozenset({"added_lately", "changed_lately", "lately"}),
}
"""The words that some of these may be compared with."""
