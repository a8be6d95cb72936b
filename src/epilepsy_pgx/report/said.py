"""The wording of a report's messages, for its JSON: no page is made from it."""

from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from operator import is_not
from typing import Any, get_args, get_type_hints

from epilepsy_pgx.model import ContextSection, Interpretation, PatientReport
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.statement import Message, Reason, Statement

_SAID = (Message, Reason, Statement, ContextSection)


def fill_texts(report: PatientReport, wording: Wording) -> PatientReport:
    """Return a report with the words of all that it says beside the ids and values."""
    filled: PatientReport = _filled(report, wording)
    return replace(filled, texts=tuple((i, wording.say(i)) for i in sorted(_alone(report))))


def fill_interpretation(said: Interpretation, wording: Wording) -> Interpretation:
    """Return what the response stage says with the words beside the ids and values."""
    filled: Interpretation = _filled(said, wording)
    return filled


def _alone(report: PatientReport) -> set[str]:
    """Return the text ids that stand in a report by themselves."""
    found = {i for gene in report.genes for i in gene.caveats}
    for finding in report.findings:
        found |= {*finding.notes, finding.direction_basis}
    found |= {c.reason for c in report.coverage}
    return found - {"", "."}


def _filled(value: Any, wording: Wording) -> Any:
    """Return a value with every message in it in words; itself if it can hold none."""
    if isinstance(value, tuple):
        items = [_filled(item, wording) for item in value]
        return tuple(items) if any(map(is_not, items, value)) else value
    changed = {}
    kind: type = type(value)
    for name in _speaking(kind):
        before = getattr(value, name)
        # Most fields are empty: nothing is to be filled, and nothing copied.
        if before and (after := _filled(before, wording)) is not before:
            changed[name] = after
    match value:
        case Message() | Reason():
            changed["text"] = wording.tell(value)
        case Statement():
            changed["text"] = wording.sentence(value)
        case ContextSection():
            changed["heading"] = wording.say(value.heading_id)
    return replace(value, **changed) if changed else value


@lru_cache(maxsize=128)
def _speaking(kind: type) -> tuple[str, ...]:
    """Return the fields of a class that can hold a message; none of what is no dataclass."""
    if not is_dataclass(kind):
        return ()
    hints = get_type_hints(kind)
    return tuple(f.name for f in fields(kind) if _can_speak(hints[f.name], frozenset()))


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
