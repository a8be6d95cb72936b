"""What is asked about a drug outside its own line: by interactions and by the clinical context."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.statement import ReasonKind, Statement, SubjectKind
from epilepsy_pgx.vocabulary import Origin, Tier

__all__ = [
    "ASKS",
    "Meeting",
    "among_planned",
    "asked_beside",
    "asked_in_context",
    "happens",
    "joins_taken",
    "meetings",
    "meets_taken",
    "of_today",
    "parties",
    "said_elsewhere",
    "told_in_context",
    "unspoken_of",
]

ASKS = (Tier.ACT, Tier.CONSIDER)
"""Tiers of what asks for something."""
_SIGN = "sign"
"""Column of the clinical entry that holds what the patient has today."""


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


class Meeting(NamedTuple):
    """What a drug that is taken and one that is planned would do to each other."""

    taken: str
    planned: str
    statement_id: str
    alone: bool
    """True if no line of a drug in use says anything of the drug that is taken."""


def happens(said: Statement) -> bool:
    """Say whether a statement is of drugs that are taken together, and asks for something."""
    return said.tier in ASKS and said.origin is Origin.INTERACTION and not said.conditional


def joins_taken(said: Statement) -> bool:
    """Say whether a statement asks something of a drug beside one that is taken."""
    asks = said.tier in ASKS and said.origin is Origin.INTERACTION
    return asks and bool(parties(said, ReasonKind.TAKING))


def of_today(said: Statement) -> bool:
    """Say whether a statement asks something because of a sign that the patient has now."""
    # A refusal to start is read before the first dose, or it is of no use.
    return said.tier in ASKS and any(_SIGN in reason.subject.names for reason in said.reasons)


def meets_taken(said: Statement) -> bool:
    """Say whether a statement asks something before a planned drug joins one that is taken."""
    return _between(said) and bool(parties(said, ReasonKind.TAKING))


def among_planned(said: Statement) -> bool:
    """Say whether a statement is of planned drugs alone: nobody starts all that is planned."""
    return _between(said) and not parties(said, ReasonKind.TAKING)


def _between(said: Statement) -> bool:
    asks = said.tier in ASKS and said.origin is Origin.INTERACTION
    return asks and bool(parties(said, ReasonKind.PLANNED))


def meetings(report: PatientReport, spoken: Iterable[str]) -> tuple[Meeting, ...]:
    """Return which drugs that are taken meet which that are planned, each pair and row once.

    Parameters
    ----------
    spoken
        Drugs of which a line of the drugs in use says something.
    """
    known = set(spoken)
    found = {
        Meeting(taken, planned, said.statement_id, taken not in known)
        for said in _all_statements(report)
        if meets_taken(said)
        for taken in parties(said, ReasonKind.TAKING)
        for planned in parties(said, ReasonKind.PLANNED)
    }
    return tuple(sorted(found))


def unspoken_of(report: PatientReport) -> tuple[str, ...]:
    """Return the known drugs of the medication list that no line of the current drugs names."""
    listed = report.clinical.current or ()
    taken = {x.drug for x in listed if x.known}
    spoken = {d.drug for d in report.interpretation.drugs} | asked_beside(report).keys()
    said = [s for d in report.interpretation.drugs if d.drug in taken for s in d.statements]
    said += [s for section in report.interpretation.context for s in section.statements]
    spoken |= {
        name
        for statement in said
        if statement.tier in ASKS
        for reason in statement.reasons
        if reason.subject.kind is SubjectKind.DRUG
        for name in reason.subject.names
    }
    return tuple(dict.fromkeys(x.drug for x in listed if x.known and x.drug not in spoken))


def said_elsewhere(report: PatientReport) -> set[str]:
    """Return the drugs that any statement of a report names, however little it asks for."""
    return {
        name
        for said in _all_statements(report)
        for names in (
            said.drugs,
            *(r.subject.names for r in said.reasons if r.subject.kind is SubjectKind.DRUG),
        )
        for name in names
    }


def _all_statements(report: PatientReport) -> Iterator[Statement]:
    found = report.interpretation
    for drug in found.drugs:
        yield from drug.statements
    yield from found.interactions
    for section in found.context:
        yield from section.statements
