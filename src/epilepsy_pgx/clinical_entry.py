"""The clinical entry: what is known of the patient besides the genome.

Each column of the sample sheet that holds it is declared once, as a field of `ClinicalEntry`. Its
type says what the answers are: `bool` is yes and no, an enum is a closed list of words, `Decimal` a
number within limits, a tuple the words of a table. The reader of the sheet, the terms of packets,
the conditions that rules may ask, the words that reports need, docs/sample-sheet.md and the JSON
schema of a report are all made from these declarations.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType, NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from epilepsy_pgx.frozen import dataclass, names_of, replace
from epilepsy_pgx.vocabulary import FailureReason, LevelPart, Mri, Sex, Transplant, UnitKind

_YEAR_OF_MONTHS = 12
ENTRY_WORDS = "entry_words"
"""The table that has the words of most columns."""


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
    """The table whose key has its words; of `entry_words`, those of the rows that name it."""
    day: bool = False
    """True if it holds a date."""
    unit_kinds: tuple[UnitKind, ...] = ()
    """What kinds of unit a number must have that stands with its unit."""
    limits: tuple[Decimal, Decimal] | None = None
    """Lowest and highest number."""
    unused_kinds: tuple[UnitKind, ...] = ()
    """Kinds of unit that are taken down as written, and not used."""
    undetected: bool = False
    """True if `<` may stand before its number: below the limit of detection."""
    heading: str = ""
    """What it and those behind it are about; left out, it stands with the one before."""
    attribute: str = ""
    """The field of `ClinicalEntry`."""
    several: bool = False
    """True if it may have several words."""
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
    MOOD = "mood"
    COGNITION = "cognition"
    ALCOHOL_DRUGS = "alcohol_drugs"
    SLEEP = "sleep"
    MOVEMENT_DISORDER = "movement_disorder"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a name that no table knows probably means."""

    name: str
    """The known name that it is like."""
    drug: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit. No unit is ever guessed."""

    value: Decimal
    unit: str
    """Key of the units table."""

    def __str__(self) -> str:
        return f"{self.value} {self.unit}"


@dataclass(frozen=True, slots=True)
class DrugLevel:
    """A measured concentration of a drug, or of its active metabolite, in serum or plasma."""

    part: LevelPart
    quantity: Quantity
    """Of a level below the limit of detection: that limit."""
    undetected: bool = False
    """True if the laboratory reports that the level is lower than `quantity` (`<2 mg/L`)."""
    date: str | None = None
    """ISO date of the sample."""
    hours_after_dose: Decimal | None = None
    """Hours from the last dose to the sample."""


@dataclass(frozen=True, slots=True)
class DrugExposure:
    """A drug the patient takes."""

    drug: str
    """INN, or the word on the sheet if `known` is False."""
    known: bool
    start: str | None = None
    """ISO date."""
    dose: str | None = None
    """As it was written."""
    entered: str = ""
    """The word on the sheet."""
    suggestion: Suggestion | None = None
    reaction: tuple[str, ...] = ()
    """Words of the signs vocabulary: what the patient has now and lays to this drug."""
    daily_dose: Quantity | None = None
    """In mg/day or mg/kg/day; None if what was written is no dose of a whole day."""
    dose_since: str | None = None
    """ISO date of the last change of the dose."""
    formulation: str | None = None
    """A word of the entry words for `formulation`."""
    route: str | None = None
    """A word of the entry words for `route`."""
    product_since: str | None = None
    """ISO date since which the present product (brand or generic) is taken."""
    levels: tuple[DrugLevel, ...] = ()
    """In the order of their dates, those without one last."""
    adequate: bool | None = None
    """True if it is given in an adequate dose, for long enough; None if not said."""


@dataclass(frozen=True, slots=True)
class PlannedDrug:
    """A drug that may be started, anti-seizure or not."""

    drug: str
    """INN, or the word on the sheet if `known` is False."""
    known: bool
    entered: str = ""
    """The word on the sheet."""
    suggestion: Suggestion | None = None


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
    start: str | None = None
    """ISO date."""
    stop: str | None = None
    """ISO date of the last dose."""
    highest_dose: Quantity | None = None
    """In mg/day or mg/kg/day."""
    duration: Quantity | None = None
    """How long the drug was taken."""
    highest_level: DrugLevel | None = None


@dataclass(frozen=True, slots=True)
class ClinicalEntry:
    """What the sample sheet says about the patient. Every field may be missing."""

    affected: Annotated[
        bool | None, Column("does this person have seizures?", heading="person")
    ] = None
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
            "the seizures; `uncertain` is a finding of which that is open.",
            heading="seizures",
        ),
    ] = None
    zone: Annotated[
        str | None,
        Column("Where the seizures begin, as far as it was localised.", table=ENTRY_WORDS),
    ] = None
    diagnosis_confirmed: Annotated[
        str | None, Column("How sure it is that these are epileptic seizures.", table=ENTRY_WORDS)
    ] = None
    seizure_types: Annotated[tuple[str, ...], Column("Joined with `\\|`.", table=ENTRY_WORDS)] = ()
    last_seizure: Annotated[
        str | None, Column("ISO date of the last seizure.", day=True, asked=False)
    ] = None
    seizures_per_month: Annotated[
        Decimal | None,
        Column("Seizures a month, on average over the last months.", limits=_limits("0", "50000")),
    ] = None
    longest_interval_before: Annotated[
        Quantity | None,
        Column(
            "Longest interval between two seizures before the present treatment, with its unit: "
            "`10 days`, `3 weeks`, `6 months`, `2 years`. A treatment succeeds if the patient is "
            "free of seizures for three times as long, and for twelve months at least.",
            unit_kinds=(UnitKind.TIME,),
            limits=_limits("0", "47500"),
            asked=False,
        ),
    ] = None
    movement_disorder: Annotated[
        tuple[str, ...], Column("Joined with `\\|`.", table=ENTRY_WORDS, heading="life")
    ] = ()
    mood: Annotated[tuple[str, ...], Column("Joined with `\\|`.", table=ENTRY_WORDS)] = ()
    cognition: Annotated[tuple[str, ...], Column("Joined with `\\|`.", table=ENTRY_WORDS)] = ()
    adherence: Annotated[str | None, Column("Whether the doses are taken.", table=ENTRY_WORDS)] = (
        None
    )
    alcohol_drugs: Annotated[
        tuple[str, ...],
        Column("Alcohol and other drugs that are used; joined with `\\|`.", table=ENTRY_WORDS),
    ] = ()
    sleep: Annotated[tuple[str, ...], Column("Joined with `\\|`.", table=ENTRY_WORDS)] = ()
    stress: Annotated[str | None, Column(table=ENTRY_WORDS)] = None
    surgery: Annotated[
        tuple[str, ...],
        Column(
            "Earlier epilepsy surgery; joined with `\\|`.", table=ENTRY_WORDS, heading="treatments"
        ),
    ] = ()
    stimulator: Annotated[
        tuple[str, ...],
        Column("Neurostimulation that is in use; joined with `\\|`.", table=ENTRY_WORDS),
    ] = ()
    diet: Annotated[
        tuple[str, ...],
        Column("Dietary treatment that is given now; joined with `\\|`.", table=ENTRY_WORDS),
    ] = ()
    egfr_ml_min_173: Annotated[
        Decimal | None,
        Column(
            "Estimated glomerular filtration rate in mL/min/1.73 m².",
            limits=_limits("1", "250"),
            heading="organs",
        ),
    ] = None
    dialysis: Annotated[str | None, Column(table=ENTRY_WORDS)] = None
    albumin_g_l: Annotated[
        Decimal | None, Column("Albumin in serum or plasma, in g/L.", limits=_limits("8", "70"))
    ] = None
    current: Annotated[
        tuple[DrugExposure, ...] | None,
        Column(
            "`carbamazepine[start=2026-10-18;dose=400 mg/day]\\|valproate`, with the keys of the "
            "table below; `none` if the patient takes nothing; empty if no list was given. A "
            "reaction to a drug that is still taken: "
            "`carbamazepine[start=2026-10-18;reaction=rash+fever]`.",
            name="current_drugs",
            asked=False,
            heading="drugs",
        ),
    ] = None
    """None if the medication list was not given; empty if the patient takes nothing."""
    failed: Annotated[
        tuple[FailedDrug, ...] | None,
        Column(
            "`lamotrigine[reason=lack_of_effect;adequate=yes]`, with the keys of the table below; "
            "reasons: " + ", ".join(f"`{reason}`" for reason in FailureReason) + ".",
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
            heading="signs",
        ),
    ] = ()
    """Words of the signs vocabulary: what the patient has now, whichever drug may be its cause."""
    entry_date: Annotated[
        str | None,
        Column("ISO date of the clinical entry.", day=True, asked=False, heading="entry"),
    ] = None
    """ISO date of the clinical entry."""


def _declared() -> tuple[Column, ...]:
    hints = get_type_hints(ClinicalEntry, include_extras=True)
    columns = []
    heading = ""
    for attribute in names_of(ClinicalEntry):
        kind, column = get_args(hints[attribute])
        (first, *_) = [k for k in get_args(kind) if k not in (NoneType, Ellipsis)]
        choices: tuple[tuple[str, Any], ...] = ()
        if first is bool:
            choices = (("yes", True), ("no", False))
        elif isinstance(first, type) and issubclass(first, StrEnum):
            choices = tuple((word.value, word) for word in first)
        name = column.name or attribute
        heading = column.heading or heading
        columns.append(
            replace(
                column,
                name=name,
                subject=column.subject or name,
                attribute=attribute,
                choices=choices,
                heading=heading,
                several=get_origin(kind) is tuple,
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

SINCE_ONSET = "months_since_onset"
_SINCE_ONSET = Column(subject=SINCE_ONSET, name=SINCE_ONSET, limits=_limits("0", "1560"))
"""Worked out of the age and of the age at onset."""

SUBJECTS: Mapping[str, Column] = MappingProxyType(
    {c.subject: c for c in (*COLUMNS, _CHILDBEARING, _SINCE_ONSET) if c.asked}
)
"""What conditions may ask of the clinical entry, by its name there."""

CHOSEN = tuple(column for column in COLUMNS if column.choices)
"""Columns that are answered by a word of a closed list."""


LISTED = tuple(column for column in COLUMNS if column.table == ENTRY_WORDS)
"""Columns that are answered by words of the table `entry_words`."""


def months_since_onset(entry: ClinicalEntry) -> Decimal | None:
    """Return how long ago the seizures began, in months; None if age or onset is not known.

    An age in whole years leaves the birthday open: the shortest time is taken, since new seizures
    ask for more than old ones.
    """
    if entry.age_years is None or entry.onset_months is None:
        return None
    return max(entry.age_years * _YEAR_OF_MONTHS - entry.onset_months, Decimal(0))


def may_conceive(entry: ClinicalEntry) -> bool:
    """Say whether sex and age, as far as they are known, leave a pregnancy possible."""
    # Wide on purpose: to be asked once too often is the smaller harm.
    young_enough = entry.age_years is None or 10 <= entry.age_years <= 55
    return entry.sex is not Sex.MALE and young_enough


def dates_of(entry: ClinicalEntry) -> Iterator[tuple[str, str]]:
    """Yield (column, ISO date) of everything that a clinical entry dates."""
    if entry.last_seizure is not None:
        yield "last_seizure", entry.last_seizure
    for taken in entry.current or ():
        sampled = (level.date for level in taken.levels)
        for day in (taken.start, taken.dose_since, taken.product_since, *sampled):
            if day is not None:
                yield "current_drugs", day
    for given_up in entry.failed or ():
        for day in (given_up.start, given_up.stop):
            if day is not None:
                yield "failed_drugs", day


def limits_of(subject: str) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest number that a column may hold."""
    limits = SUBJECTS[subject].limits
    assert limits is not None, subject
    return limits
