"""The drugs taken or planned that are not to be taken: together, or without a line of their own."""

from epilepsy_pgx.model import Interpretation, PatientReport
from epilepsy_pgx.report.asked import asked_in_context, told_in_context
from epilepsy_pgx.statement import SubjectKind
from epilepsy_pgx.vocabulary import Response

AVOID = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)
"""Verdicts on one drug that speak against it."""


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


def others_to_avoid(report: PatientReport) -> dict[str, bool]:
    """Return the medicines that the clinical context speaks against, and whether that is open.

    They are taken or planned, and are no anti-seizure drugs: no line of the drug table has them.
    """
    lines = {line.drug for line in report.interpretation.drugs}
    found: dict[str, bool] = {}
    for by_drug in (told_in_context(report), asked_in_context(report)):
        for drug, statements in by_drug.items():
            against = [s.conditional for s in statements if s.response in AVOID]
            if against and drug not in lines:
                found[drug] = found.get(drug, True) and all(against)
    return dict(sorted(found.items()))
