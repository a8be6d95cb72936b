"""The wording of a report's messages, for its JSON: no page is made from it."""

from collections.abc import Sequence
from dataclasses import is_dataclass
from functools import lru_cache
from operator import is_not
from typing import Any, get_args, get_type_hints

from epilepsy_pgx.frozen import names_of, replace
from epilepsy_pgx.model import ContextSection, GeneCoverage, Interpretation, PatientReport
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.sharing import OfPart
from epilepsy_pgx.statement import Message, Reason, Statement

_KEEP = (Message, Reason, Statement)
_SAID = (*_KEEP, ContextSection)


_KEPT = 4096
"""Filled statements, reasons and messages that are kept: many stand in the reports of many."""
_LISTS = 64
"""Lists of genes, of which most patients of a batch have the same."""


class Filler:
    """Puts words beside ids and values.

    Parameters
    ----------
    wording
        The language.
    """

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._kept = lru_cache(maxsize=_KEPT)(self._filled_fields)
        # One object for each, so that what is written of it can be kept.
        self._spelled = lru_cache(maxsize=_KEPT)(lambda i: (i, wording.say(i)))
        self._reasons: OfPart[Sequence[GeneCoverage], frozenset[str]] = OfPart(_reasons, _LISTS)

    def report(self, report: PatientReport) -> PatientReport:
        """Return a report with the words of all that it says beside the ids and values."""
        filled: PatientReport = self.filled(report)
        return self.alone(filled)

    def alone(self, report: PatientReport) -> PatientReport:
        """Return a report with the words of ids that stand alone, and of nothing else."""
        return replace(report, texts=tuple(map(self._spelled, sorted(self._alone(report)))))

    def _alone(self, report: PatientReport) -> set[str]:
        """Return the text ids that stand in a report by themselves."""
        found = {i for gene in report.genes for i in gene.caveats}
        for finding in report.findings:
            found |= {*finding.notes, finding.direction_basis}
        found |= self._reasons(report.coverage)
        return found - {"", "."}

    def interpretation(self, said: Interpretation) -> Interpretation:
        """Return what the response stage says with the words beside the ids and values."""
        filled: Interpretation = self.filled(said)
        return filled

    def filled(self, value: Any) -> Any:
        """Return a value with every message in it in words; itself if it can hold none."""
        if isinstance(value, tuple):
            items = list(map(self.filled, value))
            return tuple(items) if any(map(is_not, items, value)) else value
        if isinstance(value, _KEEP):
            return self._kept(value)
        return self._filled_fields(value)

    def _filled_fields(self, value: Any) -> Any:
        changed = {}
        kind: type = type(value)
        for name in _speaking(kind):
            before = getattr(value, name)
            # Most fields are empty: nothing is to be filled, and nothing copied.
            if before and (after := self.filled(before)) is not before:
                changed[name] = after
        match value:
            case Message() | Reason():
                changed["text"] = self._wording.tell(value)
            case Statement():
                changed["text"] = self._wording.sentence(value)
            case ContextSection():
                changed["heading"] = self._wording.say(value.heading_id)
        return replace(value, **changed) if changed else value


def _reasons(coverage: Sequence[GeneCoverage]) -> frozenset[str]:
    return frozenset(c.reason for c in coverage)


@lru_cache(maxsize=128)
def _speaking(kind: type) -> tuple[str, ...]:
    """Return the fields of a class that can hold a message; none of what is no dataclass."""
    if not is_dataclass(kind):
        return ()
    hints = get_type_hints(kind)
    return tuple(name for name in names_of(kind) if _can_speak(hints[name], frozenset()))


def _can_speak(hint: Any, above: frozenset[Any]) -> bool:
    """Say whether a value of a type can hold a message, however deep."""
    if hint in _SAID:
        return True
    if hint in above:
        return False
    above |= {hint}
    inner = list(get_args(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        inner += get_type_hints(hint).values()
    return any(_can_speak(x, above) for x in inner)
