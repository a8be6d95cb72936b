"""One line per drug from everything that was said about it. Safety outranks benefit.

Doses are never merged: guidelines that differ stay separate statements. `standard dosing`
survives only where every deciding gene is settled and nothing else was said; `may favour` only
where the genes that guard the drug's safety are settled and silent.
"""

from collections.abc import Sequence
from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.response.deciding import Deciding, GeneAssessment
from epilepsy_pgx.response.facts import OTHERS_ORGANS, PatientFacts
from epilepsy_pgx.response.ordering import INTERACTING, TIERS, merge_repeats, order, weight
from epilepsy_pgx.response.rules import WARNINGS, capped
from epilepsy_pgx.statement import Evidence, Statement, SubjectKind
from epilepsy_pgx.vocabulary import Exposure, GeneStatus, Origin, Response, Tier

MATURE_YEARS = 2
"""Below this age drug-metabolising enzymes are still maturing, so no usual dose is confirmed."""
REASSURING = (Response.STANDARD, Response.MAY_FAVOUR)
_PROPOSED = (Response.MAY_FAVOUR, Response.ADJUST_DOSE)
"""Of a drug of which this is said, somebody may write a prescription today."""
_SILENT = (Response.STANDARD, Response.NO_RULE)
_ASKS = (Tier.ACT, Tier.CONSIDER)
_BLOCKS_BENEFIT = WARNINGS | {Response.ADJUST_DOSE, Response.CONSIDER_ALTERNATIVE}


@dataclass(frozen=True, slots=True)
class DrugInfo:
    """What the drugs table says about a drug that needs no patient."""

    drug: str
    drug_class: str
    groups: tuple[str, ...]


def proposes(statement: Statement) -> bool:
    """Say whether somebody may write a prescription today for a drug of which this is said."""
    return statement.response in _PROPOSED


def keep_allowed(
    statements: Sequence[Statement],
    items: Sequence[Deciding],
    assessments: Sequence[GeneAssessment],
    *,
    unsettled: bool,
    immature: bool = False,
) -> list[Statement]:
    """Drop reassuring lines that the rest of the evidence does not carry.

    Parameters
    ----------
    statements
        Everything that fired for one drug.
    items, assessments
        The deciding genes, and what is known of each.
    unsettled
        True if something in the clinical entry speaks against reassurance.
    immature
        True at an age at which the genotype does not yet tell the phenotype.
    """
    warned = any(s.response in _BLOCKS_BENEFIT for s in statements)
    interacts = any(s.response in INTERACTING for s in statements)
    # Any missing gene rules "standard dosing" out; one that guards safety, the benefit too.
    unknown = [
        item
        for item, known in zip(items, assessments, strict=True)
        if known.status is not GeneStatus.COMPLETE
    ]
    open_safety = any(item.blocks_benefit for item in unknown)
    kept = []
    for statement in statements:
        if statement.response is Response.STANDARD:
            if warned or interacts or unknown or unsettled or immature or statement.conditional:
                continue
        elif statement.response is Response.MAY_FAVOUR:
            if warned or open_safety or unsettled:
                continue
        elif statement.response is Response.NO_RULE and statement.tier is Tier.NONE:
            if warned or unsettled:
                continue
        kept.append(statement)
    return kept


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that speaks about one drug of one patient."""

    fired: Sequence[Statement]
    """Statements of rules and interactions, in any order."""
    vague: Sequence[Statement]
    """Those of them that rest on a gene of which nearly everything is missing: printed last, and
    never the line's verdict while anything else is said."""
    add_on: Sequence[Statement]
    """What the drug, which is not taken, and those taken would do to each other: never the
    line's verdict while anything else is said, and no more than context unless the drug is
    planned or proposed, or its dose is."""
    missing: Sequence[Statement]
    """The lines about deciding genes that are not known in full."""
    notes: tuple[Statement, ...]
    """Label and regulatory facts that hold whatever the genotype."""


class Situation(NamedTuple):
    """What of a patient bears on a drug's line besides what is said of the drug."""

    foreign_organ: bool
    """True if an organ of somebody else makes the genotype doubtful."""
    immature: bool
    """True at an age at which the genotype does not yet tell the phenotype."""
    failed: bool
    in_use: bool
    """True if the drug is taken, or may be."""
    planned: bool
    exposure: Exposure


def situation_of(drug: str, facts: PatientFacts) -> Situation:
    """Return a patient's situation with a drug."""
    age = facts.clinical.age_years
    return Situation(
        facts.clinical.transplant in OTHERS_ORGANS,
        age is not None and age < MATURE_YEARS,
        facts.has_failed(drug),
        facts.takes(drug) or facts.may_take(drug),
        drug in facts.planned,
        facts.exposure(drug),
    )


def predict_drug(
    info: DrugInfo,
    spoken: Spoken,
    items: Sequence[Deciding],
    assessments: Sequence[GeneAssessment],
    situation: Situation,
    nothing: Statement,
) -> DrugPrediction:
    """Return the prediction for one drug about which something was said.

    Parameters
    ----------
    info
        The drug.
    spoken
        What speaks about it.
    items, assessments
        The drug's deciding genes, and what is known of each.
    situation
        What of the patient bears on it besides.
    nothing
        The line that says that no rule exists or fired.
    """
    fired, vague = spoken.fired, spoken.vague
    unsettled = situation.foreign_organ or any(
        s.origin is Origin.CLINICAL and s.response in _BLOCKS_BENEFIT for s in fired
    )
    kept = keep_allowed(fired, items, assessments, unsettled=unsettled, immature=situation.immature)
    if situation.failed:
        # Nobody favours a drug that was tried in earnest and did not help, or did harm.
        kept = [s for s in kept if s.response is not Response.MAY_FAVOUR]
    if situation.in_use:
        # Of a drug in use the most cautious possibility is said first, however open the gene is.
        vague = ()
    add_on = list(spoken.add_on)
    # Nobody is about to start it: what it would do then is worth knowing, not acting on.
    if not situation.planned and not any(map(proposes, kept)):
        kept, add_on = list(map(_if_started, kept)), list(map(_if_started, add_on))
    if add_on:
        kept = [s for s in kept if s.response is not Response.STANDARD]
    missing = _still_open(spoken.missing, kept)
    said, vague = [*kept, *missing, *add_on], [*vague, *add_on]
    # Of two drugs that are not to be taken together, one of which is planned, this is the word.
    vague = [s for s in vague if s.response is not Response.AVOID_TOGETHER]
    return make_line(
        info, said or [nothing], vague, items, assessments, situation.exposure, spoken.notes
    )


def _still_open(missing: Sequence[Statement], said: Sequence[Statement]) -> list[Statement]:
    """Return the lines on deciding genes, without genes whose result contraindicates the drug.

    However little else was read of such a gene, nothing more is to be tested for this drug.
    """
    settled = {
        reason.subject.gene or name
        for s in said
        if s.response is Response.CONTRAINDICATED and not s.conditional
        for reason in s.reasons
        if reason.subject.kind in (SubjectKind.GENE, SubjectKind.VARIANT)
        for name in reason.subject.names
    }
    asked = [(s, {name for r in s.reasons for name in r.subject.names}) for s in missing]
    return [s for s, genes in asked if not genes or not genes <= settled]


def _if_started(statement: Statement) -> Statement:
    """Return an interaction with a drug that nobody takes or proposes as context."""
    if statement.origin is not Origin.INTERACTION or not statement.conditional:
        return statement
    return replace(statement, tier=capped(statement.tier, Tier.CONTEXT))


def nothing_line(info: DrugInfo, has_rules: bool, source: str) -> Statement:
    """Return the line of a drug of which nothing is said: no rule exists, or none fired."""
    return Statement(
        statement_id=f"drug-no-finding:{info.drug}",
        text_id="drug-nothing-fired" if has_rules else "drug-no-rule",
        tier=Tier.NONE,
        response=Response.NO_RULE,
        origin=Origin.GENOTYPE,
        reasons=(),
        evidence=(Evidence(source, ".", (), "drugs", info.drug),),
        drugs=(info.drug,),
    )


def _rate(lead: Statement, rated: Sequence[Statement]) -> tuple[Response, Tier]:
    """Return the verdict of a line and its tier, from what leads and what counts beside it."""
    tiers = [s.tier for s in rated]
    response = lead.response
    idle = response is Response.MAY_FAVOUR and lead.tier not in _ASKS
    if (response in _SILENT or idle) and any(tier in _ASKS for tier in tiers):
        # What informs of the drug, such as a boxed warning, names no verdict and asks for care;
        # praise that asks for nothing is not the word above it.
        response = Response.CAUTION
    if response in WARNINGS:
        # A hospital's row may warn and name no level: the line is no quieter than one without it.
        tiers.append(Tier.CONTEXT)
    return response, min(tiers, key=TIERS.index)


def make_line(
    info: DrugInfo,
    statements: Sequence[Statement],
    vague: Sequence[Statement],
    items: Sequence[Deciding],
    assessments: Sequence[GeneAssessment],
    exposure: Exposure,
    notes: tuple[Statement, ...],
) -> DrugPrediction:
    """Return a drug's line from what is said; of the patient it knows nothing else.

    Parameters
    ----------
    statements
        All that is said, in any order.
    exposure
        The patient's history with the drug.
    """
    firm = [s for s in statements if s not in vague] if vague else statements
    ordered = order(merge_repeats(firm))
    if vague:
        ordered += order([s for s in statements if s in vague])
    # A line must have a verdict even if everything that is said about the drug is vague.
    rated = firm or statements
    lead = min(rated, key=weight)
    if lead.response not in WARNINGS:
        # A certain warning is the word however strongly something milder asks.
        certain = [s for s in rated if s.response in WARNINGS and not s.conditional]
        lead = min(certain or rated, key=weight)
    if lead.response in _SILENT and any(
        s.tier in _ASKS or s.response in INTERACTING for s in vague
    ):
        # Neither reassurance nor silence is the word above a line that asks for something, nor
        # "no rule" above one that a row gives.
        rated = statements
        lead = min(rated, key=weight)
    response, tier = _rate(lead, rated)
    states = tuple(
        (item.gene, known.status) for item, known in zip(items, assessments, strict=True)
    )
    return DrugPrediction(
        drug=info.drug,
        drug_class=info.drug_class,
        response=response,
        tier=tier,
        exposure=exposure,
        statements=ordered,
        deciding=states,
        not_assessed=tuple(gene for gene, state in states if state is not GeneStatus.COMPLETE),
        safety_notes=notes,
    )
