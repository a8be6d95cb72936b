"""The picture of all drugs at a glance: those taken, planned and others, each by its verdict.

Each drug has the sign of its verdict, and the words of the verdict stand in front of its row, so
that colour carries no meaning alone. The same drawing stands on every page; its words are text.
"""

from collections.abc import Collection, Sequence
from functools import partial
from html import escape
from textwrap import wrap

from epilepsy_pgx.model import DrugPrediction, PatientReport
from epilepsy_pgx.report.drugtable import mark
from epilepsy_pgx.report.pageone import RESPONSE_ORDER, Verdict, verdict_of
from epilepsy_pgx.report.view.later import Picture
from epilepsy_pgx.report.view.model import Drawing, Hint
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import Response

WIDTH, LEFT, STEP = 720, 176, 14
"""Units of the picture: its width, where the drugs begin, and the height of a line."""
Rows = tuple[tuple[Verdict, tuple[str, ...]], ...]
"""Verdicts, each with its drugs."""
_HEADINGS = ("heading-current", "label-overview-planned", "label-overview-others")
_LETTERS = 24
"""Letters of a verdict on a line in front of the drugs."""
_CELL, _LONG = 17, 4
"""Letters of a drug that a column holds if there are so many columns."""
_FONTS = "Source Sans 3,DejaVu Sans Mono,sans-serif"
"""The faces of the PDF; the second has the signs."""
_STOP, _WARN, _OK, _OPEN = "#a3121b", "#7a4b00", "#1d5b3a", "#4c5a68"
_COLOURS = {"■": _STOP, "□": _STOP, "▲": _WARN, "△": _WARN, "◆": _WARN, "○": _OK}
"""The colours of the page, for paper that has no style of the page."""


def draw_overview(report: PatientReport, words: ReportWords) -> Picture | None:
    """Return the picture of the drugs of which the page speaks; None if there are none.

    A drug without a verdict is counted unless it is taken or planned.
    """
    drugs = report.interpretation.drugs
    taken = {d.drug for d in report.clinical.current or ()}
    planned = {d.drug for d in report.clinical.planned or ()} - taken
    named = taken | planned
    rows = tuple(
        _rows(some, named)
        for some in (
            [d for d in drugs if d.drug in taken],
            [d for d in drugs if d.drug in planned],
            [d for d in drugs if d.drug not in named],
        )
    )
    # Of many patients the same is drawn: nothing else stands in the picture.
    return words.once("overview", (), rows, partial(_picture, rows, words))


def _picture(groups: tuple[Rows, ...], words: ReportWords) -> Picture | None:
    made = [
        (words.say(heading), [(v, tuple(map(words.drug, names))) for v, names in rows])
        for heading, rows in zip(_HEADINGS, groups, strict=True)
        if rows
    ]
    if not made:
        return None
    title = words.say("label-overview-title")
    told = ". ".join(
        f"{heading}: " + "; ".join(f"{words.verdict(*v)}: {', '.join(n)}" for v, n in rows)
        for heading, rows in made
    )
    parts, height = _drawn(made, words)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'fill="currentColor" font-size="12" font-weight="600" font-family="{_FONTS}">{parts}</svg>'
    )
    return Picture(
        Drawing(svg), Hint(f"{title}: {told}"), f"{title}. {words.say('label-overview-key')}"
    )


def _rows(drugs: Sequence[DrugPrediction], named: Collection[str]) -> Rows:
    """Return each verdict with its drugs, the most cautious first."""
    rows: dict[Verdict, list[str]] = {}
    quiet = 0
    for drug in drugs:
        if drug.response is Response.NO_RULE and drug.drug not in named:
            quiet += 1
        else:
            rows.setdefault(verdict_of(drug), []).append(drug.drug)
    if quiet:
        rows[Verdict(Response.NO_RULE, False)] = [str(quiet)]
    order = sorted(rows, key=lambda v: (RESPONSE_ORDER[v.response], v.conditional))
    return tuple((verdict, tuple(rows[verdict])) for verdict in order)


def _drawn(
    groups: Sequence[tuple[str, Sequence[tuple[Verdict, tuple[str, ...]]]]], words: ReportWords
) -> tuple[str, int]:
    """Return the picture's parts, and how high it is."""
    longest = max(len(name) for _, rows in groups for _, names in rows for name in names)
    columns = max(1, min(_LONG, _LONG * _CELL // longest))
    y, parts = 2, []
    for heading, rows in groups:
        y += STEP
        parts.append(f'<text y="{y}" font-weight="700">{escape(heading)}</text>')
        y += 2
        for verdict, names in rows:
            told = words.verdict(*verdict)
            label, below = wrap(told, _LETTERS), names
            if names[0].isdigit():
                label, below = [f"{told}: {names[0]}"], ()
            parts.append(_row(verdict, label, below, columns, y + STEP))
            y += STEP * max(len(label), -(-len(below) // columns)) + 1
        y += 2
    return "".join(parts), y + 3


def _row(
    verdict: Verdict, label: Sequence[str], names: Sequence[str], columns: int, top: int
) -> str:
    """Return the words of a verdict, and its drugs, each behind its sign."""
    sign, wide = mark(*verdict), (WIDTH - LEFT) // columns
    lines = [[(0, line)] for line in label]
    lines += [[] for _ in range(-(-len(names) // columns) - len(lines))]
    for place, name in enumerate(names):
        lines[place // columns].append((LEFT + wide * (place % columns), f"{sign} {name}"))
    words = "".join(
        f'<text y="{top + STEP * number}">{" ".join(_told(x, text) for x, text in line)}</text>'
        for number, line in enumerate(lines)
    )
    name = verdict.response.replace(" ", "-")
    colour = _COLOURS.get(sign, _OPEN)
    return f'<g class="{name}" color="{colour}" fill="currentColor">{words}</g>'


def _told(x: int, text: str) -> str:
    """Return words at their place; what begins a line needs none."""
    return f'<tspan x="{x}">{escape(text)}</tspan>' if x else escape(text)
