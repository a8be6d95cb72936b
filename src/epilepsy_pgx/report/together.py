"""The drugs taken or planned that are not to be taken together."""

from epilepsy_pgx.model import Interpretation
from epilepsy_pgx.statement import SubjectKind
from epilepsy_pgx.vocabulary import Response


def pairs_to_avoid(found: Interpretation) -> tuple[tuple[str, ...], ...]:
    """Return the drugs that are not to be taken together, each set of them once.

    Most are pairs; a row may be about three drugs.
    """
    said = (*found.interactions, *(s for drug in found.drugs for s in drug.statements))
    pairs = {
        tuple(
            sorted(
                {
                    *statement.drugs,
                    *(
                        name
                        for reason in statement.reasons
                        if reason.subject.kind is SubjectKind.DRUG
                        for name in reason.subject.names
                    ),
                }
            )
        )
        for statement in said
        if statement.response is Response.AVOID_TOGETHER
    }
    return tuple(sorted(pairs))
