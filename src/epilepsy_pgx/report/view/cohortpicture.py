"""The picture of a patient among the cohort of a published prediction model.

Bars by bands of probability: how many people of each band had the outcome. Dark and white parts,
a triangle and a line tell everything; no colour does. The same drawing stands on every page.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.report.view.later import Picture
from epilepsy_pgx.report.view.model import Drawing, Hint
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement, Value

PLACE, PEOPLE, CASES = "place", "band_people", "band_cases"
"""Values of a statement that are drawn: probability with its limits, and the cohort by bands."""
WIDTH, LEFT, RIGHT = 520.0, 10.0, 10.0
TOP, HIGH = 64.0, 110.0
"""Where the bars begin, and how high they are."""
FONTS = "DejaVu Sans, Helvetica, Arial, sans-serif"
_DARK, _LIGHT = "#333", "#fff"


def draw_prediction(statement: Statement, words: ReportWords) -> Picture | None:
    """Return the picture of a statement; None if it has nothing to draw."""
    values = {v.name: v for v in statement.values}
    if not {PLACE, PEOPLE, CASES} <= values.keys():
        return None
    drawn = _Drawn(
        tuple(map(float, values[PLACE].items)),
        tuple(map(int, values[PEOPLE].items)),
        tuple(map(int, values[CASES].items)),
    )
    title = words.say("label-prediction-title")
    patient = words.say("label-prediction-patient", **_shown(values, words))
    alt = "; ".join((patient, *_told(drawn, words)))
    named = escape(statement.statement_id.rpartition(":")[2])
    size = f'width="{WIDTH:.0f}" height="{TOP + HIGH + 36:.0f}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {TOP + HIGH + 36:.0f}" '
        f'role="img" aria-labelledby="{named}-t {named}-d" '
        f'font-family="{FONTS}" font-size="11" text-anchor="middle" fill="#111" '
        f"{size}>"
        f'<title id="{named}-t">{escape(title)}</title>'
        f'<desc id="{named}-d">{escape(alt)}</desc>'
        f'<rect {size} fill="#fff"/>'
        f"{_bars(drawn)}{_patient(drawn, patient)}"
        f"{_axis(words.say('label-prediction-axis'))}</svg>"
    )
    key = words.say("label-prediction-key", **_shown(values, words))
    return Picture(Drawing(svg), Hint(alt), key)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is drawn."""

    place: tuple[float, ...]
    """Probability, lower and upper limit, in per cent."""
    people: tuple[int, ...]
    cases: tuple[int, ...]

    def bands(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield from and to of each band in per cent, its people and its cases."""
        step = 100 // len(self.people)
        for index, (people, cases) in enumerate(zip(self.people, self.cases, strict=True)):
            yield index * step, (index + 1) * step, people, cases


def _shown(values: Mapping[str, Value], words: ReportWords) -> dict[str, str]:
    return {name: words.wording.show(value) for name, value in values.items()}


def _told(drawn: _Drawn, words: ReportWords) -> Sequence[str]:
    return [
        words.say(
            "label-prediction-band",
            low=str(low),
            high=str(high),
            people=str(people),
            cases=str(cases),
        )
        for low, high, people, cases in drawn.bands()
    ]


def _x(percent: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * percent / 100


def _bars(drawn: _Drawn) -> str:
    """Return the bar of each band, and above it how many of how many."""
    whole, dark, counts = [], [], []
    for low, high, people, cases in drawn.bands():
        left, wide = _x(low) + 2, _x(high) - _x(low) - 4
        part = HIGH * cases / people if people else 0.0
        whole.append(_box(left, TOP, wide, HIGH))
        dark.append(_box(left, TOP + HIGH - part, wide, part))
        counts.append(_text(left + wide / 2, TOP - 5, f"{cases}/{people}"))
    return (
        f'<path d="{"".join(whole)}" fill="{_LIGHT}" stroke="{_DARK}"/>'
        f'<path d="{"".join(dark)}" fill="{_DARK}"/>{"".join(counts)}'
    )


def _box(x: float, y: float, wide: float, high: float) -> str:
    return f"M{x:.4g} {y:.4g}h{wide:.4g}v{high:.4g}h-{wide:.4g}z"


def _text(x: float, y: float, text: str, anchor: str = "") -> str:
    """Return words in the picture, in the middle unless an anchor says otherwise."""
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:.4g}" y="{y:.4g}"{where}>{text}</text>'


def _patient(drawn: _Drawn, label: str) -> str:
    """Return the triangle with the line of the interval, and what it is."""
    at, lower, upper = map(_x, drawn.place)
    anchor = "start" if drawn.place[0] < 50 else "end"
    return (
        f'<path d="M{lower:.1f} 35v10M{lower:.1f} 40H{upper:.1f}M{upper:.1f} 35v10" '
        'stroke="#111" stroke-width="2" fill="none"/>'
        f'<path d="M{at - 7:.1f} 20h14l-7 15z" fill="#111" stroke="#fff"/>'
        f'<text x="{_x(0) if anchor == "start" else _x(100):.1f}" y="14" text-anchor="{anchor}" '
        f'font-weight="bold">{escape(label)}</text>'
    )


def _axis(label: str) -> str:
    """Return the numbers under the bars, and what they are."""
    anchors = {0: "start", 100: "end"}
    numbers = (_text(_x(n), TOP + HIGH + 14, str(n), anchors.get(n, "")) for n in range(0, 101, 25))
    return "".join(numbers) + _text(_x(50), TOP + HIGH + 29, escape(label))
