"""Why the drugs failed, in words: the table behind page one, and its line there."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.report.lines import line_of
from epilepsy_pgx.report.view.later import FactorLine, FactorPart, FactorRow, Factors, Section
from epilepsy_pgx.report.view.model import Field, Said
from epilepsy_pgx.report.view.words import Teller, capital
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Factor, FactorPoint, Message, Statement

_FIRST = 3
"""Open points that page one names."""
_ENTERED = ("factor-scan-normal", "factor-no-answer", "factor-diet-forbidden")
"""Texts on what is entered and leaves a factor open: nobody has to ask for it."""
_LETTERS = 150
"""Letters of the findings that page one names; the table has all of them."""
_LEVELS = ("factor-level-not-given", "factor-level-unreadable")
"""What is said of drugs whose level is asked for."""


_BEGINNING = "factor-too-early"
"""What is said of whoever takes a first drug for some weeks: none has failed yet."""


def tell_factors(report: PatientReport, teller: Teller) -> Factors | None:
    """Return the table; None for a patient in whom no drug failed."""
    factors, words = report.interpretation.factors, teller.words
    if not factors:
        return None
    said = report.interpretation
    # Lines of the clinical context have their sources beside them, and no number.
    numbered = [s for line in said.drugs for s in line.statements]
    known = {s.statement_id: s for s in (*numbered, *said.interactions, *said.monogenic)}
    return Factors(
        _title(report, words),
        words.say("label-factor-note"),
        (words.say("label-factor-factor"), words.say("label-factor-known")),
        tuple(_row(factor, known, teller) for factor in factors),
    )


def _row(factor: Factor, known: Mapping[str, Statement], teller: Teller) -> FactorRow:
    words = teller.words
    parts = [
        FactorPart(words.say("label-factor-for"), tuple(_lines(factor.supports, known, teller))),
        FactorPart(words.say("label-factor-against"), tuple(_lines(factor.opposes, known, teller))),
        FactorPart(words.say("label-factor-open"), tuple(_lines(factor.unknown, known, teller))),
    ]
    if not factor.supports:
        nothing = FactorLine(words.say("label-factor-nothing"), "", ())
        parts[0] = FactorPart(parts[0].label, (nothing,))
    action = None
    if factor.action is not None:
        action = Said(words.tell(factor.action), sources=teller.sources_of(factor.evidence))
    return FactorRow(
        words.tell(factor.name),
        tuple(part for part in parts if part.lines),
        words.say("label-factor-do"),
        action,
    )


def _lines(
    points: Iterable[FactorPoint], known: Mapping[str, Statement], teller: Teller
) -> Iterator[FactorLine]:
    words = teller.words
    for point in points:
        column = words.say("label-factor-column", column=point.column) if point.column else ""
        links = (teller.number(known[i]) for i in point.statements if i in known)
        numbers = {link.target: link for link in links if link is not None}
        yield FactorLine(capital(words.tell(point.said)), column, tuple(numbers.values()))


def short_factors(report: PatientReport, words: ReportWords) -> Field | None:
    """Return the line of page one; None for a patient in whom no drug failed.

    The factor that is thought of last is never named alone.
    """
    factors = report.interpretation.factors
    if not factors:
        return None
    named = [factor for factor in factors if factor.supports]
    if all(factor.last for factor in named):
        said = words.say("label-factors-last" if named else "label-factors-none")
    else:
        said = words.say("label-factors-short", named=_findings(named, words))
    tests = report.interpretation.next_tests
    aside = {part for test in tests if test.aside for part in test.item.split(":")}
    first = tuple(_first_open(factors, aside, words))[:_FIRST]
    if first:
        said = f"{said} {words.say('label-factors-open', open='; '.join(first))}"
    return Field(_title(report, words), said)


def _title(report: PatientReport, words: ReportWords) -> str:
    """Return what the table asks: of drugs that failed, or before any has failed."""
    entry, told = report.clinical, report.interpretation
    early = any(p.said.text_id == _BEGINNING for f in told.factors for p in f.supports)
    # A word that no table knows may be a drug against seizures that was misspelt.
    names = {d.suggestion.drug if d.suggestion else d.drug for d in entry.current or ()}
    untreated = entry.current is not None and names.isdisjoint(line.drug for line in told.drugs)
    begins = not entry.failed and (early or untreated)
    return words.say("section-factors-beginning" if begins else "section-factors")


def _findings(factors: Sequence[Factor], words: ReportWords) -> str:
    """Return what speaks for the factors: one finding of each, then the others, as room allows.

    What is thought of last comes last, and never gives way.
    """
    told = _told([factor for factor in factors if not factor.last], words)
    last = _told([factor for factor in factors if factor.last], words)
    room, kept = _LETTERS, 0
    for text in told:
        room -= len(text)
        if kept and room < 0:
            break
        kept += 1
    more = len(told) - kept
    left = [words.say("label-factors-more", number=str(more))] if more else []
    return "; ".join((*told[:kept], *last, *left))


def _told(factors: Sequence[Factor], words: ReportWords) -> list[str]:
    """Return what speaks for some factors, in short: the first of each, then the second."""
    most = max((len(factor.supports) for factor in factors), default=0)
    points = [f.supports[i] for i in range(most) for f in factors if i < len(f.supports)]
    return list(dict.fromkeys(capital(words.tell(_shorter(p.said, words))) for p in points))


def _shorter(said: Message, words: ReportWords) -> Message:
    """Return the short form of a message, if it has one, with the values that it names."""
    short = words.wording.short(said.text_id)
    asked = {name.lower() for name in words.wording.placeholders(short)}
    return Message(short, tuple(v for v in said.values if v.name in asked))


def _first_open(
    factors: Iterable[Factor], aside: Collection[str], words: ReportWords
) -> Iterator[str]:
    """Yield what is not known and decides most: the first of each factor, in their order.

    Columns of the entry that decide nothing now are left to the table.
    """
    for factor in factors:
        points = (p for p in factor.unknown if not factor.last and _asks_for(p) not in aside)
        names = (_name_of(point, words) for point in points)
        name = next((name for name in names if name), None)
        if name:
            yield name


def _asks_for(point: FactorPoint) -> str:
    """Return the column that a point asks for, or that it asks for a level."""
    return "level" if point.said.text_id in _LEVELS else point.column


def _name_of(point: FactorPoint, words: ReportWords) -> str:
    """Return what a point asks for: a column of the entry, or the level of some drugs."""
    if point.said.text_id in _ENTERED:
        return ""
    values = {value.name: value for value in point.said.values}
    if "field" in values:
        return words.say(values["field"].items[0])
    if point.said.text_id in _LEVELS and "drugs" in values:
        return words.say("test-level", drug=words.drugs(values["drugs"].items))
    return ""


def tell_exposure(report: PatientReport, teller: Teller) -> Section | None:
    """Return what sources measured of the drugs by genotype; None if nothing fits."""
    found, words = report.interpretation.exposure, teller.words
    if not found:
        return None
    said = tuple(
        Said(told.text, told.tags, told.resolve, sources=teller.sources(s))
        for s in found
        for told in [teller.said(line_of(s, words), False, number=False)]
    )
    return Section(words.say("section-exposure"), words.shared_origin(found), said, ())
