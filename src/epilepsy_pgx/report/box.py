"""The lines of the urgent box: what is said of several drugs in the same words stands once."""

from collections.abc import Sequence
from dataclasses import replace

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.report.lines import Line, line_of
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement, without_drugs


def urgent_lines(
    urgent: Sequence[Statement], drugs: Sequence[DrugPrediction], words: ReportWords
) -> tuple[tuple[Line, str | None], ...]:
    """Return what is urgent in full, each line with the first drug that it is about.

    A line about several drugs names them all wherever its text names the drug; the order is that
    of the first statement of each line.
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
    return tuple(
        (_joined([s for s, _ in groups[key]], words) if len(groups.get(key, ())) > 1 else line, to)
        for key, line, to in lines
    )


def _pattern(said: Statement, words: ReportWords) -> tuple[object, ...]:
    values = without_drugs(said.values, said.drugs)
    # Who says it stands behind the line: what others say stands in a line of its own.
    return said.part_ids, values, said.conditional, said.hedged, words.brief_source((said,))


def _joined(several: Sequence[Statement], words: ReportWords) -> Line:
    names = tuple(dict.fromkeys(drug for said in several for drug in said.drugs))
    return replace(line_of(several[0], words, "/".join(map(words.drug, names))), about=names)
