"""Records of the tables of texts, sources, and words of inputs."""

import datetime as dt
from enum import IntEnum, StrEnum
from typing import ClassVar, Literal

from epilepsy_pgx.clinical_entry import TermKind
from epilepsy_pgx.reference.rows.base import TableRow
from epilepsy_pgx.vocabulary import Asked, Classification, FailureReason, ReportState


class RankWhen(StrEnum):
    """When one class outranks another."""

    ALWAYS = "always"
    TAKEN = "taken"
    SIGN_NOW = "sign_now"
    SIGN_TO_COME = "sign_to_come"


class FormWhen(StrEnum):
    """When another text is said instead of one."""

    TAKEN = "taken"
    """The drug is in use."""
    NOT_TAKEN = "not_taken"
    """The medication list is given, and the drug is not on it under any name."""
    SIGN = "sign"
    """The patient has a sign now that the text warns of."""
    SYNDROME = "syndrome"
    """A condition is entered, for certain, that changes what the text asks for."""
    SYNDROME_POSSIBLE = "syndrome_possible"
    """What is entered may be such a condition."""
    VARIANT = "variant"
    """The report shows a pathogenic variant."""
    FREE = "free"
    """The drug is in use, and no seizure is entered for a year of it."""
    LATELY = "lately"
    """The drug is in use for less than a year."""
    UNMEDICATED = "unmedicated"
    """The medication list was given, and nothing is on it."""
    HARMED = "harmed"
    """Signs, a level or its own line hold the drug back."""
    KIN = "kin"
    """The reaction on record is to another drug that is the same in the body."""


class CuratedText(TableRow, frozen=True):
    """A sentence or label of the report."""

    TABLE: ClassVar[str] = "texts"
    id: str
    language: str
    text: str

    @property
    def in_english(self) -> bool:
        """True for the text that the others translate."""
        return self.language == "en"


class Citation(TableRow, frozen=True):
    """A source that rows cite."""

    TABLE: ClassVar[str] = "citations"
    key: str
    kind: Literal["article", "guideline", "label", "database", "web", "book"]
    title: str
    year: int | None
    link: str | None


class ReportLimit(TableRow, frozen=True):
    """A limit that every report states."""

    TABLE: ClassVar[str] = "report_limits"
    text_id: str
    source: str


class LoggedChange(TableRow, frozen=True):
    """One change of the tables."""

    TABLE: ClassVar[str] = "CHANGES"
    date: dt.date
    version: str
    table: str
    key: str
    change: Literal["added", "changed", "removed"]
    reason: str
    source: str


class InputWord(TableRow, frozen=True):
    """A word that sample sheets and side files use."""

    TABLE: ClassVar[str] = "input_words"
    list: str
    word: str
    meaning: str
    source: str


class PhaseMark(TableRow, frozen=True):
    """Signs of phase over a part of a chromosome."""

    TABLE: ClassVar[str] = "phase_marks"
    place: Literal["format", "header"]
    mark: str
    meaning: str
    source: str
    verified: bool


class ClassWord(TableRow, frozen=True):
    """A word for the class of a variant."""

    TABLE: ClassVar[str] = "class_words"
    word: str
    coding: Literal["any", "acmg", "clinvar"]
    classification: Classification
    source: str
    verified: bool


class ConsequenceWord(TableRow, frozen=True):
    """A word of an annotation program for a consequence."""

    TABLE: ClassVar[str] = "consequence_words"
    word: str
    term: str | None
    source: str
    verified: bool


class PhenotypeWord(TableRow, frozen=True):
    """A word for a phenotype."""

    TABLE: ClassVar[str] = "phenotype_words"
    word: str
    phenotype: str | None
    source: str
    verified: bool


class OntologyTerm(TableRow, frozen=True):
    """A term of an ontology that phenopackets use."""

    TABLE: ClassVar[str] = "ontology_terms"
    term: str
    label: str
    kind: TermKind
    words: tuple[str, ...]
    source: str
    citations: tuple[str, ...]
    verified: bool


class Sign(TableRow, frozen=True):
    """A word for a sign of a reaction."""

    TABLE: ClassVar[str] = "signs"
    sign: str
    name: str
    effects: tuple[str, ...]
    hpo: tuple[str, ...]
    reason: FailureReason
    source: str
    citations: tuple[str, ...]
    verified: bool


class Syndrome(TableRow, frozen=True):
    """A word for a syndrome or diagnosis."""

    TABLE: ClassVar[str] = "syndromes"
    syndrome: str
    name: str
    group: Literal["epilepsy", "metabolic", "heart", "other"]
    drug_statement: Literal["rows", "none_read", "not_read"]
    treated_by: tuple[str, ...]
    text_settle: str | None
    source: str
    citations: tuple[str, ...]
    verified: bool


class Place(IntEnum):
    """Places of what may be settled next that code gives; the table gives all between."""

    FIRST = 1
    """It decides what the failure of drugs means."""
    CHOICE = 5
    """It matters for the choice of a drug."""
    SIDE = 8
    """It decides nothing of this patient now."""
    RARE = 9
    """A rare condition, which an entry would name."""


class Course(StrEnum):
    """How far a treatment has come, where that makes something a side matter."""

    FIRST_DRUG = "first_drug"
    """Drugs are taken for less than three months, and none is entered that was given up."""
    SEIZURE_FREE = "seizure_free"
    """No seizure for a year."""
    RESISTANT = "resistant"
    """Two drugs in use are entered as adequate trials."""
    EXPLAINED = "explained"
    """A pathogenic variant was found in a child of less than two years."""
    UNTREATED = "untreated"
    """No drug against seizures is taken, and none is entered that was given up."""
    UNPLANNED = "unplanned"
    """Drugs are taken and fail, and none is planned."""


class TestItem(TableRow, frozen=True):
    """Something that may not be known of a patient, and how it is asked for."""

    # Its name begins as pytest wants a class of tests to begin.
    __test__: ClassVar[bool] = False
    TABLE: ClassVar[str] = "test_items"
    item: str
    asked_of: Asked
    offered: bool
    together: bool
    turnaround: Literal["days", "weeks"]
    place: int
    place_unread: int | None
    unread_unless: tuple[str, ...]
    hurries: bool
    hurries_from_age: int | None
    hurries_with: tuple[str, ...]
    likely_from_age: int | None
    likely_with: tuple[str, ...]
    asked_again: tuple[str, ...]
    late_with: tuple[str, ...]
    late_while: tuple[Course, ...]
    text_id: str
    text_order: str | None
    text_order_detailed: str | None
    note: str


class OutsideCaller(TableRow, frozen=True):
    """A program whose results are taken over."""

    TABLE: ClassVar[str] = "outside_callers"
    caller: str
    calls: str
    kind: Literal["clinical", "research"]
    negative_counts: bool
    resolution: str
    source: str
    verified: bool


class StateCodes(TableRow, frozen=True):
    """A state of a report in the words of FHIR and of HL7 version 2."""

    TABLE: ClassVar[str] = "report_states"
    state: ReportState
    fhir_status: Literal[
        "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"
    ]
    obr25: Literal["R", "P", "F", "C", "X"]
    obx11: Literal["R", "P", "F", "C", "W", "X"]
    note: str
    source: str
    citations: tuple[str, ...]
    verified: bool
