"""What of page one gives way where a sheet has no room, in which order, and how it is counted.

Nothing that is urgent or to be acted on stands in these tables, nor a warning that rests on a
result of genes, nor a boxed warning or what a sign of today asks of a planned drug; no drug to
avoid, to favour, planned or with open genes loses its name, nor one that is taken and meets a
planned one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.report.asked import (
    ASKS,
    among_planned,
    happens,
    joins_taken,
    meets_taken,
    of_today,
    parties,
)
from epilepsy_pgx.report.leftout import Left
from epilepsy_pgx.report.lines import Length, line_of, pattern_of, say_once
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Classification, Origin, Response, Tier

if TYPE_CHECKING:
    from epilepsy_pgx.report.lines import Line
    from epilepsy_pgx.report.pageone import Entry, PageOne


Steps = Callable[["PageOne", ReportWords], Iterator["PageOne"]]
Entries = Literal["current", "starting"]
"""The fields of page one that hold drugs."""


class GivesWay(NamedTuple):
    """A matter that gives way."""

    what: str
    fields: tuple[str, ...]
    """Of page one: what else it holds stays as it is, but for the counts."""
    steps: Steps
    """Yields page one with less and less of it."""


_QUIET = (
    Response.NO_RULE,
    Response.NOT_ASSESSED,
    Response.PARTIAL,
    Response.STANDARD,
    Response.INTERACTION,
    Response.CONSIDER_ALTERNATIVE,
    Response.ADJUST_DOSE,
    Response.CAUTION,
)
"""Order in which drugs to start that ask for no action give way; those to avoid or favour stay."""
STOPPING = (
    Response.CONTRAINDICATED,
    Response.AVOID,
    Response.AVOID_MAINTENANCE,
    Response.AVOID_TOGETHER,
)
_BY_GENES = (Origin.GENOTYPE, Origin.TYPING)
_WARNING = (*STOPPING, Response.CAUTION)
_COMMON = {"seizure_types", "age_years"}
"""Columns of the clinical entry that many patients share: reasons of these alone are general."""
_OWN = 3
"""Worth of a line that speaks of what is this patient's own."""
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)


def warns_by_genes(said: Statement) -> bool:
    """Say whether a statement is a warning that rests on a result of genes, and asks for something.

    What is still to be confirmed, and what no result speaks for, has its place among the rest.
    """
    asks = said.tier in ASKS and not said.conditional
    return asks and said.response in _WARNING and said.origin in _BY_GENES


def _quiet_drugs(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    return _without(page, lambda entry: not _warned_of(entry))


def _drugs_warned_of(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    return _without(page, _warned_of)


def _without(page: "PageOne", which: "Callable[[Entry], bool]") -> Iterator["PageOne"]:
    """Leave out one by one the drugs to start that ask for no action."""
    for response in _QUIET:
        # Of equals the last goes first, and last of all what this patient's own entry speaks of.
        for entry in sorted(reversed(page.starting), key=_worth_of):
            if entry.response is response and which(entry) and not _asks_to_act(entry):
                starting = tuple(e for e in page.starting if e is not entry)
                page = _leave(replace(page, starting=starting), Left.STARTING, 1)
                yield page


def _warned_of(entry: "Entry") -> bool:
    """Say whether the patient's own findings warn of a drug, beyond a kind of seizure."""
    return entry.response is Response.CAUTION and any(map(_own_warning, entry.said))


def _pairs_behind(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Count the pairs of drugs that nobody checked, and name them behind page one."""
    yield replace(page, pairs_behind=True)


def _other_findings(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    kept = tuple(f for f in page.findings if f.classification in _CAUSAL)
    more = page.more_findings + len(page.findings) - len(kept)
    yield replace(page, findings=kept, more_findings=more, read=())


def _boxed_drugs(page: "PageOne", words: ReportWords) -> Iterator["PageOne"]:
    """Refer to the urgent box for what it says of drugs to start; nothing is left out by it."""
    boxed = {
        (pattern_of(s, words), s.text_id, s.action_id, drug)
        for line, _ in page.urgent
        for s in (line.statement,)
        for drug in line.about or s.drugs
    }

    def outside(entry: "Entry") -> "tuple[Line, ...]":
        return tuple(
            line
            for line in entry.said
            for s in (line.statement,)
            if not all(
                (pattern_of(s, words), s.text_id, s.action_id, drug) in boxed
                for drug in line.about or entry.drugs
            )
        )

    said = ((entry, outside(entry)) for entry in page.starting)
    starting = tuple(
        entry if lines == entry.said else replace(entry, said=lines, urgent=True)
        for entry, lines in said
    )
    yield replace(page, starting=starting)


def _short_plans(page: "PageOne", words: ReportWords) -> Iterator["PageOne"]:
    """Say of planned drugs in the short forms what was said in full; nothing is left out."""

    def short(entry: "Entry", line: "Line") -> "Line":
        said = line.statement
        if not line.text_ids:
            return line  # It refers to the line of another drug.
        hedge = not (entry.conditional and said.response is entry.response)
        return line_of(said, words, length=Length.SHORT, hedge=hedge)

    for entry in reversed(page.starting):
        if entry.planned:
            said = say_once([short(entry, x) for x in entry.said], words)
            starting = (replace(e, said=said) if e is entry else e for e in page.starting)
            page = replace(page, starting=tuple(starting))
            yield page


def _kept_of(
    field: Entries,
    keeps: "Callable[[Entry, Line], bool]",
    of: "Callable[[Entry], bool]" = lambda _: True,
) -> Steps:
    """Return the step that leaves of a field's drugs only the lines that are kept.

    Parameters
    ----------
    keeps
        Says of a line whether it is kept.
    of
        Says of an entry whether it is concerned.
    """

    def steps(page: "PageOne", words: ReportWords) -> Iterator["PageOne"]:
        entries = list(getattr(page, field))
        leaving = [
            (_worth(x), -place, -number, x)
            for place, entry in enumerate(entries)
            if of(entry)
            for number, x in enumerate(entry.said)
            if not keeps(entry, x)
        ]
        for _, place, _, line in sorted(leaving, key=lambda each: each[:3]):
            entry = entries[-place]
            kind = _kind(field, entry, line)
            named = _together(entry, line) if kind is Left.INTERACTIONS else line.about
            page = _leave(page, kind, 1, named or entry.drugs)
            entries[-place] = replace(entry, said=tuple(x for x in entry.said if x is not line))
            yield _with(page, field, _refer_to_said(entries, words))
        yield _with(page, field, _refer_to_said(entries, words))

    return steps


def _refer_to_said(entries: "Iterable[Entry]", words: ReportWords) -> "Iterator[Entry]":
    """Say in short what refers to a line of another drug that is no longer there."""
    entries = tuple(entries)
    told = {x.statement.statement_id for e in entries for x in e.said if x.text_ids}
    for entry in entries:
        said = tuple(
            x
            if x.text_ids or x.statement.statement_id in told or not entry.planned
            else line_of(x.statement, words, length=Length.SHORT)
            for x in entry.said
        )
        yield entry if said == entry.said else replace(entry, said=said)


def _with(page: "PageOne", field: Entries, entries: "Iterable[Entry]") -> "PageOne":
    if field == "current":
        return replace(page, current=tuple(entries))
    return replace(page, starting=tuple(entries))


def _kind(field: Entries, entry: "Entry", line: "Line") -> Left:
    """Return as what a line of a drug is counted."""
    if field == "current" and happens(line.statement):
        return Left.INTERACTIONS
    if not entry.linked:
        return Left.MEDICINES
    if field == "current":
        return Left.TAKEN
    if entry.planned:
        return Left.MEETINGS if meets_taken(line.statement) else Left.PLANNED
    return Left.AVOID if entry.response in STOPPING else Left.STARTING


def _together(entry: "Entry", line: "Line") -> tuple[str, ...]:
    """Return the drugs in use of which a line says what they do to each other."""
    return tuple(
        sorted({*(line.about or entry.drugs), *parties(line.statement, ReasonKind.TAKING)})
    )


def _stays(entry: "Entry", line: "Line") -> bool:
    """Say whether a line never gives way."""
    said = line.statement
    # It makes a verdict, and what is taken is to be looked at first.
    parted = said.response in STOPPING and meets_taken(said)
    # Nobody is led to a drug without what it does to those in use.
    joins = entry.response is Response.MAY_FAVOUR and joins_taken(said)
    boxed = said.origin is Origin.GENERAL and said.tier in ASKS
    today = entry.planned and (boxed or of_today(said))
    acts = said.tier is Tier.ACT or warns_by_genes(said) or today
    return acts or parted or joins or _makes(entry, line)


def _makes(entry: "Entry", line: "Line") -> bool:
    """Say whether a line is the reason of a verdict on a drug in use, planned or to be favoured.

    A mark without a reason is not believed; of more reasons the first is enough for each drug.
    """
    favoured = entry.response is Response.MAY_FAVOUR
    named = entry.planned or entry.exposures or favoured
    if not named or entry.urgent or entry.response is Response.NO_RULE:
        return False
    making = [x for x in entry.said if x.statement.response is entry.response]
    told = [x for x in making or entry.said if x.statement.tier is Tier.ACT]
    if told:
        return False
    if not making:
        return line is max(entry.said, key=_worth)
    first = {d: x for x in reversed(making) for d in x.about or entry.drugs}
    return any(line is x for x in first.values())


def _worth(line: "Line") -> int:
    """Return how much of a patient's own a line speaks of: what has least goes first."""
    said = line.statement
    if among_planned(said):
        return 0
    if said.origin is Origin.GENERAL:
        return 1
    subjects = {name for reason in said.reasons for name in reason.subject.names}
    if said.origin is Origin.CLINICAL and subjects <= _COMMON:
        return 2
    return 4 if joins_taken(said) else _OWN


def _own_warning(line: "Line") -> bool:
    return line.statement.response in _WARNING and _worth(line) >= _OWN


def _worth_of(entry: "Entry") -> int:
    return max(map(_worth, entry.said), default=0)


def _leads(entry: "Entry", line: "Line") -> bool:
    """Say whether a line asks for action, leads to the verdict, or tells what drugs that are taken
    do to the drug; of an entry that would be empty without it, all is kept."""

    def matters(line: "Line") -> bool:
        said = line.statement
        kept = _stays(entry, line) or said.response is entry.response or _own_warning(line)
        return kept or happens(said) or meets_taken(said)

    return matters(line) or not any(map(matters, entry.said))


def _beside_planned(entry: "Entry", line: "Line") -> bool:
    """Keep all but what planned drugs would do to each other without an act; a verdict keeps the
    first line that makes it."""
    if _stays(entry, line) or not among_planned(line.statement):
        return True
    making = [x for x in entry.said if x.statement.response is entry.response]
    rest = [x for x in making if _stays(entry, x) or not among_planned(x.statement)]
    return not rest and bool(making) and line is making[0]


def _stays_or_meets(entry: "Entry", line: "Line") -> bool:
    return _stays(entry, line) or meets_taken(line.statement)


def _meetings(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Leave out one by one what planned drugs do with drugs in use, where no act is asked.

    Of drugs that are not to be started it goes first.
    """
    meeting = [
        (entry.drugs, line)
        for entry in sorted(page.starting, key=lambda e: e.response not in STOPPING)
        for line in reversed(entry.said)
        if not _stays(entry, line)
    ]
    for drugs, line in meeting:
        keeps = _other_than(line)
        yield (page := next(_kept_of("starting", keeps, _named(drugs))(page, _)))


def _other_than(line: "Line") -> "Callable[[Entry, Line], bool]":
    return lambda _, other: other is not line


def _named(drugs: tuple[str, ...]) -> "Callable[[Entry], bool]":
    return lambda entry: entry.drugs == drugs


def _stays_together(entry: "Entry", line: "Line") -> bool:
    return _stays(entry, line) or happens(line.statement)


def _no_probability(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Leave out what a model says of a gene: it asks for nothing, and stands on its own sheet."""
    kept = tuple(line for line in page.monogenic if line.statement.tier is not Tier.CONTEXT)
    yield replace(page, monogenic=kept)


def _acting_genes(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    kept = tuple(line for line in page.monogenic if line.statement.tier is Tier.ACT)
    yield _leave(replace(page, monogenic=kept), Left.GENES, len(page.monogenic) - len(kept))


def _other_context(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Leave out what of the clinical context asks for no action, the last first.

    What is said of the patient as a whole is never left out as a whole: one line stays.
    """
    for line in reversed(page.context):
        if len(page.context) > 1 and line.statement.tier is not Tier.ACT:
            context = tuple(x for x in page.context if x is not line)
            page = _leave(replace(page, context=context), Left.CONTEXT, 1)
            yield page


def _names_together(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Name in one line the drugs of one verdict of which nothing more is said."""
    made: dict[object, Entry] = {}
    for place, entry in enumerate(page.starting):
        alone = entry.said or entry.planned
        key = place if alone else (entry.response, entry.conditional, entry.urgent)
        known = made.get(key)
        made[key] = entry if known is None else replace(known, drugs=(*known.drugs, *entry.drugs))
    yield replace(page, starting=tuple(made.values()))


def _gates_together(page: "PageOne", _: ReportWords) -> Iterator["PageOne"]:
    """Name all genes to be tested first, and then all drugs that they decide about."""
    genes = dict.fromkeys(g for names, _ in page.required_tests for g in names)
    drugs = dict.fromkeys(d for _, names in page.required_tests for d in names)
    if len(page.required_tests) > 1:
        yield replace(page, required_tests=((tuple(genes), tuple(drugs)),))


GIVES_WAY = (
    GivesWay("the probability of a model", ("monogenic",), _no_probability),
    GivesWay("drugs to start of which nothing asks for action", ("starting",), _quiet_drugs),
    # It goes before anything of a drug that is taken.
    GivesWay(
        "of drugs to start, not planned: all but actions and the verdict's reason",
        ("starting",),
        _kept_of("starting", _leads, lambda e: not e.planned),
    ),
    GivesWay(
        "what planned drugs would do to each other, but for acts and a verdict's reason",
        ("starting",),
        _kept_of("starting", _beside_planned, lambda e: e.planned),
    ),
    GivesWay(
        "variants without a causal class, and which genes were read",
        ("findings", "more_findings", "read"),
        _other_findings,
    ),
    GivesWay(
        "names of pairs of drugs that nobody checked, which are counted",
        ("pairs_behind",),
        _pairs_behind,
    ),
    GivesWay("of drugs to start: what the urgent box says in full", ("starting",), _boxed_drugs),
    GivesWay("of drugs that are planned: the full sentences", ("starting",), _short_plans),
    GivesWay(
        "drugs to start of which the patient's own findings warn", ("starting",), _drugs_warned_of
    ),
    GivesWay(
        "of drugs to start that are planned: all but actions and the verdict's reason",
        ("starting",),
        _kept_of("starting", _leads),
    ),
    GivesWay(
        "of drugs in use: all but actions and the reason of the verdict",
        ("current",),
        _kept_of("current", _leads),
    ),
    GivesWay("gene findings that ask for no action", ("monogenic",), _acting_genes),
    GivesWay(
        "clinical context that asks for no action, but for one line", ("context",), _other_context
    ),
)
"""In which order room is given up, once drugs in use are said in short."""

GIVES_WAY_LAST = (
    GivesWay(
        "of drugs to start, not planned: all but actions and the name",
        ("starting",),
        _kept_of("starting", _stays, lambda e: not e.planned),
    ),
    GivesWay("rows of such names: one for each verdict", ("starting",), _names_together),
    GivesWay(
        "which gene is to be tested first for which drug", ("required_tests",), _gates_together
    ),
    GivesWay(
        "of drugs that are planned: all but actions, the verdict, and what meets a drug in use",
        ("starting",),
        _kept_of("starting", _stays_or_meets),
    ),
    GivesWay(
        "of drugs in use: all but actions, the verdict, and what they do to each other",
        ("current",),
        _kept_of("current", _stays_together),
    ),
    GivesWay(
        "what planned drugs and drugs in use do to each other, but for their names",
        ("starting",),
        _meetings,
    ),
    GivesWay(
        "what drugs in use do to each other, but for their names and that it asks for something",
        ("current",),
        _kept_of("current", _stays),
    ),
)
"""What gives way, in this order, where even a page printed densely does not hold the rest.

What stands in no row never gives way: the urgent box, lines to act on, warnings that rest on a
result of genes, the names and verdicts of drugs in use, to avoid, to favour and planned, which drug
in use meets which that is planned, the drugs whose genes are open, a line of the clinical context,
and the first items of what to settle next.
"""


def _leave(page: "PageOne", kind: Left, number: int, drugs: tuple[str, ...] = ()) -> "PageOne":
    """Count lines left out; name drugs to avoid that lose a reason, and drugs in use that meet."""
    if not number:
        return page
    counts = dict(page.left)
    counts[kind] = counts.get(kind, 0) + number
    left = tuple((k, counts[k]) for k in Left if k in counts)
    if kind is Left.INTERACTIONS:
        return replace(page, left=left, left_together=(*page.left_together, drugs))
    named = (*page.left_avoid, *drugs) if kind is Left.AVOID else page.left_avoid
    return replace(page, left=left, left_avoid=tuple(sorted(set(named))))


def _asks_to_act(entry: "Entry") -> bool:
    return entry.planned or entry.urgent or any(_stays(entry, x) for x in entry.said)
