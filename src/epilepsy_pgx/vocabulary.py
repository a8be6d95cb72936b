"""The closed word lists of the field. A word outside them is an error, never a guess."""

from collections.abc import Collection
from enum import StrEnum


class GenomeBuild(StrEnum):
    """Human reference assembly of an input's coordinates. Always stated, never guessed."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"

    @property
    def prefix(self) -> str:
        """Column prefix of this build in the curated tables."""
        return self.value.lower()


class SiteStatus(StrEnum):
    """What the input says about one curated position of one sample.

    Only `CALLED` and `REFERENCE` carry two known alleles; `PARTIAL` carries one.
    """

    CALLED = "called"
    REFERENCE = "reference"
    NO_CALL = "no_call"
    PARTIAL = "partial"
    LOW_QUALITY = "low_quality"
    NOT_ASSESSED = "not_assessed"
    REF_MISMATCH = "ref_mismatch"
    CONFLICT = "conflict"


class CallMethod(StrEnum):
    """How a gene is read (column `call_method` of the genes table)."""

    DIPLOTYPE = "diplotype"
    SINGLE_VARIANT = "single_variant"
    RARE_VARIANT = "rare_variant"
    TYPING = "typing"


class GeneStatus(StrEnum):
    """How much of a gene result the data decide."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    AMBIGUOUS = "ambiguous"
    UNDEFINED = "undefined"
    NOT_ASSESSED = "not_assessed"
    NOT_REPORTABLE = "not_reportable"


class Zygosity(StrEnum):
    """Copies of a variant in one sample."""

    HETEROZYGOUS = "heterozygous"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    UNKNOWN = "unknown"


class Classification(StrEnum):
    """ACMG/AMP classes, and the two ways of not having one."""

    PATHOGENIC = "pathogenic"
    LIKELY_PATHOGENIC = "likely_pathogenic"
    UNCERTAIN = "uncertain_significance"
    LIKELY_BENIGN = "likely_benign"
    BENIGN = "benign"
    CONFLICTING = "conflicting"
    NOT_CLASSIFIED = "not_classified"


SEVERITY_OF_CLASS = (
    Classification.PATHOGENIC,
    Classification.LIKELY_PATHOGENIC,
    Classification.CONFLICTING,
    Classification.UNCERTAIN,
    Classification.NOT_CLASSIFIED,
    Classification.LIKELY_BENIGN,
    Classification.BENIGN,
)
"""Classes, the most severe first."""

_SIDES = {
    Classification.PATHOGENIC: "pathogenic",
    Classification.LIKELY_PATHOGENIC: "pathogenic",
    Classification.BENIGN: "benign",
    Classification.LIKELY_BENIGN: "benign",
    Classification.UNCERTAIN: "open",
    Classification.CONFLICTING: "open",
    Classification.NOT_CLASSIFIED: "none",
}


def side_of(found: Classification) -> str:
    """Return on which side a class stands; classes of one side do not contradict each other."""
    return _SIDES[found]


def join_classes(classes: Collection[Classification]) -> Classification:
    """Return what several classes of one variant say together.

    Neighbours on one side agree, and the less sure one counts; all others conflict.
    """
    found = {*classes}
    for sure, likely in (
        (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC),
        (Classification.BENIGN, Classification.LIKELY_BENIGN),
    ):
        if found == {sure, likely}:
            return likely
    if len(found) > 1:
        return Classification.CONFLICTING
    return found.pop() if found else Classification.NOT_CLASSIFIED


class Direction(StrEnum):
    """Effect of a variant on the function of its protein."""

    LOSS = "loss_of_function"
    GAIN = "gain_of_function"
    MIXED = "mixed"
    CONFLICTING = "conflicting"
    NOT_DETERMINED = "not_determined"
    NONE = "none"


class Relation(StrEnum):
    """How evidence on a tested variant bears on the variant of a patient."""

    EXACT = "exact"
    POSSIBLE = "possible"
    """The codon is not known: it may be this variant, or another one of the residue."""
    SAME_RESIDUE = "same residue"
    PARALOGUE = "paralogue"


class Basis(StrEnum):
    """What a gene result rests on."""

    GENOTYPE = "genotype"
    OUTSIDE_CALL = "outside call"
    TYPING = "HLA typing"
    GIVEN = "given"
    """Stated in words, to ask what would be said."""
    NONE = "none"


class ReportStatus(StrEnum):
    """Whether a report may go out."""

    DRAFT = "draft"
    FINAL = "final"
    NOT_REPORTABLE = "not reportable"


class ReportState(StrEnum):
    """Where a report stands in the laboratory; `report_states` says it in the codes of others."""

    DRAFT = "draft"
    REVIEWED = "technically reviewed"
    AUTHORISED = "authorised"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    NOT_REPORTABLE = "not reportable"


class Check(StrEnum):
    """What is asked of a sample before its results count."""

    CALL_RATE = "call rate"
    SEX = "genetic sex"
    MIXTURE = "mixture"
    IDENTITY = "identity"
    FINGERPRINT = "fingerprint"


class EffectDirection(StrEnum):
    """Effect of a drug on an enzyme."""

    INHIBITOR = "inhibitor"
    INDUCER = "inducer"


STOPPED = "stopped"
"""Name of the value that holds the drugs whose lines take the place of a statement."""


class Response(StrEnum):
    """What a report says about a drug, most cautious first."""

    CONTRAINDICATED = "contraindicated"
    AVOID = "avoid"
    AVOID_MAINTENANCE = "avoid as maintenance"
    AVOID_TOGETHER = "avoid together"
    """Of two drugs: neither has to be the one that goes."""
    CAUTION = "use with caution"
    ADJUST_DOSE = "adjust dose"
    CONSIDER_ALTERNATIVE = "consider alternative"
    INTERACTION = "interaction"
    MAY_FAVOUR = "may favour"
    STANDARD = "standard dosing"
    PARTIAL = "partial"
    NOT_ASSESSED = "not assessed"
    NO_RULE = "no genetic rule"


class Tier(StrEnum):
    """How strongly a statement asks for action."""

    ACT = "act"
    CONSIDER = "consider"
    CONTEXT = "context"
    NONE = "none"


class Origin(StrEnum):
    """Where a statement comes from; printed beside it."""

    GENOTYPE = "genotype"
    CLINICAL = "clinical entry"
    INTERACTION = "co-medication"
    TYPING = "HLA typing"
    GENERAL = "general"
    """Said of every patient."""


class Exposure(StrEnum):
    """A patient's history with a drug. Unknown counts as naive."""

    NAIVE = "naive"
    TAKING_EARLY = "taking_under_3_months"
    TAKING_TOLERATED = "taking_over_3_months"
    TAKING_UNKNOWN = "taking_start_unknown"
    STOPPED = "stopped"
    REACTION = "reaction"


class FindingState(StrEnum):
    """What the variants of a gene amount to. A gene may be in several states at once."""

    LOF_PLP = "lof_plp"
    LOF_PREDICTED = "lof_predicted_unclassified"
    GOF_TESTED_PLP = "gof_tested_plp"
    NOT_DETERMINED_PLP = "direction_not_determined_plp"
    CONFLICTING_DIRECTION = "conflicting_direction"
    BIALLELIC_PLP = "biallelic_plp"
    BIALLELIC_POSSIBLE = "biallelic_possible"
    MONOALLELIC_PLP = "monoallelic_plp"
    X_LINKED_HETEROZYGOUS_PLP = "x_linked_heterozygous_plp"
    GOF_TESTED_UNCLASSIFIED = "gof_tested_unclassified"
    VUS = "vus"
    CONFLICTING_CLASS = "conflicting_class"
    BENIGN_ONLY = "benign_only"
    NONE_FOUND = "none_found"
    PARTIAL = "partial"
    NOT_ASSESSED = "not_assessed"


class Resistance(StrEnum):
    """How far the clinical entry shows drug resistance."""

    DRUG_RESISTANT = "drug_resistant"
    UNDETERMINED = "undetermined"
    NOT_SHOWN = "not_shown"
    NOT_GIVEN = "not_given"


class PredictionStatus(StrEnum):
    """Whether a published model gives a probability for a patient, and if not, why."""

    COMPUTED = "computed"
    NO_VARIANT = "no_variant"
    OTHER_PROTEIN = "other_protein"
    """The name of the variant does not fit the protein of the model."""
    SEVERAL_VARIANTS = "several_variants"
    BENIGN_CLASS = "benign_class"
    GAIN_OF_FUNCTION = "gain_of_function"
    OTHER_KIND = "not_missense_or_truncating"
    NO_RESIDUE_SCORE = "no_residue_score"
    NO_ONSET = "no_onset"
    ONSET_OUTSIDE = "onset_outside_training_range"
    DIAGNOSIS_ENTERED = "diagnosis_entered"
    """One of the diagnoses that the model tells apart is entered."""


class TrialUse(StrEnum):
    """What a failed trial counts for in the definition of drug resistance."""

    COUNTED = "counted"
    AGGRAVATES = "aggravates"
    """A rule finds that the drug may worsen the seizures of this patient."""
    WORSENED = "worsened"
    """The seizures got worse under it."""
    NOT_ADEQUATE = "not_adequate"
    CONTRADICTED = "contradicted"
    """Adequate by the entry, which its own duration or level contradicts."""
    COUNTED_TAKEN = "counted_taken"
    """A drug that is taken, adequate by the entry, while the seizures go on."""
    TAKEN_OPEN = "taken_open"
    """A drug that is taken while the seizures go on; nothing entered shows that it is adequate."""
    INTOLERANCE = "intolerance"
    """Given up for a side effect, with no word on the dose that was reached."""
    INTOLERANCE_ADEQUATE = "intolerance_adequate"
    """Given up for a side effect at an adequate dose, with no word on whether it failed."""
    ADEQUACY_UNKNOWN = "adequacy_unknown"
    REASON_UNKNOWN = "reason_unknown"
    NAME_UNKNOWN = "name_unknown"
    NO_SEIZURE_DRUG = "no_seizure_drug"
    REPEATED = "repeated"
    """Another trial of the same drug, or of one with the same active form, counts already."""
    RESCUE = "rescue"
    """A drug that is given to end a seizure, with no word that it was taken daily."""


class Outcome(StrEnum):
    """Whether the seizures go on, as far as the clinical entry says."""

    ONGOING = "ongoing"
    FREE = "free"
    """For twelve months, and for three times the longest interval before."""
    NO_LAST_SEIZURE = "no_last_seizure"
    NO_ENTRY_DATE = "no_entry_date"
    NO_INTERVAL = "no_interval"
    """No seizure for twelve months; the longest interval before is not known."""
    TOO_SHORT = "too_short"
    """No seizure for more than a month, and not for long enough to call it success."""
    CONTRADICTED = "contradicted"
    """The last seizure and the number of seizures a month exclude each other."""


class Transplant(StrEnum):
    """What was transplanted."""

    NONE = "none"
    BONE_MARROW = "bone_marrow"
    LIVER = "liver"
    OTHER = "other"


class Mri(StrEnum):
    """What magnetic resonance imaging of the brain shows."""

    NOT_DONE = "not_done"
    NORMAL = "normal"
    LESION = "lesion"
    """One that may cause the seizures."""
    UNCERTAIN = "uncertain"
    """A finding of which it is open whether it causes them."""


class LevelPart(StrEnum):
    """What a level measures of a drug; the table `level_analytes` says which substance that is."""

    TOTAL = "total"
    FREE = "free"
    """What is not bound to protein."""
    METABOLITE = "metabolite"
    """The active metabolite."""


class LevelVerdict(StrEnum):
    """What a measured level says, or why it says nothing."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    DISAGREE = "disagree"
    NO_RANGE = "no_range"
    NOT_TRACKED = "not_tracked"
    """The effect does not follow the level."""
    NOT_COMPARABLE = "not_comparable"
    """The unit cannot be converted, or the level is only known to be low."""
    BEFORE_DOSE = "before_dose"
    """Sampled before the present dose or product."""
    BEFORE_DRUG = "before_drug"
    NOT_STEADY = "not_steady"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    FREE_CHANGED = "free_changed"
    PARENT = "parent"
    """Of the drug itself, where all ranges are those of its active metabolite."""


class RangeOrigin(StrEnum):
    """Who sets a reference range; the first in this order is shown as the range."""

    OWN = "own"
    """The laboratory that measures, in a hospital's overlay."""
    CONSENSUS = "consensus"
    NATIONAL = "national"
    REVIEW = "review"
    DIRECTORY = "directory"
    """The test directory of another laboratory."""
    STUDY = "study"


class UnitKind(StrEnum):
    """What a unit measures."""

    MASS_CONCENTRATION = "mass_concentration"
    """Base: mg/L."""
    MOLAR_CONCENTRATION = "molar_concentration"
    """Base: µmol/L."""
    DAILY_DOSE = "daily_dose"
    """Base: mg/day."""
    DAILY_DOSE_BY_WEIGHT = "daily_dose_by_weight"
    """Base: mg/kg/day."""
    SINGLE_DOSE = "single_dose"
    """Base: mg. Says nothing of a whole day."""
    SINGLE_DOSE_BY_WEIGHT = "single_dose_by_weight"
    """Base: mg/kg."""
    TIME = "time"
    """Base: day."""


class ActionClass(StrEnum):
    """What a text asks somebody to do about a drug."""

    START = "start"
    """How to start it or give it, emergencies included."""
    CONTINUE = "continue"
    """Words that keep it going."""
    CHANGE = "change"
    """Review, replacement, or another dose."""
    STOP = "stop"
    """To stop it at once, or never to start it."""
    URGENT = "urgent"
    """Somebody acts today."""
    ORDER = "order"
    """Words that keep it going, and order its full dose in an emergency."""


class Answers(StrEnum):
    """Which signs an action is about."""

    SIGN_NOW = "sign_now"
    SIGN_TO_COME = "sign_to_come"


class Sex(StrEnum):
    """Sex as entered on the sample sheet."""

    FEMALE = "female"
    MALE = "male"


class FailureReason(StrEnum):
    """Why a drug was given up."""

    LACK_OF_EFFECT = "lack_of_effect"
    SIDE_EFFECT = "side_effect"
    INADEQUATE_TRIAL = "inadequate_trial"
    RASH = "rash"
    SEVERE_SKIN = "severe_skin_or_DRESS"
    LIVER = "liver"
    PANCREATITIS = "pancreatitis"
    WORSENED = "worsened_seizures"
    OTHER = "other"
    UNKNOWN = "unknown"


class CheckOutcome(StrEnum):
    """What a quality check says. Only data that suffice can pass; too few are not assessed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ASSESSED = "not assessed"


class Asked(StrEnum):
    """Who can settle what is not known."""

    LABORATORY = "laboratory"
    IMAGING = "imaging"
    CLINIC = "clinic"
    """Whoever knows the patient completes the clinical entry."""


class FactorSide(StrEnum):
    """What a sign does to a factor of resistance."""

    FOR = "for"
    AGAINST = "against"
    """Only something that is entered and dated speaks against a factor."""
    OPEN = "open"
    """Not given, not assessed, or no answer to what is asked."""
