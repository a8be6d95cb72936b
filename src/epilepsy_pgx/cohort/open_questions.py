"""Columns of the table of patients on why drugs failed, and what was not yet done about it."""

from collections.abc import Iterable

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.rows import GeneTherapy
from epilepsy_pgx.response.level_lines import BELOW_TEXTS
from epilepsy_pgx.response.resistance import PATIENT, VERDICTS
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Resistance, Tier

YES, NO = "yes", "no"
_NO_SURGERY = ("none",)
_COMPARED = BELOW_TEXTS | {
    "level-within",
    "level-above",
    "level-above-free",
    "level-disagree",
    "level-disagree-above",
    "level-disagree-below",
    "level-disagree-within",
    "level-alert",
    "level-alert-stopped",
    "level-alert-urgent",
    "level-alert-above",
}
"""Texts on the level of a drug in use that was compared with a range or an alert limit."""


def resistance_of(report: PatientReport) -> Resistance:
    """Return how far the clinical entry shows drug resistance.

    A text that is not known, as of a report of another version, settles nothing.
    """
    found = (s.text_id for s in _context(report) if s.statement_id == PATIENT)
    text_id = next(found, None)
    if text_id is None:
        return Resistance.NOT_GIVEN
    return VERDICTS.get(text_id, Resistance.UNDETERMINED)


def resistant_without_surgery(report: PatientReport) -> str | None:
    """Say whether drugs failed by the definition, and no surgery is entered.

    None where the entry does not settle whether the patient is drug-resistant.
    """
    match resistance_of(report):
        case Resistance.DRUG_RESISTANT:
            return YES if report.clinical.surgery in ((), _NO_SURGERY) else NO
        case Resistance.NOT_SHOWN:
            return NO
    return None


def levels_compared(report: PatientReport) -> tuple[str, ...]:
    """Return the drugs in use of which a level was compared with what the tables hold."""
    return _drugs(s for s in _context(report) if s.text_id in _COMPARED)


def levels_below(report: PatientReport) -> tuple[str, ...]:
    """Return the drugs in use of which a level lies below every range that was read."""
    return _drugs(s for s in _context(report) if s.text_id in BELOW_TEXTS)


def causes_to_act_on(report: PatientReport) -> tuple[str, ...]:
    """Return the genes with a causal variant by which a row of `gene_therapy` asks for action.

    A variant that is only possibly one, or whose class nobody of the laboratory gave, is not.
    """
    return tuple(
        sorted(
            {
                said.statement_id.rpartition(":")[2]
                for said in report.interpretation.monogenic
                if said.tier is Tier.ACT
                and not said.conditional
                # A guideline's row on a gene stands there too, and is none on a cause.
                and any(e.table == GeneTherapy.TABLE for e in said.evidence)
            }
        )
    )


def _context(report: PatientReport) -> Iterable[Statement]:
    return (s for section in report.interpretation.context for s in section.statements)


def _drugs(said: Iterable[Statement]) -> tuple[str, ...]:
    return tuple(sorted({drug for statement in said for drug in statement.drugs}))
