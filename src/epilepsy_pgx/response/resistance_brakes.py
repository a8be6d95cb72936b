"""What of the entry is settled before drug resistance is taken as met.

None of it takes a trial away: it stands behind the line, and says what to ask first.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.reference.units import Units
from epilepsy_pgx.response.trial_doubts import LowestDoses
from epilepsy_pgx.statement import Value, ValueKind

_MISSED = {
    "not_taken": "resistance-not-taken",
    "often_missed": "resistance-often-missed",
    "sometimes_missed": "resistance-sometimes-missed",
}
"""Words of the entry under which the seizures of now say little of a drug, and what is said."""
_NOT_TAKEN = "not_taken"
_PROVOKING = ("alcohol_withdrawal", "sedatives")
"""Words of the entry for what provokes seizures when it is stopped."""


@dataclass(frozen=True, slots=True)
class Brakes:
    """What is settled first."""

    missed: str | None = None
    """The word of the entry, if it says that doses are not taken, or missed."""
    measured: bool = False
    """True if a level that could be measured contradicts that the doses are not taken."""
    provoked: tuple[str, ...] = ()
    """Words of the entry for what provokes seizures."""
    diagnosis: tuple[str, ...] = ()
    """Texts on diagnoses that may themselves be why the drugs fail, such as an inflammation."""
    unjudged: tuple[str, ...] = ()
    """Drugs whose trials count, and whose dose nothing here can judge."""

    def texts(self, counted: bool, met: bool) -> Iterator[str]:
        """Yield the texts on what is settled first; only trials that count need them.

        Parameters
        ----------
        counted
            True if a trial counts.
        met
            True if the definition is met by those that do.
        """
        if not counted:
            return
        yield from self.diagnosis
        if self.missed is not None:
            yield _MISSED[self.missed]
        if self.measured:
            yield "resistance-taken-after-all"
        if self.provoked:
            yield "resistance-provoked"
        if met and self.unjudged:
            yield "resistance-dose-unjudged"

    def values(self, counted: bool, met: bool) -> Iterator[Value]:
        """Yield what the texts name."""
        if counted and self.provoked:
            yield Value("provoked", self.provoked, ValueKind.SIGN)
        if met and self.unjudged:
            yield Value("unjudged", self.unjudged, ValueKind.DRUG)


def brakes(
    clinical: ClinicalEntry,
    counted: Collection[str],
    units: Units,
    doses: LowestDoses,
    settle: Mapping[str, str] = MappingProxyType({}),
) -> Brakes:
    """Return what is settled before drug resistance is taken as met.

    Parameters
    ----------
    counted
        The drugs whose trials count.
    units
        The units of the data package.
    doses
        The doses below which a trial of this patient is asked about.
    settle
        By syndrome, the text on what is settled first.
    """
    levels = [level for item in clinical.current or () for level in item.levels]
    measurable = any(not level.undetected and level.quantity.value > 0 for level in levels)
    given = {item.drug: item.highest_dose for item in clinical.failed or ()}
    given |= {item.drug: item.daily_dose for item in clinical.current or ()}
    missed = clinical.adherence if clinical.adherence in _MISSED else None

    def judged(drug: str) -> bool:
        dose = given.get(drug)
        return dose is not None and doses.compare(drug, dose, units) is not None

    return Brakes(
        missed,
        missed == _NOT_TAKEN and measurable,
        tuple(word for word in _PROVOKING if word in clinical.alcohol_drugs),
        tuple(dict.fromkeys(settle[word] for word in clinical.syndromes if word in settle)),
        () if doses.adult else tuple(drug for drug in counted if not judged(drug)),
    )
