"""The verdict on a drug in use is no weaker than what the lines of its partners say of it.

An interaction stands in the line of the drug that it acts on. The one that acts would else read as
one of which no rule speaks, beside an order that it is not to be taken together with the other.
"""

from collections.abc import Iterable, Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.response.ordering import INTERACTING, SEVERITY
from epilepsy_pgx.statement import (
    Join,
    Reason,
    ReasonKind,
    Statement,
    Subject,
    SubjectKind,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import Origin, Response, Tier

_SEE = "interaction-see-partner"
_QUIET = (Response.STANDARD, Response.NO_RULE)
_ASKS = (Tier.ACT, Tier.CONSIDER)


def raise_partners(
    drugs: Sequence[DrugPrediction], between: Iterable[Statement]
) -> tuple[DrugPrediction, ...]:
    """Return the lines, with a word on what the line of another drug in use says of the drug.

    Parameters
    ----------
    drugs
        The lines of all drugs.
    between
        Interactions, each about the drug that it acts on.
    """
    acting: dict[str, list[Statement]] = {}
    for said in between:
        if said.response in INTERACTING and said.tier in _ASKS and not said.conditional:
            for drug in _taken_in(said) - set(said.drugs):
                acting.setdefault(drug, []).append(said)
    return tuple(_raised(line, acting.get(line.drug, ())) for line in drugs)


def _taken_in(said: Statement) -> set[str]:
    return {n for r in said.reasons if r.kind is ReasonKind.TAKING for n in r.subject.names}


def _raised(line: DrugPrediction, said: Sequence[Statement]) -> DrugPrediction:
    """Return a line whose verdict is at least the gravest of what other lines say of the drug."""
    if not said:
        return line
    response = min((s.response for s in said), key=SEVERITY.__getitem__)
    weaker = SEVERITY[line.response] > SEVERITY[response]
    # A missing test asks for more than an interaction that the other line settles.
    if not weaker or (response is not Response.AVOID_TOGETHER and line.response not in _QUIET):
        return line
    gravest = [s for s in said if s.response is response]
    names = tuple(sorted({d for s in gravest for d in s.drugs}))
    word = Statement(
        statement_id=f"{_SEE}:{line.drug}",
        text_id=_SEE,
        tier=Tier.CONTEXT,
        response=response,
        origin=Origin.INTERACTION,
        reasons=(
            Reason(
                ReasonKind.TAKING,
                Subject(SubjectKind.DRUG, names),
                (Value("drugs", names, ValueKind.DRUG, Join.COMMA),),
            ),
        ),
        evidence=tuple(dict.fromkeys(e for s in gravest for e in s.evidence)),
        values=(Value("partners", names, ValueKind.DRUG, Join.COMMA),),
        drugs=(line.drug,),
    )
    kept = [s for s in line.statements if s.response not in _QUIET or s.tier is not Tier.NONE]
    tier = Tier.CONTEXT if line.tier is Tier.NONE else line.tier
    return replace(line, response=response, tier=tier, statements=(word, *kept))
