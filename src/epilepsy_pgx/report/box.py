"""The lines of the urgent box: what is said of several drugs in the same words stands once."""

from collections.abc import Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.report.lines import Line, Part, line_of
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement, without_drugs

_SPELLED = 4
"""Drugs that a sentence may name each time; with commas, for a row of strokes would not break."""


def urgent_lines(
    urgent: Sequence[Statement], drugs: Sequence[DrugPrediction], words: ReportWords
) -> tuple[tuple[Line, str | None], ...]:
    """Return what is urgent in full, each line with the first drug that it is about.

    A line about a few drugs names them wherever its text names the drug, one about more names them
    in front; the order is that of the first statement of each line.
    """
    groups: dict[object, list[tuple[Statement, str]]] = {}
    lines: list[tuple[object, Line, str | None]] = []
    for said in urgent:
        drug = next((d.drug for d in drugs if said in d.statements), None)
        # What belongs to no drug has a chain of evidence of its own to lead to.
        key: object = said if drug is None else _pattern(said, words)
        if drug is not None:
            groups.setdefault(key, []).append((said, drug))
        if drug is None or len(groups[key]) == 1:
            lines.append((key, line_of(said, words), drug))
    told = [
        (_joined([s for s, _ in groups[key]], words) if len(groups.get(key, ())) > 1 else line, to)
        for key, line, to in lines
    ]
    return _asked_once(told, words)


def _asked_once(
    told: Sequence[tuple[Line, str | None]], words: ReportWords
) -> tuple[tuple[Line, str | None], ...]:
    """Say at the end, of all drugs at once, what several lines add in the same words.

    Such as to find out today whether the patient takes the drug.
    """
    by_text: dict[str, list[tuple[Line, str | None]]] = {}
    for line, to in told:
        last = line.statement.further[-1:]
        if to and len(line.parts) > 1 and line.parts[-1].text_ids == last:
            if words.wording.placeholders(last[0]) == {"drug"}:
                by_text.setdefault(last[0], []).append((line, to))
    shared = {text_id: lines for text_id, lines in by_text.items() if len(lines) > 1}
    cut = {id(line) for lines in shared.values() for line, _ in lines}
    kept = [
        (replace(line, parts=line.parts[:-1]) if id(line) in cut else line, to) for line, to in told
    ]
    for text_id, lines in shared.items():
        drugs = dict.fromkeys(d for line, _ in lines for d in line.about or line.statement.drugs)
        shown = words.drugs(tuple(drugs))
        first, to = lines[0]
        (text,) = words.wording.parts(first.statement, shown, (text_id,))
        kept.append(
            (
                replace(first, parts=(Part((text_id,), (text_id,), text),), origin=False, about=()),
                to,
            )
        )
    return tuple(kept)


def _pattern(said: Statement, words: ReportWords) -> tuple[object, ...]:
    values = without_drugs(said.values, said.drugs)
    # Who says it stands behind the line: what others say stands in a line of its own.
    return said.part_ids, values, said.conditional, said.hedged, words.brief_source((said,))


def _joined(several: Sequence[Statement], words: ReportWords) -> Line:
    names = tuple(dict.fromkeys(drug for said in several for drug in said.drugs))
    shown = words.drugs(names)
    if len(names) <= _SPELLED:
        return replace(line_of(several[0], words, shown), about=names)
    line = line_of(several[0], words, words.say("label-each-drug"))
    first, *rest = line.parts
    first = replace(first, text=f"{shown}: {first.text}")
    return replace(line, parts=(first, *rest), about=names)
