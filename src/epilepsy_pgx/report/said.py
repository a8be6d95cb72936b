"""The rendered wording beside the ids and values, for readers of the JSON."""

from collections.abc import Iterable
from dataclasses import replace

from epilepsy_pgx.model import DrugPrediction, Interpretation, PatientReport
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.statement import Message, Reason, Statement


def fill_texts(report: PatientReport, texts: Wording) -> PatientReport:
    """Return a report in which every statement, reason and message carries its words.

    No page is made from these words: they are made from the ids and values again.
    """
    return replace(report, interpretation=fill_interpretation(report.interpretation, texts))


def fill_interpretation(said: Interpretation, texts: Wording) -> Interpretation:
    """Return what the response stage says, with its words."""
    return replace(
        said,
        drugs=tuple(_drug(d, texts) for d in said.drugs),
        urgent=_statements(said.urgent, texts),
        context=tuple(
            replace(c, heading=texts.say(c.heading_id), statements=_statements(c.statements, texts))
            for c in said.context
        ),
        not_considered=_messages(said.not_considered, texts),
        interactions=_statements(said.interactions, texts),
        adjusted_phenotypes=tuple(
            replace(a, adjusted=_message(a.adjusted, texts), drugs=_messages(a.drugs, texts))
            for a in said.adjusted_phenotypes
        ),
        monogenic=_statements(said.monogenic, texts),
    )


def _drug(drug: DrugPrediction, texts: Wording) -> DrugPrediction:
    return replace(
        drug, statements=_statements(drug.statements, texts),
        safety_notes=_statements(drug.safety_notes, texts),
    )


def _statements(statements: Iterable[Statement], texts: Wording) -> tuple[Statement, ...]:
    return tuple(
        replace(
            s, text=texts.sentence(s), reasons=tuple(_reason(r, texts) for r in s.reasons),
            resolve=_messages(s.resolve, texts),
        )
        for s in statements
    )


def _reason(reason: Reason, texts: Wording) -> Reason:
    return replace(reason, text=texts.tell(reason))


def _message(message: Message, texts: Wording) -> Message:
    return replace(message, text=texts.tell(message))


def _messages(messages: Iterable[Message], texts: Wording) -> tuple[Message, ...]:
    return tuple(_message(m, texts) for m in messages)
