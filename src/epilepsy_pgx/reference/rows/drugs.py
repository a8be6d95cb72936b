"""Records of the tables about drugs, and of what may be said about them."""

import datetime as dt
from decimal import Decimal
from typing import ClassVar, Literal

from msgspec import field

from epilepsy_pgx.reference.rows.base import AtLeastOne, Index, TableRow
from epilepsy_pgx.reference.rows.words import FormWhen, RankWhen
from epilepsy_pgx.vocabulary import ActionClass, Answers, EffectDirection, Origin, Response, Tier


class Drug(TableRow, frozen=True):
    """An anti-seizure drug, or one taken beside them."""

    TABLE: ClassVar[str] = "drugs"
    drug: str
    kind: Literal["antiseizure", "other"]
    drug_class: str
    atc: tuple[str, ...]
    rxnorm: str | None
    mechanism: str | None
    metabolism: str | None
    measured_as: str | None
    groups: tuple[str, ...]
    source: str
    citations: tuple[str, ...]
    verified: bool


class DrugName(TableRow, frozen=True):
    """A synonym, brand, salt or abbreviation of a drug."""

    TABLE: ClassVar[str] = "drug_names"
    name: str
    drug: str
    also: tuple[str, ...]
    kind: Literal["inn", "brand", "synonym", "abbreviation"]
    source: str


class OtherMedicine(TableRow, frozen=True):
    """The name of a medicine that the tables do not have, and that is like one that they do."""

    TABLE: ClassVar[str] = "other_medicines"
    name: str
    source: str


class DrugRule(TableRow, frozen=True):
    """What may be said about a drug."""

    TABLE: ClassVar[str] = "drug_rules"
    KEY: ClassVar[str] = "rule_id"
    rule_id: str
    first_id: str | None
    drug: AtLeastOne[str]
    priority: int
    origin: Origin
    tier: Tier
    response: Response
    text_id: str
    text_naive: str | None
    text_taking: str | None
    text_reaction: str | None
    effect: Literal[
        "dose",
        "skin",
        "liver",
        "ammonia",
        "aggravation",
        "channel",
        "pregnancy",
        "porphyria",
        "toxicity",
        "heart",
        "benefit",
        "information",
    ]
    explains: tuple[str, ...]
    percent_of_standard_dose: int | None
    critical: Literal["no", "taking", "always"]
    source: str
    level: str | None
    citations: tuple[str, ...]
    verified: bool

    @property
    def key(self) -> str:
        """Id of the row."""
        return self.rule_id


class RuleCondition(TableRow, frozen=True):
    """A condition of a rule."""

    TABLE: ClassVar[str] = "drug_rule_conditions"
    rule_id: str
    kind: str
    subject: AtLeastOne[str]
    operator: str
    value: tuple[str, ...]
    if_missing: Literal["no", "possible"]

    @property
    def about(self) -> str:
        """The subject as the table writes it: a gene, site, field, drugs or groups."""
        return "|".join(self.subject)

    @property
    def compared(self) -> str | None:
        """The value as the table writes it."""
        return "|".join(self.value) or None


class PhenotypeWithoutRule(TableRow, frozen=True):
    """A phenotype for which a drug has no rule, on purpose."""

    TABLE: ClassVar[str] = "phenotypes_without_rule"
    drug: str
    gene: str
    phenotype: str
    reason: str
    source: str


class DecidingGene(TableRow, frozen=True):
    """A gene that must be known before a drug's line may reassure."""

    TABLE: ClassVar[str] = "deciding_genes"
    drug: AtLeastOne[str]
    gene: str
    alleles: tuple[str, ...]
    tier_missing: Tier
    text_id: str
    text_tolerated: str | None
    blocks_benefit: bool
    source: str
    citations: tuple[str, ...]
    verified: bool

    @property
    def key(self) -> str:
        """Drugs and gene, as the key of the row."""
        return f"{'|'.join(self.drug)} {self.gene}"

    @property
    def tier(self) -> Tier:
        """Level of what is said while the gene is unknown."""
        return self.tier_missing


class DrugInteraction(TableRow, frozen=True):
    """An effect of one drug on another."""

    TABLE: ClassVar[str] = "drug_interactions"
    KEY: ClassVar[str] = "interaction_id"
    interaction_id: str
    first_id: str | None
    perpetrator: AtLeastOne[str]
    victim: AtLeastOne[str]
    analyte: str | None
    effect: Literal["up", "down", "variable", "additive", "same_target"]
    size: str | None
    mechanism: str | None
    tier: Tier
    text_id: str
    critical: Literal["no", "taking"]
    source: str
    citations: tuple[str, ...]
    verified: bool

    @property
    def key(self) -> str:
        """Id of the row."""
        return self.interaction_id


class InteractionReview(TableRow, frozen=True):
    """Pairs that a section of a source names as without an effect of note."""

    TABLE: ClassVar[str] = "interaction_reviews"
    KEY: ClassVar[str] = "review_id"
    review_id: str
    perpetrator: AtLeastOne[str]
    victim: AtLeastOne[str]
    locator: str
    read: dt.date
    source: str
    citations: AtLeastOne[str]
    verified: bool


class PairToAvoid(TableRow, frozen=True):
    """An interaction whose drugs a source contraindicates together, or asks to avoid together."""

    TABLE: ClassVar[str] = "pairs_to_avoid"
    KEY: ClassVar[str] = "interaction_id"
    interaction_id: str
    grade: Literal["contraindicated", "avoid"]
    perpetrator: tuple[str, ...]
    locator: str
    citations: AtLeastOne[str]


class PlannedMatter(TableRow, frozen=True):
    """What of a patient is weighed of a drug that is planned or in use, whatever drug it is."""

    TABLE: ClassVar[str] = "planned_matters"
    matter_id: str
    order: int
    text_id: str
    kind: Literal["clinical"]
    subject: AtLeastOne[str]
    operator: Literal["is", "any_of", "at_most", "at_least", "less_than", "more_than"]
    value: AtLeastOne[str]
    taken: bool
    source: str
    citations: tuple[str, ...]
    verified: bool

    @property
    def condition(self) -> RuleCondition:
        """The row as the rule tables write a condition."""
        return RuleCondition(
            self.line, self.matter_id, self.kind, self.subject, self.operator, self.value, "no"
        )


class EnzymeModifier(TableRow, frozen=True):
    """A drug that inhibits or induces an enzyme."""

    TABLE: ClassVar[str] = "phenoconversion"
    gene: str
    drug: str
    direction: EffectDirection
    strength: str
    factor: Decimal | None
    status: Literal["published", "proposal"]
    text_id: str
    source: str
    citations: tuple[str, ...]
    verified: bool


class DrugSafety(TableRow, frozen=True):
    """A fact of a label or of a regulator."""

    TABLE: ClassVar[str] = "drug_safety"
    KEY: ClassVar[str] = "fact_id"
    fact_id: str
    first_id: str | None
    drug: AtLeastOne[str]
    jurisdiction: str | None
    date: str | None
    tier: Tier
    response: Response
    text_id: str
    critical: Literal["no", "taking", "always"]
    source: str
    citations: tuple[str, ...]
    verified: bool

    @property
    def key(self) -> str:
        """Id of the row."""
        return self.fact_id


class GeneTherapy(TableRow, frozen=True):
    """What a finding in a gene means for treatment."""

    TABLE: ClassVar[str] = "gene_therapy"
    KEY: ClassVar[str] = "therapy_id"
    therapy_id: str
    first_id: str | None
    gene: str
    condition: str
    tier: Tier
    response: Response
    text_id: str
    critical: Literal["no", "taking", "always"]
    priority: int
    origin: Origin
    source: str
    level: str | None
    citations: tuple[str, ...]
    verified: bool

    @property
    def key(self) -> str:
        """Id of the row."""
        return self.therapy_id


class ClinicalContext(TableRow, frozen=True):
    """What is said of the patient as a whole: referral, resistance, situations."""

    TABLE: ClassVar[str] = "clinical_context"
    KEY: ClassVar[str] = "context_id"
    context_id: str
    first_id: str | None
    section: Literal[
        "drug-resistance", "referral", "pseudoresistance", "not-covered", "situations", "regulatory"
    ]
    priority: int
    tier: Tier
    response: Response
    text_id: str
    critical: Literal["no", "always"]
    origin: Origin
    source: str
    level: str | None
    citations: tuple[str, ...]
    verified: bool

    @property
    def key(self) -> str:
        """Id of the row."""
        return self.context_id


class ActionText(TableRow, frozen=True):
    """What a text asks somebody to do."""

    TABLE: ClassVar[str] = "actions"
    text_id: str
    action_class: ActionClass = field(name="class")
    answers: Answers | None
    drugs: tuple[str, ...]
    text_instead: str | None
    note: str


class ActionRank(TableRow, frozen=True):
    """A class of actions that outranks another."""

    TABLE: ClassVar[str] = "action_ranks"
    action_class: ActionClass = field(name="class")
    over: ActionClass
    when: RankWhen
    if_possible: bool
    note: str


class TextForm(TableRow, frozen=True):
    """What is said instead of a text of a drug in use, or once the signs it warns of are there."""

    TABLE: ClassVar[str] = "text_forms"
    text_id: str
    when: FormWhen
    signs: tuple[str, ...]
    syndromes: tuple[str, ...]
    text_said: str
    note: str


class UrgentText(TableRow, frozen=True):
    """A text that cannot wait until later in the day."""

    TABLE: ClassVar[str] = "urgent_order"
    text_id: str
    within: Literal["minutes", "hour", "hours"]
    note: str


class SideBySide(TableRow, frozen=True):
    """A rule that is read beside others, because guidelines differ on what it is about."""

    TABLE: ClassVar[str] = "side_by_side"
    rule_id: str
    topic: str


class Locator(TableRow, frozen=True):
    """Where in a source a statement stands, and when that was read."""

    TABLE: ClassVar[str] = "locators"
    table: Literal[
        "clinical_context",
        "deciding_genes",
        "drug_interactions",
        "drug_rules",
        "drug_safety",
        "gene_therapy",
    ]
    row: str
    citation: str
    locator: str
    read_on: dt.date
    jurisdiction: Literal["EU", "UK", "US", "other"] | None
    asks: Literal["contraindicated", "avoid", "change", "monitor", "inform"] | None


RuleRow = DrugRule | GeneTherapy | DrugSafety | ClinicalContext
"""Rows of the tables that `drug_rule_conditions` may set conditions for."""

CONDITIONS_BY_RULE = Index(RuleCondition, lambda r: r.rule_id)
