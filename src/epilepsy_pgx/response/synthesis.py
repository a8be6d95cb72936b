"""One line per drug from everything that was said about it. Safety outranks benefit.

Doses are never merged: guidelines that differ stay separate statements. `standard dosing`
survives only where every deciding gene is settled and nothing else was said; `may favour` only
where the genes that guard the drug's safety are settled and silent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.response.deciding import Deciding, missing_statements
from epilepsy_pgx.response.facts import OTHERS_ORGANS, PatientFacts
from epilepsy_pgx.response.rules import TIERS, WARNINGS, merge_repeats, order, weight
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import GeneStatus, Origin, Response, Tier

MATURE_YEARS = 2
"""Below this age drug-metabolising enzymes are still maturing, so no usual dose is confirmed."""
REASSURING = (Response.STANDARD, Response.MAY_FAVOUR)
_BLOCKS_BENEFIT = WARNINGS | {Response.ADJUST_DOSE, Response.CONSIDER_ALTERNATIVE}


@dataclass(frozen=True, slots=True)
class DrugInfo:
    """What the drugs table says about a drug that needs no patient."""

    drug: str
    drug_class: str
    groups: tuple[str, ...]


def keep_allowed(
    statements: Sequence[Statement],
    status: Mapping[Deciding, GeneStatus],
    *,
    unsettled: bool,
    immature: bool = False,
) -> list[Statement]:
    """Drop reassuring lines that the rest of the evidence does not carry.

    Parameters
    ----------
    statements
        Everything that fired for one drug.
    status
        How far each deciding gene was assessed.
    unsettled
        True if something in the clinical entry speaks against reassurance.
    immature
        True at an age at which the genotype does not yet tell the phenotype.
    """
    warned = any(s.response in _BLOCKS_BENEFIT for s in statements)
    interacts = any(s.response is Response.INTERACTION for s in statements)
    open_genes = any(s is not GeneStatus.COMPLETE for s in status.values())
    open_safety = any(
        s is not GeneStatus.COMPLETE for item, s in status.items() if item.blocks_benefit
    )
    kept = []
    for statement in statements:
        if statement.response is Response.STANDARD:
            if warned or interacts or open_genes or unsettled or immature or statement.conditional:
                continue
        elif statement.response is Response.MAY_FAVOUR:
            if warned or open_safety or unsettled:
                continue
        elif statement.response is Response.NO_RULE and statement.tier is Tier.NONE:
            if warned or unsettled:
                continue
        kept.append(statement)
    return kept


def predict_drug(
    info: DrugInfo,
    fired: Sequence[Statement],
    vague: Sequence[Statement],
    status: Mapping[Deciding, GeneStatus],
    facts: PatientFacts,
    notes: tuple[Statement, ...],
    nothing: Statement,
) -> DrugPrediction:
    """Return the prediction for one drug.

    Parameters
    ----------
    info
        The drug.
    fired
        Statements of rules and interactions, in any order.
    vague
        Those of them that rest on a gene of which nearly everything is missing: printed last,
        and never the line's verdict while anything else is said.
    status
        How far each of the drug's deciding genes was assessed.
    facts
        The patient.
    notes
        Label and regulatory facts that hold whatever the genotype.
    nothing
        The line that says that no rule exists or fired.
    """
    unsettled = any(
        s.origin is Origin.CLINICAL and s.response in _BLOCKS_BENEFIT for s in fired
    ) or facts.clinical.transplant in OTHERS_ORGANS
    age = facts.clinical.age_years
    statements = keep_allowed(
        fired, status, unsettled=unsettled, immature=age is not None and age < MATURE_YEARS
    )
    statements += missing_statements(status, facts)
    if not statements:
        statements = [nothing]
    if facts.takes(info.drug) or facts.may_take(info.drug):
        # Of a drug in use the most cautious possibility is said first, however open the gene is.
        vague = ()
    firm = [s for s in statements if s not in vague]
    statements = [*order(merge_repeats(firm)), *order([s for s in statements if s in vague])]
    judged = firm or statements
    lead = min(judged, key=weight)
    tier = min((s.tier for s in judged), key=TIERS.index)
    return DrugPrediction(
        drug=info.drug, drug_class=info.drug_class, response=lead.response, tier=tier,
        exposure=facts.exposure(info.drug), statements=tuple(statements),
        deciding=tuple((item.gene, state) for item, state in status.items()),
        not_assessed=tuple(
            item.gene for item, state in status.items() if state is not GeneStatus.COMPLETE
        ),
        safety_notes=notes,
    )
