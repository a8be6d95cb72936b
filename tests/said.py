"""The response stage with its words, for tests that read sentences."""

from epilepsy_pgx.model import Interpretation, PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.said import Filler
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.engine import ResponseEngine
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.statement import Statement


class SpeakingEngine(ResponseEngine):
    """An engine whose statements carry their words."""

    def __init__(self, ref: Reference, language: str = "en") -> None:
        super().__init__(ref)
        self.wording = Wording(ref, language)
        self._filler = Filler(self.wording)

    def interpret_facts(self, facts: PatientFacts) -> Interpretation:
        return self._filler.interpretation(super().interpret_facts(facts))


def fill_texts(report: PatientReport, wording: Wording) -> PatientReport:
    return Filler(wording).report(report)


def reasons_of(statement: Statement) -> tuple[str, ...]:
    return tuple(reason.text for reason in statement.reasons)


def resolve_of(statement: Statement) -> str:
    return " ".join(message.text for message in statement.resolve)
