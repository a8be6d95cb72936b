"""What is asked about a drug outside its own line: by interactions and by the clinical context."""

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Tier

__all__ = ["ASKS", "asked_beside", "asked_in_context", "parties", "told_in_context"]

ASKS = (Tier.ACT, Tier.CONSIDER)
"""Tiers of what asks for something."""


def asked_beside(report: PatientReport) -> dict[str, list[Statement]]:
    """Return the interactions that ask for something, by the drug that they are about."""
    by_drug: dict[str, list[Statement]] = {}
    for statement in report.interpretation.interactions:
        for drug in statement.drugs:
            if statement.tier in ASKS:
                by_drug.setdefault(drug, []).append(statement)
    return by_drug


def asked_in_context(report: PatientReport) -> dict[str, list[Statement]]:
    """Return what the clinical context asks about a drug that is planned, by the drug."""
    return _in_context(report, ReasonKind.PLANNED)


def told_in_context(report: PatientReport) -> dict[str, list[Statement]]:
    """Return what the clinical context asks about a drug that is taken, by the drug."""
    return _in_context(report, ReasonKind.TAKING)


def _in_context(report: PatientReport, kind: ReasonKind) -> dict[str, list[Statement]]:
    by_drug: dict[str, list[Statement]] = {}
    for section in report.interpretation.context:
        for statement in section.statements:
            if statement.tier in ASKS:
                for name in sorted(parties(statement, kind)):
                    by_drug.setdefault(name, []).append(statement)
    return by_drug


def parties(statement: Statement, kind: ReasonKind = ReasonKind.PLANNED) -> set[str]:
    """Return the drugs that a statement names as planned, or as taken."""
    return {
        name for reason in statement.reasons if reason.kind is kind for name in reason.subject.names
    }
