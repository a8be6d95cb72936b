"""What a report says, as ids and values: the words come when a page is drawn.

A `Message` is a text of the texts table with what fills its placeholders. A `Statement` is a
message with its grounds: what to do, the reasons that made a rule fire, and the evidence.
Nothing here knows a language; `report.wording` renders all of it.
"""

from dataclasses import field
from enum import StrEnum

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.vocabulary import Asked, Origin, Response, Tier


class ValueKind(StrEnum):
    """What the items of a value are, which decides how they become words."""

    PLAIN = "plain"
    """Names of the field, which no language changes: genes, alleles, variants, files."""
    TEXT = "text"
    """Ids of the texts table."""
    NUMBER = "number"
    """Decimal numbers, written with a point."""
    DRUG = "name"
    """INN, lower case. A placeholder with a capital gets the first letter as a capital."""
    DIPLOTYPE = "diplotype"
    """Candidate diplotypes; a sentence shows the first few."""
    PHENOTYPE = "phenotype"
    BASIS = "basis"
    """Where a gene result comes from."""
    SIGN = "word"
    """Words of the signs vocabulary."""
    SOURCE = "source"
    STRENGTH = "strength"


class Join(StrEnum):
    """How the items of a value stand together."""

    COMMA = "comma"
    OR = "or"
    PLUS = "plus"
    SLASH = "slash"
    SEMICOLON = "semicolon"
    SENTENCES = "sentences"


@dataclass(frozen=True, slots=True)
class Value:
    """What fills one placeholder of a text."""

    name: str
    items: tuple[str, ...] = ()
    kind: ValueKind = ValueKind.PLAIN
    join: Join = Join.COMMA
    messages: tuple["Message", ...] = ()
    """Texts that have placeholders of their own; given instead of `items`."""


def without_drugs(values: tuple[Value, ...], drugs: tuple[str, ...]) -> tuple[Value, ...]:
    """Return values with these drugs taken out: equal for drugs that share a sentence."""
    return tuple(
        replace(v, items=()) if v.kind is ValueKind.DRUG and v.items == drugs else v for v in values
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the tables and what fills its placeholders.

    Examples
    --------
    >>> Message("resolve-class", (Value("gene", ("CYP2C9",)),)).text_id
    'resolve-class'
    """

    text_id: str
    values: tuple[Value, ...] = ()
    text: str = field(default="", compare=False)
    """The rendered wording, in JSON only; no page is made from it."""


class ReasonKind(StrEnum):
    """What kind of fact made a rule fire; the text is `because-` and the word."""

    GENE = "gene"
    MANY_RESULTS = "many"
    REDUCED_ALLELE = "reduced-allele"
    UNKNOWN_ALLELE = "unknown-allele"
    LOST_FUNCTION = "lost-function"
    ALLELE = "allele"
    ALLELE_ABSENT = "allele-absent"
    SITE = "site"
    FINDING = "finding"
    STATE = "state"
    STATUS = "status"
    OPEN = "open"
    CLINICAL = "clinical"
    CLINICAL_MISSING = "clinical-missing"
    TAKING = "taking"
    PLANNED = "planned"
    HISTORY = "history"
    REACTION = "reaction"
    SIGN = "sign"


class SubjectKind(StrEnum):
    """What a reason is about."""

    GENE = "gene"
    VARIANT = "variant"
    DRUG = "drug"
    FIELD = "field"
    """A column of the clinical entry."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a reason is about."""

    kind: SubjectKind
    names: tuple[str, ...]
    """Gene symbols, INN drugs, columns; for variants `chrom-pos-ref-alt`."""
    gene: str = ""
    """For variants: the gene."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that made a rule fire."""

    kind: ReasonKind
    subject: Subject
    values: tuple[Value, ...] = ()
    text: str = field(default="", compare=False)
    """The rendered wording, in JSON only; no page is made from it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a statement may be made."""

    source: str
    """Who says so: CPIC, DPWG, FDA label, consensus, cohort, ..."""
    level: str
    """The source's own grade, or `.`."""
    citations: tuple[str, ...]
    """Keys of the citations table."""
    table: str
    row: str
    """Key of the row in `table`."""
    verified: bool = True
    """False for facts from memory or second hand: they inform, they never ask for action."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one rule says about a patient, with where it comes from."""

    statement_id: str
    """Rule and subject, such as `hla-b-1502-carbamazepine:carbamazepine`: the same over versions
    of the tables, so that two reports on one patient can be compared."""
    text_id: str
    tier: Tier
    response: Response
    origin: Origin
    reasons: tuple[Reason, ...]
    """The facts that made the rule fire."""
    evidence: tuple[Evidence, ...]
    values: tuple[Value, ...] = ()
    """What fills the placeholders of the text, besides the drugs."""
    drugs: tuple[str, ...] = ()
    """The drugs it is about, INN; they fill `{drug}` and `{Drug}`. Empty if about none."""
    action_id: str | None = None
    """Id of the text that says what to do; None if nothing is asked, or an earlier statement
    about the drug asks it."""
    further: tuple[str, ...] = ()
    """Ids of texts that are said behind the action."""
    conditional: bool = False
    """True if only one of several candidates, or an unconfirmed class, leads here."""
    hedged: bool = False
    """True if the sentence itself is said under the condition that it is confirmed."""
    urgent: bool = False
    beside: str | None = None
    """The question that other statements about the drug answer on another guideline's word; where
    one of them is read, all are."""
    resolve: tuple[Message, ...] = ()
    """What would settle a conditional statement; empty if nothing is open."""
    text: str = field(default="", compare=False)
    """The rendered wording, in JSON only; no page is made from it."""

    @property
    def part_ids(self) -> tuple[str, ...]:
        """Ids of the texts that the statement is said with, in their order."""
        action = (self.action_id,) if self.action_id else ()
        return (self.text_id, *action, *self.further)

    @property
    def wording(self) -> tuple[object, ...]:
        """What makes two statements say the same words about the same drugs."""
        return (self.part_ids, self.values, self.drugs, self.hedged)

    @property
    def pattern(self) -> tuple[object, ...]:
        """What makes two statements say the same words, each about its own drug."""
        return (self.part_ids, without_drugs(self.values, self.drugs), self.hedged)


@dataclass(frozen=True, slots=True)
class AdjustedPhenotype:
    """What the co-medication does to the genetic result of one enzyme."""

    gene: str
    genetic: Value
    """The genetic phenotypes, or the diplotypes where the tables name no phenotype."""
    adjusted: Message
    drugs: tuple[Message, ...]
    """Each drug with strength and direction."""


@dataclass(frozen=True, slots=True)
class NextTest:
    """Something that is not known of the patient, and what would read otherwise if it were."""

    item: str
    """Row of the table of items."""
    asked_of: Asked
    subjects: tuple[str, ...]
    """Genes, variants, drugs or columns of the clinical entry; what changes most comes first."""
    name: Message
    order: Message | None
    """How it is ordered; None for what is asked of the clinician."""
    urgent: bool
    """True if a line that needs a telephone call may come or go."""
    tier: Tier
    """The strongest that is said in a line and may change."""
    most: int
    """How many lines change so much."""
    drugs: tuple[str, ...]
    """Drugs whose line may change; where most changes, first."""
    statements: tuple[str, ...] = ()
    """Ids of statements that stand in no drug's line and may change, in the same order."""
    aside: bool = False
    """True if it decides nothing of this patient now."""

    @property
    def lines(self) -> int:
        """How many lines may change."""
        return len(self.drugs) + len(self.statements)


@dataclass(frozen=True, slots=True)
class FactorPoint:
    """What speaks for or against a factor by which drugs may fail, or what is not known of it."""

    said: Message
    statements: tuple[str, ...] = ()
    """Ids of the statements of the report that it rests on."""
    column: str = ""
    """The column of the sample sheet that answers it, if one does."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor by which drugs may fail, and what is known of it in a patient."""

    factor: str
    """Key of the table of factors."""
    name: Message
    supports: tuple[FactorPoint, ...]
    """What speaks for it."""
    opposes: tuple[FactorPoint, ...]
    """What speaks against it: entered, and dated."""
    unknown: tuple[FactorPoint, ...]
    """What was not given, not assessed, or gives no answer."""
    action: Message | None
    """None if nothing speaks for it and nothing is unknown."""
    last: bool = False
    """True for what is thought of when all else was looked at, and never alone."""
    evidence: tuple[Evidence, ...] = ()
    """On whose word the action is asked for."""
