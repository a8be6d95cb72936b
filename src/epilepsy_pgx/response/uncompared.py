"""What is entered of how a drug is taken, and held against nothing: it is named, never passed over.

The first doses after a start are compared where a rule on the drug sets steps; a form or a route
where a rule reads it. A new row in the tables makes a drug compared by itself.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from epilepsy_pgx.clinical_entry import ClinicalEntry, DrugExposure
from epilepsy_pgx.reference.conditions.kinds.course import DAYS, TIMES
from epilepsy_pgx.response.rules import Rule
from epilepsy_pgx.statement import Join, Message, Value, ValueKind

STEPS, FORMS = "start-not-compared", "form-not-judged"
"""Texts of first doses, and of forms and routes, that nothing is held against."""
_FORM_OF = "form-of-drug"
_UPPER = ("at_most", "less_than", "between")
_PLAIN = frozenset({"immediate_release", "oral"})
"""What a drug is taken as if nothing is entered."""


class Uncompared:
    """What the rules compare of how each drug is taken.

    Parameters
    ----------
    rules
        The rules on drugs.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._units: dict[str, set[str]] = {}
        self._longest = Decimal(0)
        self._read: set[tuple[str, str]] = set()
        for rule in rules:
            given = [kind for kind in rule.kinds if kind[0] == "given"]
            self._read |= {(rule.subject, word) for kind in given for word in kind[3].split("|")}
            course = [kind for kind in rule.kinds if kind[0] == "course"]
            days = [Decimal(k[3].split("|")[-1]) for k in course if k[1] == DAYS and k[2] in _UPPER]
            units = {kind[1] for kind in course if kind[1] not in TIMES}
            if days and units:
                self._units.setdefault(rule.subject, set()).update(units)
                self._longest = max(self._longest, *days)

    def messages(self, entry: ClinicalEntry) -> Iterator[Message]:
        """Yield what is named of the drugs in use, once for all of them."""
        taken = entry.current or ()
        if steps := dict.fromkeys(i.drug for i in taken if i.known and self._new(i, entry)):
            yield Message(STEPS, (Value("others", tuple(steps), ValueKind.DRUG),))
        if forms := tuple(dict.fromkeys(self._forms(taken))):
            yield Message(FORMS, (Value("forms", join=Join.SEMICOLON, messages=forms),))

    def _new(self, item: DrugExposure, entry: ClinicalEntry) -> bool:
        """Say whether a drug was started of late at a dose that no steps are known for."""
        if item.dose is None or item.start is None or entry.entry_date is None:
            return False
        days = (date.fromisoformat(entry.entry_date) - date.fromisoformat(item.start)).days
        return days <= self._longest and not self._compares(item, entry.weight_kg is not None)

    def _compares(self, item: DrugExposure, weighed: bool) -> bool:
        units = self._units.get(item.drug, set())
        return item.daily_dose is not None and (
            item.daily_dose.unit in units or (bool(units) and weighed)
        )

    def _forms(self, taken: Iterable[DrugExposure]) -> Iterator[Message]:
        for item in taken:
            entered = (item.formulation, item.route)
            words = [w for w in entered if w and w not in _PLAIN and not self._reads(item, w)]
            if words and item.known:
                names = tuple(f"word-{word.replace('_', '-')}" for word in words)
                drug = Value("drug", (item.drug,), ValueKind.DRUG)
                yield Message(_FORM_OF, (drug, Value("forms", names, ValueKind.TEXT)))

    def _reads(self, item: DrugExposure, word: str) -> bool:
        """Say whether a rule on the drug asks for the word, and so has its line."""
        return (item.drug, word) in self._read
