"""The picture of what was tried and measured over time: a row for each drug, a dot for each level.

Dark bars are drugs that were given up, white ones those that are taken; no colour tells anything.
The same drawing stands on every page, and the words beside it say all that it shows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from epilepsy_pgx.clinical_entry import ClinicalEntry
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.report.view.first import level_words
from epilepsy_pgx.report.view.later import Picture
from epilepsy_pgx.report.view.model import Drawing, Hint
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement

RESISTANCE = "context-resistance:patient"
"""The statement beside which the picture stands."""
WIDTH, LEFT, RIGHT = 520.0, 130.0, 14.0
TOP, STEP, HIGH = 16.0, 26.0, 12.0
FONTS = "DejaVu Sans, Helvetica, Arial, sans-serif"
LONGEST = 20
"""Letters of a drug's name that are shown beside its bar."""
_DARK, _LIGHT = "#333", "#fff"


@dataclass(frozen=True, slots=True)
class _Row:
    """One drug in one treatment."""

    drug: str
    """As it is shown."""
    first: date | None
    last: date | None
    taken: bool
    started: bool = True
    """False if no start was given: the bar then begins at the first level."""
    dots: tuple[tuple[date, str], ...] = ()
    """Day and words of each level."""
    said: str = ""
    """What the trial counts for."""

    @property
    def drawn(self) -> bool:
        return self.first is not None and self.last is not None


def draw_history(
    statement: Statement, clinical: ClinicalEntry, words: ReportWords
) -> Picture | None:
    """Return the picture beside the line on drug resistance; None if no trial and no
    level has a day."""
    if statement.statement_id != RESISTANCE:
        return None
    rows = [*_given_up(statement, clinical, words), *_taken(clinical, words)]
    drawn = [row for row in rows if row.drawn]
    if not any(row.dots or not row.taken for row in drawn):
        return None
    told = words.say("label-history-told", rows="; ".join(_told(row, words) for row in rows))
    title = words.say("label-history-title")
    height = TOP + STEP * len(drawn) + 22
    size = f'width="{WIDTH:.0f}" height="{height:.0f}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" '
        f'role="img" aria-labelledby="history-t history-d" font-family="{FONTS}" font-size="11" '
        f'style="max-width:100%;height:auto" {size}>'
        f'<title id="history-t">{escape(title)}</title>'
        f'<desc id="history-d">{escape(told)}</desc><rect {size} fill="#fff"/>'
        f"{''.join(_bars(drawn))}</svg>"
    )
    caption = f"{title}. {words.say('label-history-key')} {told}"
    return Picture(Drawing(svg), Hint(told), caption)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _given_up(statement: Statement, clinical: ClinicalEntry, words: ReportWords) -> Iterator[_Row]:
    counts: dict[str, list[str]] = {}
    for told in statement.values:
        for message in told.messages if told.name == "trials" else ():
            for value in message.values:
                if value.name == "drug":
                    counts.setdefault(value.items[0], []).append(words.tell(message))
    bars = Counter(item.drug for item in clinical.failed or ())
    for item in clinical.failed or ():
        drug = words.drug(item.drug)
        # Trials of one drug are told in their order; equal ones once, so that fewer are told.
        told_of = counts.get(item.drug, [drug])
        said = "; ".join(told_of) if len(told_of) < bars[item.drug] else told_of.pop(0)
        yield _Row(drug, _day(item.start), _day(item.stop), taken=False, said=said)


def _taken(clinical: ClinicalEntry, words: ReportWords) -> Iterator[_Row]:
    today = _day(clinical.entry_date)
    for item in clinical.current or ():
        dots = tuple(
            (date.fromisoformat(level.date), level_words(level, words))
            for level in item.levels
            if level.date is not None
        )
        last = today or max((day for day, _ in dots), default=None)
        start = _day(item.start)
        first = start or min((day for day, _ in dots), default=None)
        yield _Row(words.drug(item.drug), first, last, taken=True, started=bool(start), dots=dots)


def _told(row: _Row, words: ReportWords) -> str:
    """Return in words what a row shows."""
    shown = {
        "drug": row.drug,
        "first": str(row.first or "?"),
        "last": str(row.last or "?"),
        "said": row.said,
    }
    if not row.taken:
        return words.say("label-history-given-up", **shown)
    key = "label-history-taken" if row.started else "label-history-taken-no-start"
    line = words.say(key, **shown)
    return ", ".join((line, *(text for _, text in row.dots)))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where days stand in the picture."""

    first: date
    days: int

    def x(self, day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first).days / self.days


def _bars(rows: Sequence[_Row]) -> Iterator[str]:
    """Yield the bar of each drug with its levels, and the first and last day under them."""
    days = [d for row in rows for d in (row.first, row.last) if d is not None]
    scale = _Scale(min(days), max(1, (max(days) - min(days)).days))
    for place, row in enumerate(rows):
        assert row.first is not None
        assert row.last is not None
        y = TOP + STEP * place
        left = scale.x(row.first)
        dashed = "" if row.started else ' stroke-dasharray="3 2"'
        wide = max(2.0, scale.x(row.last) - left)
        yield (
            f'<text x="{LEFT - 8:.0f}" y="{y + 10:.1f}" text-anchor="end" fill="#111">'
            f"{escape(row.drug[:LONGEST])}</text>"
            f'<rect x="{left:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{HIGH:.0f}" '
            f'fill="{_LIGHT if row.taken else _DARK}" stroke="{_DARK}"{dashed}/>'
        )
        for day, _ in row.dots:
            yield (
                f'<circle cx="{scale.x(day):.1f}" cy="{y + HIGH / 2:.1f}" r="4" fill="{_DARK}"/>'
            )
    foot = TOP + STEP * len(rows) + 8
    for day, anchor in ((scale.first, "start"), (max(days), "end")):
        yield (
            f'<text x="{scale.x(day):.1f}" y="{foot:.1f}" text-anchor="{anchor}" fill="#111">'
            f"{day.isoformat()}</text>"
        )
