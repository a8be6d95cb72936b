"""How high page one is, from the words that it prints and the style in which they are set."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report import pageone
from epilepsy_pgx.report.advances import Run, lines_of, width_of
from epilepsy_pgx.report.evidence import EvidenceList
from epilepsy_pgx.report.papers import SIZE, Sheet, Style
from epilepsy_pgx.report.view.build import tell_fields, tell_issued, tell_status
from epilepsy_pgx.report.view.first import (
    tell_beside,
    tell_current,
    tell_monogenic,
    tell_page_one,
    tell_starting,
)
from epilepsy_pgx.report.view.model import Entry, Field, Said, Signatures, Summary, Urgent
from epilepsy_pgx.report.view.words import Teller
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.sharing import OfParts
from epilepsy_pgx.statement import Statement

_NUMBER = "E999"
"""What stands for the number of a chain of evidence, which is not known yet."""


class Block(NamedTuple):
    """What is set below what stands above it; of two distances the larger one counts."""

    height: float
    above: float
    below: float


class _Unnumbered(Teller):
    """Puts statements into words before their evidence is numbered."""

    def number(self, statement: Statement) -> None:
        """Return no number."""


class Heights:
    """Tells how much room page one of a report takes on a sheet."""

    def __init__(self, report: PatientReport, words: ReportWords, sheet: Sheet) -> None:
        self._report, self._words, self._sheet = report, words, sheet
        self._teller = _Unnumbered(report, words, EvidenceList(report, words))
        self._status = tell_status(report, words)
        self._fixed: dict[bool, tuple[list[Block], list[Block]]] = {}
        self._once = OfParts()
        """Of many plans of a page most parts are the same objects: each is measured once."""

    def lines(self, plan: "pageone.PageOne") -> float:
        """Return the lines of the sheet that a page takes."""
        style = self._sheet.dense if plan.dense else self._sheet.plain
        if plan.dense not in self._fixed:
            self._fixed[plan.dense] = self._around(plan, style)
        head, foot = self._fixed[plan.dense]
        used = style.fixed + _stacked((*head, *self._between(plan, style), *foot))
        # What is printed densely has other margins, and so another height.
        return (used + self._sheet.plain.height - style.height) / self._sheet.plain.line

    def _around(self, plan: "pageone.PageOne", style: Style) -> tuple[list[Block], list[Block]]:
        """Return what stands above the drugs and below the clinical context."""
        report, words = self._report, self._words
        page = tell_page_one(report, plan, self._teller)
        issued = tell_issued(report, words)
        head = [_title(words.say("heading-report"), issued, self._status, style)]
        head += [_fields(tell_fields(report, words), style), *_summary(page.summary, style)]
        if page.signatures.amended:
            head.append(_par(((page.signatures.amended, True),), style))
        if report.not_reportable:
            head.append(_boxed([_plain(words.tell(x)) for x in report.not_reportable], style))
        if page.urgent:
            head.append(_urgent(page.urgent, style))
        foot = []
        if page.factors:
            foot.append(_label(page.factors, style))
        if page.next_steps:
            foot.append(_heading(style))
            rows = [((f"{row.label}:", True), (row.value, False)) for row in page.next_steps.rows]
            foot += _listed(rows, style, numbered=True)
        limits = page.limits
        told = ((" ".join((*limits.gaps, limits.text)), False),)
        foot += _headed(limits.heading, [told], style)
        foot += [_par(((f"{limits.mark} {x}", False),), style) for x in limits.warnings]
        return head, [*foot, *_signed(page.signatures, style)]

    def _between(self, plan: "pageone.PageOne", style: Style) -> Iterator[Block]:
        """Yield what stands between; it is there that lines give way."""
        yield from self._current(plan, style)
        yield from self._starting(plan, style)
        yield from self._once(
            "cause",
            (plan.findings, plan.monogenic, plan.read, style),
            plan.more_findings,
            lambda: [*self._cause(plan, style)],
        )
        if plan.context:
            yield from self._once(
                "context", (plan.context, style), (), lambda: [*self._context(plan, style)]
            )

    def _context(self, plan: "pageone.PageOne", style: Style) -> Iterator[Block]:
        context = [_plain(x.text) for x in plan.context]
        yield from _headed(self._words.say("heading-context"), context, style)

    def _current(self, plan: "pageone.PageOne", style: Style) -> list[Block]:
        # Which drugs in use are named without a line hangs on what is said of planned drugs.
        starting = plan.starting if plan.meetings else ()
        above = self._once(
            "current", (plan.current, style), (), lambda: [*self._taken(plan, style)]
        )
        below = self._once(
            "beside",
            (plan.meetings, plan.behind, plan.silent, starting, style),
            (plan.dense, plan.pairs_behind),
            lambda: [
                _par(((x.label, True), (x.value, False)), style)
                for x in tell_beside(self._report, plan, self._words)
            ],
        )
        return [*above, *below]

    def _taken(self, plan: "pageone.PageOne", style: Style) -> Iterator[Block]:
        current = tell_current(self._report, plan, self._teller)
        yield _heading(style)
        for text in (current.listed, current.note):
            if text:
                yield _par(_plain(text), style)
        yield from self._entries(current.entries, style)

    def _starting(self, plan: "pageone.PageOne", style: Style) -> Iterator[Block]:
        starting = tell_starting(self._report, plan, self._teller)
        yield _heading(style)
        if starting.not_judged:
            label, value = starting.not_judged.label, starting.not_judged.value
            yield _par(((label, True), (value, False)), style)
        if starting.entries:
            yield from self._entries(starting.entries, style)
        else:
            yield _par(_plain(starting.nothing), style)
        if starting.left_out:
            counts = "; ".join(x.text for x in starting.left_out.counts)
            yield _par(((starting.left_out.label, True), (counts, False)), style)
        if gates := starting.required_tests:
            heading = f"{gates.mark} {gates.heading}"
            yield from self._once(
                "gates",
                (plan.required_tests, style),
                (),
                lambda: [*_gates(heading, gates.rows, style)],
            )

    def _entries(self, entries: Iterable[Entry], style: Style) -> Iterator[Block]:
        for entry in entries:
            yield self._words.once("height", (entry, style), (), partial(_entry, entry, style))

    def _cause(self, plan: "pageone.PageOne", style: Style) -> Iterator[Block]:
        told = tell_monogenic(plan, self._teller)
        yield _heading(style)
        for found in told.findings:
            classes = " ".join(f"({c.text}: {c.who})" for c in found.classes)
            yield _par(
                (
                    (found.gene, True),
                    (f"{' '.join(found.names)}, {found.zygosity}:", False),
                    (found.classification, True),
                    (" ".join((classes, *found.notes)), False),
                ),
                style,
            )
        for text in (told.nothing, told.more, *(_said(x) for x in told.said), told.read):
            if text:
                yield _par(_plain(text), style)


def _stacked(blocks: Iterable[Block]) -> float:
    """Return the height of blocks below each other."""
    total = below = 0.0
    for block in blocks:
        total += max(below, block.above) + block.height
        below = block.below
    return total + below


def _plain(text: str) -> tuple[Run, ...]:
    return ((text, False),)


def _said(x: Said) -> str:
    return " ".join((x.text, *(f"[{t}]" for t in x.tags), x.resolve))


def _height(runs: tuple[Run, ...], style: Style, width: float | None = None) -> float:
    room = style.width if width is None else width
    return style.line * lines_of(runs, style.face, SIZE, room)


def _par(runs: tuple[Run, ...], style: Style) -> Block:
    return Block(_height(runs, style), style.par, style.par)


def _heading(style: Style) -> Block:
    above, below, high, _ = style.heading
    return Block(high, above, below)


def _label(field: Field, style: Style) -> Block:
    return _par(((f"{field.label}:", True), (field.value, False)), style)


def _headed(heading: str, paragraphs: Sequence[tuple[Run, ...]], style: Style) -> Iterator[Block]:
    """Yield paragraphs with their heading, which stands in the first where it is dense."""
    if not style.dense:
        yield _heading(style)
        for runs in paragraphs:
            yield _par(runs, style)
        return
    for number, runs in enumerate(paragraphs):
        yield _par(runs if number else ((f"{heading}:", True), *runs), style)


def _listed(rows: Sequence[tuple[Run, ...]], style: Style, *, numbered: bool) -> Iterator[Block]:
    """Yield the rows of a list; a number takes its room in the line where none is set for it."""
    above, below, _, wide = style.listed
    inside = style.par if above == style.par else 0
    for place, runs in enumerate(rows):
        # A browser sets the number beside the line.
        told = (("1.", False), *runs) if numbered and inside else runs
        height = _height(told, style, style.width - wide)
        last = place == len(rows) - 1
        yield Block(height, inside if place else above, below if last else inside)


def _gates(heading: str, rows: tuple[Field, ...], style: Style) -> Iterator[Block]:
    told = [((f"{row.label}:", True), (row.value, False)) for row in rows]
    if style.dense:
        runs = (run for row in told for run in (*row, (";", False)))
        yield _par(((heading, True), *runs), style)
        return
    yield _par(((heading, True),), style)
    yield from _listed(told, style, numbered=False)


def _title(title: str, issued: Field, status: str, style: Style) -> Block:
    """Return what the title takes beside its line: which report it is may not fit behind it."""
    row = style.title
    wide = row.wide + width_of(title, style.face, row.high, bold=True)
    wide += width_of(f"{issued.label} ", style.face, SIZE)
    wide += width_of(issued.value, style.face, SIZE, bold=True)
    wide += width_of(status.upper(), style.face, SIZE, bold=True)
    return Block(row.above if wide > style.width else 0, 0, 0)


def _fields(fields: Iterable[Field], style: Style) -> Block:
    """Return who the report is about: no label is parted from what stands behind it."""
    lines, at = 1, 0.0
    above, below, _, gap = style.identity
    for field in fields:
        wide = width_of(f"{field.label} ", style.face, SIZE) if field.label else 0.0
        wide += width_of(field.value, style.face, SIZE, bold=True)
        if at and at + gap + wide > style.width:
            lines, at = lines + 1, 0.0
        at += wide + (gap if at else 0)
        while at > style.width:
            lines, at = lines + 1, at - style.width
    return Block(lines * style.line, above, below)


def _summary(told: Summary, style: Style) -> Iterator[Block]:
    above, below, high, wide = style.summary
    runs: tuple[Run, ...] = ((told.cause, True), (" ".join(told.said), False))
    yield Block(_height(runs, style, style.width - wide) + high, above, below)
    above, below, high, gap = style.tiles
    lines = 1
    if style.tile_line:
        room = style.width - gap * (len(told.counts) - 1)
        for count, part in zip(told.counts, style.tile_widths, strict=True):
            left = part * room - width_of(count.number, style.face, style.tile_size, bold=True)
            label = lines_of(_plain(count.label), style.face, SIZE, part * room)
            lines = max(lines, label + (label == 1 and _wider(count.label, style, left)))
            lines = max(
                lines, lines_of(_plain("_" * 3 + " " + count.label), style.face, SIZE, part * room)
            )
    yield Block(high + lines * style.tile_line, above, below)


def _wider(text: str, style: Style, room: float) -> bool:
    return width_of(text, style.face, SIZE) > room


def _urgent(told: Urgent, style: Style) -> Block:
    lines = []
    for line in told.lines:
        text = _said(line.said)
        if line.why is None:
            text += f" {_NUMBER}"
        elif line.source and not style.dense:
            text += f" · {line.source}"
        lines.append(_plain(text))
    return _boxed([*lines, _plain(told.read_back)], style)


def _boxed(paragraphs: Sequence[tuple[Run, ...]], style: Style) -> Block:
    above, below, high, wide = style.urgent
    height = high + style.urgent_heading
    for runs in paragraphs:
        height += _height(runs, style, style.width - wide)
    return Block(height + style.par * (len(paragraphs) - 1), above, below)


def _entry(entry: Entry, style: Style) -> Block:
    verdict = (f"{entry.verdict.mark} {entry.verdict.text}", True)
    notes = (*entry.exposures, entry.see_urgent) if entry.see_urgent else entry.exposures
    names: tuple[Run, ...] = ((entry.drugs, True), (", ".join(notes), False))
    above, below, high, _ = style.entry
    sources = "" if style.dense or not entry.source else f"· {entry.source}"
    said = [_said(x) for x in entry.said]
    if entry.missing:
        said = [*said, entry.missing] if said else ["", entry.missing]
    width = style.width - style.text
    if style.dense:
        runs = (*names, (" | ".join(said), False))
        height = _height(((f"{verdict[0]}:", True), *runs), style, width)
        return Block(height + high, above, below)
    if entry.quiet and style.said < style.par:
        # The words of the verdict stand in front of the name.
        return Block(_height((verdict, *names), style, style.width - 12) + high, above, below)
    first, *rest = said or [""]
    height = _height((*names, (first, False), (sources, False)), style, width)
    height += sum(_height(_plain(text), style, width) for text in rest)
    if style.said == style.par:
        height += style.said * len(rest)
    else:
        height += style.said * (len(rest) + 2)
    return Block(max(height, _height((verdict,), style, style.verdict)) + high, above, below)


def _signed(told: Signatures, style: Style) -> Iterator[Block]:
    if told.valid:
        yield _par(_plain(told.valid), style)
    above, below, high, _ = style.sign
    room = (style.width - 2 * style.sign_gap) / 3
    cells = [_height(_plain(x), style, room) for x in told.lines]
    cells += [style.line + _height(((x.value, True),), style, room) for x in told.given]
    rows = [max(cells[n : n + 3]) + high for n in range(0, len(cells), 3)]
    yield Block(sum(rows) + style.sign_gap * (len(rows) - 1), above, below)
