"""The clinical entry: what is known of the patient besides the genome.

Each column of the sample sheet that holds it is declared once, as a field of `ClinicalEntry`. Its
type says what the answers are: `bool` is yes and no, an enum is a closed list of words, `Decimal` a
number within limits, a tuple the words of a table. The reader of the sheet, the terms of packets,
the conditions that rules may ask, the words that reports need, docs/sample-sheet.md and the JSON
schema of a report are all made from these declarations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import Annotated, Any, get_args, get_type_hints

from epilepsy_pgx.vocabulary import FailureReason, Mri, Sex, Transplant


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the clinical entry; what is left out follows from the field it declares."""

    meaning: str = ""
    """What the documents say of it, behind its answers."""
    name: str = ""
    """Its title in the sheet; that of the field if they are the same."""
    subject: str = ""
    """What conditions call it, if not by its title."""
    asked: bool = True
    """False if no condition of kind `clinical` asks for it."""
    table: str = ""
    """The table whose key has its words."""
    limits: tuple[Decimal, Decimal] | None = None
    """Lowest and highest number."""
    attribute: str = ""
    """The field of `ClinicalEntry`."""
    choices: tuple[tuple[str, Any], ...] = ()
    """What each word of a closed list stands for, in the order in which they are named."""


def _limits(low: str, high: str) -> tuple[Decimal, Decimal]:
    return Decimal(low), Decimal(high)


class TermKind(StrEnum):
    """What a term of a packet speaks of; a kind that is no list of its own is a column here."""

    SEIZURE = "seizure"
    EPILEPSY = "epilepsy"
    SIGN = "sign"
    SYNDROME = "syndrome"
    ONSET = "onset"
    MRI = "mri"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a name that no table knows probably means."""

    name: str
    """The known name that it is like."""
    drug: str


@dataclass(frozen=True, slots=True)
class DrugExposure:
    """A drug the patient takes."""

    drug: str
    """INN, or the word on the sheet if `known` is False."""
    known: bool
    start: str | None = None
    """ISO date."""
    dose: str | None = None
    level: str | None = None
    entered: str = ""
    """The word on the sheet."""
    suggestion: Suggestion | None = None
    reaction: tuple[str, ...] = ()
    """Words of the signs vocabulary: what the patient has now and lays to this drug."""


@dataclass(frozen=True, slots=True)
class PlannedDrug:
    """A drug that may be started, anti-seizure or not."""

    drug: str
    """INN, or the word on the sheet if `known` is False."""
    known: bool
    entered: str = ""
    """The word on the sheet."""
    suggestion: Suggestion | None = None

    @property
    def meant(self) -> str:
        """The drug, or the one that a name of no table probably means."""
        return self.drug if self.suggestion is None else self.suggestion.drug


@dataclass(frozen=True, slots=True)
class FailedDrug:
    """A drug that was given up, and why."""

    drug: str
    known: bool
    reason: FailureReason
    entered: str = ""
    suggestion: Suggestion | None = None
    adequate: bool | None = None
    """True if the trial was adequate in dose and duration; None if not said."""


@dataclass(frozen=True, slots=True)
class ClinicalEntry:
    """What the sample sheet says about the patient. Every field may be missing."""

    affected: Annotated[bool | None, Column("does this person have seizures?")] = None
    sex: Annotated[Sex | None, Column()] = None
    age_years: Annotated[
        Decimal | None,
        Column(
            "Age in years on the day of the entry; parts with a decimal point. May be left out "
            "beside `birth_date`.",
            limits=_limits("0", "130"),
        ),
    ] = None
    weight_kg: Annotated[
        Decimal | None, Column("Weight in kilograms.", limits=_limits("0.3", "500"))
    ] = None
    onset_months: Annotated[
        Decimal | None, Column("Age at the first seizure, in months.", limits=_limits("0", "1560"))
    ] = None
    syndromes: Annotated[tuple[str, ...], Column(subject="syndrome", table="syndromes")] = ()
    """Words of the syndromes vocabulary (`dravet`, `juvenile_myoclonic_epilepsy`, ...)."""
    pregnant: Annotated[bool | None, Column()] = None
    pregnancy_potential: Annotated[bool | None, Column()] = None
    mitochondrial_suspected: Annotated[bool | None, Column()] = None
    transplant: Annotated[Transplant | None, Column()] = None
    mri: Annotated[
        Mri | None,
        Column(
            "what magnetic resonance imaging of the brain shows. A `lesion` is one that may cause "
            "the seizures; `uncertain` is a finding of which that is open."
        ),
    ] = None
    current: Annotated[
        tuple[DrugExposure, ...] | None,
        Column(
            "`carbamazepine[start=2026-10-18;dose=400 mg/day;level=8 mg/L]\\|valproate`; `none` if "
            "the patient takes nothing; empty if no list was given. A reaction to a drug that is "
            "still taken: `carbamazepine[start=2026-10-18;reaction=rash+fever]`, with words of the "
            "table below.",
            name="current_drugs",
            asked=False,
        ),
    ] = None
    """None if the medication list was not given; empty if the patient takes nothing."""
    failed: Annotated[
        tuple[FailedDrug, ...] | None,
        Column(
            "`lamotrigine[reason=lack_of_effect;adequate=yes]`; reasons: "
            + ", ".join(f"`{reason}`" for reason in FailureReason)
            + ".",
            name="failed_drugs",
            asked=False,
        ),
    ] = None
    planned: Annotated[
        tuple[PlannedDrug, ...] | None,
        Column(
            "Drugs that may be started, anti-seizure drugs or others: `cenobamate\\|rifampicin`; "
            "`none` if nothing is planned. Page one names each, with what it and the drugs taken "
            "do to each other. A drug that is taken already stands in `current_drugs` alone.",
            name="planned_drugs",
            asked=False,
        ),
    ] = None
    """None if nothing was said; empty if nothing is planned."""
    signs: Annotated[
        tuple[str, ...],
        Column(
            "What the patient has now, whichever drug may be its cause: words of the table below, "
            "joined with `\\|`.",
            subject="sign",
            table="signs",
        ),
    ] = ()
    """Words of the signs vocabulary: what the patient has now, whichever drug may be its cause."""
    entry_date: Annotated[str | None, Column("ISO date of the clinical entry.", asked=False)] = None
    """ISO date of the clinical entry."""


def _declared() -> tuple[Column, ...]:
    hints = get_type_hints(ClinicalEntry, include_extras=True)
    columns = []
    for one in fields(ClinicalEntry):
        kind, column = get_args(hints[one.name])
        (first, *_) = [k for k in get_args(kind) if k not in (NoneType, Ellipsis)]
        choices: tuple[tuple[str, Any], ...] = ()
        if first is bool:
            choices = (("yes", True), ("no", False))
        elif isinstance(first, type) and issubclass(first, StrEnum):
            choices = tuple((word.value, word) for word in first)
        name = column.name or one.name
        columns.append(
            replace(
                column,
                name=name,
                subject=column.subject or name,
                attribute=one.name,
                choices=choices,
            )
        )
    return tuple(columns)


COLUMNS = _declared()
"""The columns, in the order of the fields."""

_CHILDBEARING = Column(
    subject="childbearing",
    choices=tuple((word, word) for word in ("yes", "no", "possible", "unknown", "pregnant")),
)
"""Worked out of sex, age, pregnancy and pregnancy potential."""

SUBJECTS: Mapping[str, Column] = MappingProxyType(
    {column.subject: column for column in (*COLUMNS, _CHILDBEARING) if column.asked}
)
"""What conditions may ask of the clinical entry, by its name there."""

CHOSEN = tuple(column for column in COLUMNS if column.choices)
"""Columns that are answered by a word of a closed list."""


def limits_of(subject: str) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest number that a column may hold."""
    limits = SUBJECTS[subject].limits
    assert limits is not None, subject
    return limits
