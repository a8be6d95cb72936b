"""What stands on page one, in which order, and how densely.

Page one is read in a minute and fits one A4 page, so drugs about which the same is said share a
line, what is already in the urgent box is not said again, and each statement is said in the short
form that the tables have for it, which holds what to do; nothing is cut. Of drugs in use, what to
do is said in full while there is room. The full sentences stand with their evidence in the drug
table, to which every line leads.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import DrugExposure, DrugPrediction, PatientReport, VariantFinding
from epilepsy_pgx.report.asked import (
    ASKS,
    Meeting,
    asked_beside,
    asked_in_context,
    meetings,
    said_elsewhere,
    told_in_context,
    unspoken_of,
)
from epilepsy_pgx.report.box import urgent_lines
from epilepsy_pgx.report.gaps import Covered, Gates, covered_of, required_tests
from epilepsy_pgx.report.groups import Members, join_groups, share_lines
from epilepsy_pgx.report.leftout import Left
from epilepsy_pgx.report.lines import (
    Length,
    Line,
    Part,
    line_of,
    lines_of,
    pattern_of,
    say_once,
    with_names,
)
from epilepsy_pgx.report.papers import BROWSER, Sheet
from epilepsy_pgx.report.places import place, place_planned, say_between_once
from epilepsy_pgx.report.room import LINES, Room, fit_page
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.local import is_formulary
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Classification, Origin, Response, Tier

RESPONSE_ORDER = {response: place for place, response in enumerate(Response)}
_SHOWN_ORDER = {**RESPONSE_ORDER, Response.MAY_FAVOUR: -1}
"""Order of the drugs that may be started: what fits the cause, then the most serious first."""
_OPEN = (Response.NOT_ASSESSED, Response.PARTIAL)
_STOPPING = (
    Response.CONTRAINDICATED,
    Response.AVOID,
    Response.AVOID_MAINTENANCE,
    Response.AVOID_TOGETHER,
)
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)

_FEW = 3
"""Variants without a causal class that page one names; the others are counted."""
_LIKELY = 50
"""Percent, above which a model speaks for the graver diagnosis."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of page one: verdict, drugs, and what is said about them."""

    response: Response
    drugs: tuple[str, ...]
    said: tuple[Line, ...]
    exposures: tuple[DrugExposure, ...] = ()
    not_assessed: tuple[str, ...] = ()
    urgent: bool = False
    """True if the urgent box says more about the drug."""
    conditional: bool = False
    """True if the verdict rests on statements that are still to be confirmed."""
    linked: bool = True
    """False if the drug table has nothing more about the drug."""
    planned: bool = False
    """True if the clinician asked about the drug."""


@dataclass(frozen=True, slots=True)
class PageOne:
    """The content of page one that is chosen, grouped or cut."""

    urgent: tuple[tuple[Line, str | None], ...]
    """Urgent statements, each with the drug it is about."""
    current: tuple[Entry, ...]
    starting: tuple[Entry, ...]
    required_tests: Gates
    """Genes not assessed in full, with the drugs that they decide about."""
    findings: tuple[VariantFinding, ...]
    more_findings: int
    monogenic: tuple[Line, ...]
    read: tuple[tuple[str, str], ...]
    """Genes read for rare variants and the callable part of their coding bases."""
    unread: int
    """Genes not read for rare variants."""
    listed: tuple[int, int, int]
    """How many of them were read at listed variants; how many of these were read and are absent,
    and how many there are."""
    context: tuple[Line, ...]
    silent: tuple[str, ...] = ()
    """Known drugs of the medication list of which no statement says anything."""
    behind: tuple[str, ...] = ()
    """Those of which only what stands behind page one says something."""
    meetings: tuple[Meeting, ...] = ()
    """Drugs of the medication list with planned drugs: named even where a line has no room."""
    left: tuple[tuple[Left, int], ...] = ()
    """Lines for which the sheet has no room, by kind; what stands behind page one has them."""
    left_avoid: tuple[str, ...] = ()
    """Drugs to avoid of which a reason is among them."""
    left_together: tuple[tuple[str, ...], ...] = ()
    """Drugs in use that do something to each other, of which a line that asks is among them."""
    startable: tuple[str, ...] = ()
    """Drugs to start of which page one speaks while it has room, the most serious first."""
    unread_first: tuple[str, ...] = ()
    """Genes that were not read, what would change most for this patient first."""
    goes_on: bool = False
    """True if what is urgent and to be acted on needs a second sheet."""
    pairs_behind: bool = False
    """True if pairs of drugs that nobody checked are counted here and named behind page one."""
    dense: bool = False
    """True if what is printed of a drug stands in one paragraph, so that the sheet holds more."""

    @property
    def to_settle(self) -> dict[str, tuple[str, ...]]:
        """Return the drugs taken that no other line names, with the planned drugs they meet."""
        said = {line.statement.statement_id for e in self.starting for line in e.said}
        found: dict[str, dict[str, None]] = {}
        for taken, planned, statement_id, alone in self.meetings:
            if alone or statement_id not in said:
                found.setdefault(taken, {})[planned] = None
        return {taken: tuple(names) for taken, names in found.items()}

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Return the drugs to start of which no line is left."""
        named = {drug for entry in self.starting for drug in entry.drugs}
        return tuple(drug for drug in self.startable if drug not in named)

    @property
    def left_out(self) -> int:
        """Lines for which the sheet has no room."""
        return sum(number for _, number in self.left)


def plan_page_one(
    report: PatientReport,
    words: ReportWords,
    lines: float = LINES,
    sheets: int = 2,
    sheet: Sheet = BROWSER["a4"],
) -> PageOne:
    """Choose what page one shows.

    Parameters
    ----------
    words
        Words of the report's language.
    lines
        Lines of text that a sheet holds.
    sheets
        Sheets that page one may take where one does not hold what never gives way.
    sheet
        The paper, and how it is printed.
    """
    drugs = report.interpretation.drugs
    taken = {d.drug for d in report.clinical.current or ()}
    known = set(report.interpretation.urgent)
    planned = _planned(report, known, words)
    asked = {name for entry in planned for name in entry.drugs}
    others = [d for d in drugs if d.drug not in taken]
    gates = required_tests(others)
    others = [d for d in others if d.drug not in asked]
    shown, more = _findings_of(report)
    covered = covered_of(report, words)
    unspoken = unspoken_of(report)
    met = meetings(report, taken - set(unspoken))
    away = set(unspoken) - {m.taken for m in met}
    elsewhere = said_elsewhere(report) if away else set()
    starting = (*planned, *_starting(others, known, words))
    page = PageOne(
        urgent=urgent_lines(report.interpretation.urgent, drugs, words),
        current=(),
        starting=starting,
        required_tests=gates,
        findings=shown,
        more_findings=more,
        monogenic=lines_of(_of_genes(report), words),
        read=tuple((c.gene, _percent(c.fraction, words)) for c in covered.assessed),
        unread=len(report.coverage) - len(covered.assessed),
        listed=covered.listed,
        context=tuple(with_names(x, words) for x in lines_of(_context_of(report, taken), words)),
        silent=tuple(x for x in unspoken if x in away - elsewhere),
        behind=tuple(x for x in unspoken if x in away & elsewhere),
        meetings=met,
        startable=tuple(drug for entry in starting for drug in entry.drugs),
        unread_first=_unread_first(report, covered, taken | asked),
    )
    # From the fuller form to the shorter.
    lengths = (Length.ACTION, Length.SHORT)
    currents = (_all_current(report, known, words, length) for length in lengths)
    return fit_page(page, currents, Room(lines, sheets, sheet), report, words)


def _findings_of(report: PatientReport) -> tuple[tuple[VariantFinding, ...], int]:
    """Return the findings that page one shows, and how many more there are."""
    findings = sorted(
        (f for f in report.findings if f.classification not in _BENIGN), key=finding_rank
    )
    shown = [f for f in findings if f.classification in _CAUSAL]
    shown += [f for f in findings if f.classification not in _CAUSAL][:_FEW]
    return tuple(shown), len(findings) - len(shown)


def _unread_first(
    report: PatientReport, covered: Covered, spoken: Collection[str]
) -> tuple[str, ...]:
    """Return the genes that were not read; what decides about a drug that is spoken of is first."""
    drugs = report.interpretation.drugs
    groups = ([d for d in drugs if (d.drug in spoken) is own] for own in (True, False))
    return covered.first_of(report.interpretation.next_tests, groups)


def _percent(fraction: float | None, words: ReportWords) -> str:
    return words.number(f"{100 * (fraction or 0):.1f}")


def _context_of(report: PatientReport, taken: Collection[str]) -> Iterator[Statement]:
    """Return what the context says beside the box and the lines of the drugs in use."""
    drugs = (d for d in report.interpretation.drugs if d.drug in taken)
    # What a level asks for stands in the line of its drug.
    in_lines = {s.statement_id for d in drugs for s in d.statements}
    for section in report.interpretation.context:
        for said in section.statements:
            if _beside_box(said) and said.statement_id not in in_lines:
                yield said


def _of_genes(report: PatientReport) -> Iterator[Statement]:
    """Return what is said of genes outside the box, and what a model adds to it.

    A probability never stands alone, nor one that speaks for the milder diagnosis: beside the
    lines on the gene it could be read as calming.
    """
    said = [s for s in report.interpretation.monogenic if _beside_box(s)]
    yield from said
    genes = {s.statement_id.rpartition(":")[2] for s in said}
    for section in report.interpretation.context:
        for s in section.statements:
            number = next((v for v in s.values if v.name == "probability"), None)
            if number is None or s.statement_id.rpartition(":")[2] not in genes:
                continue
            if float(number.items[0]) > _LIKELY:
                yield s


def _beside_box(said: Statement) -> bool:
    """Say whether page one says something outside the urgent box, which has what is urgent."""
    return said.tier in ASKS and not said.urgent


def finding_rank(finding: VariantFinding) -> tuple[int, str, int]:
    """Sort key of variants: what the class says first, then the place."""
    order = tuple(Classification)
    first = (
        Classification.PATHOGENIC,
        Classification.LIKELY_PATHOGENIC,
        Classification.CONFLICTING,
        Classification.UNCERTAIN,
        Classification.NOT_CLASSIFIED,
    )
    place = first.index(finding.classification) if finding.classification in first else len(order)
    return place, finding.gene, finding.key.pos


class Verdict(NamedTuple):
    """The word on a drug that page one and the drug table both print."""

    response: Response
    conditional: bool
    """True if it rests only on statements that are still to be confirmed."""

    def hedges(self, statement: Statement) -> bool:
        """Say whether a statement has to say itself that it is still to be confirmed."""
        return not (self.conditional and statement.response is self.response)


def verdict_of(drug: DrugPrediction) -> Verdict:
    """Return the verdict on a drug.

    An interaction is conditional in another way, on the drug being started: its line says so.
    """
    carriers = [s for s in drug.statements if s.response is drug.response]
    conditional = bool(carriers) and all(
        s.conditional and s.origin is not Origin.INTERACTION for s in carriers
    )
    return Verdict(drug.response, conditional)


def shown_statements(drug: DrugPrediction) -> list[Statement]:
    """Return what page one says of a drug: what asks for something, and what belongs to it.

    A verdict never stands without its reason, nor one guideline without another that differs.
    """
    asks = [s for s in drug.statements if s.tier in ASKS]
    questions = {s.beside for s in asks} - {None}
    carried = drug.response is Response.NO_RULE or any(s.response is drug.response for s in asks)
    lead = (
        None if carried else next((s for s in drug.statements if s.response is drug.response), None)
    )
    shown: list[Statement] = []
    for s in drug.statements:
        if s.beside in questions:
            # Answers to one question stand together, the strongest first.
            together = [other for other in drug.statements if other.beside == s.beside]
            shown += together if s not in shown else []
        elif s.tier in ASKS or s is lead or is_formulary(s):
            shown.append(s)
    return shown


def is_quiet(drug: DrugPrediction) -> bool:
    """Say whether there is nothing to say about a drug but that no rule speaks of it."""
    return (
        drug.response is Response.NO_RULE
        and not drug.deciding
        and all(s.tier is Tier.NONE for s in drug.statements)
    )


def _all_current(
    report: PatientReport, urgent: set[Statement], words: ReportWords, length: Length
) -> tuple[Entry, ...]:
    """Return the lines of the medicines that are taken, the most serious first."""
    drugs, listed = report.interpretation.drugs, report.clinical.current or ()
    taken = {d.drug for d in listed}
    entries = [_current(d, listed, urgent, words, length) for d in drugs if d.drug in taken]
    entries += _other_victims(report, {d.drug for d in drugs}, words, length)
    return tuple(sorted(entries, key=lambda e: (RESPONSE_ORDER[e.response], e.drugs)))


def _current(
    drug: DrugPrediction,
    taken: Iterable[DrugExposure],
    urgent: set[Statement],
    words: ReportWords,
    length: Length,
    order: Callable[[Statement], int] = place,
) -> Entry:
    """Return the line of a drug that is taken, or that is planned with the order of its lines."""
    asks, verdict = sorted(shown_statements(drug), key=order), verdict_of(drug)
    said = [
        line_of(s, words, length=length, hedge=verdict.hedges(s)) for s in asks if s not in urgent
    ]
    return Entry(
        verdict.response,
        (drug.drug,),
        say_once(said, words),
        tuple(x for x in taken if x.drug == drug.drug),
        drug.not_assessed,
        any(s in urgent for s in asks) or any(drug.drug in s.drugs for s in urgent),
        verdict.conditional,
        not is_quiet(drug),
    )


def _other_victims(
    report: PatientReport, known: set[str], words: ReportWords, length: Length
) -> tuple[Entry, ...]:
    """Return lines of medicines that are taken and are no anti-seizure drugs.

    They have no line in the drug table, so page one says what an interaction asks for, and refers
    to the clinical context where that speaks of them.
    """
    whole = Length.SHORT if length is Length.SHORT else Length.WHOLE
    beside, about = asked_beside(report), told_in_context(report)
    listed = report.clinical.current or ()
    entries = []
    for drug in sorted((beside.keys() | about.keys()) & ({x.drug for x in listed} - known)):
        said = say_once([line_of(s, words, length=whole) for s in beside.get(drug, ())], words)
        context = about.get(drug, ())
        if later := [s for s in context if not s.urgent]:
            pointer = Part((), (), words.say("label-see-context"))
            said = (*said, replace(line_of(later[0], words), parts=(pointer,)))
        entries.append(
            Entry(
                _spoken_of(context, beside.get(drug, ())),
                (drug,),
                said,
                tuple(x for x in listed if x.drug == drug),
                urgent=any(s.urgent for s in context),
                linked=False,
            )
        )
    return tuple(entries)


def _spoken_of(context: Sequence[Statement], beside: Sequence[Statement]) -> Response:
    """Return the verdict on a medicine by what the context and interactions say of it."""
    response = _gravest((*context, *beside))
    if not context:
        return response
    # No rule of such a statement grades the drug, and it is no silence either.
    return min(response, Response.CAUTION, key=RESPONSE_ORDER.__getitem__)


def _gravest(said: Iterable[Statement]) -> Response:
    """Return the verdict on a medicine that has no line in the drug table."""
    return min((s.response for s in said), key=RESPONSE_ORDER.__getitem__, default=Response.NO_RULE)


def _planned(
    report: PatientReport, urgent: set[Statement], words: ReportWords
) -> tuple[Entry, ...]:
    """Return the lines of the drugs that the clinician asked about: each has one, in full."""
    drugs = {d.drug: d for d in report.interpretation.drugs}
    beside, about = asked_beside(report), asked_in_context(report)
    taken = {x.drug for x in report.clinical.current or ()}
    entries: dict[str, Entry] = {}
    for item in report.clinical.planned or ():
        name = item.drug
        if name in taken or not item.known:
            continue
        if name in drugs:
            entry = _current(drugs[name], (), urgent, words, Length.ACTION, place_planned)
        else:
            asked = about.get(name, ())
            other = sorted(beside.get(name, ()), key=place_planned)
            own = [line_of(s, words, length=Length.SHORT) for s in asked]
            own += [line_of(s, words) for s in other]
            entry = Entry(_spoken_of(asked, other), (name,), say_once(own, words), linked=False)
        entries[name] = replace(entry, planned=True)
    ordered = sorted(entries.values(), key=lambda e: (RESPONSE_ORDER[e.response], e.drugs))
    return tuple(say_between_once(ordered, words))


def _starting(
    drugs: Sequence[DrugPrediction], urgent: set[Statement], words: ReportWords
) -> tuple[Entry, ...]:
    """Return the lines of drugs that are not taken.

    Those of which the verdict and its reason, or most of the rest, are the same share one; what is
    said of some of them only names them.
    """
    groups: dict[tuple[object, ...], Members] = {}
    asking = words.each(_asking)
    for drug in drugs:
        if asks := asking(drug):
            lead = next((s for s in asks if s.response is drug.response), asks[0])
            key = (
                verdict_of(drug),
                pattern_of(lead, words),
                lead.conditional,
                any(s in urgent for s in asks),
            )
            groups.setdefault(key, []).append((drug, asks))
    entries = [
        words.once(
            "starting",
            tuple(d for d, _ in members),
            in_box,
            partial(_joined, members, in_box, words),
        )
        for members in join_groups(groups, words)
        for in_box in (any(s in urgent for _, asks in members for s in asks),)
    ]
    return tuple(sorted(entries, key=lambda e: (_SHOWN_ORDER[e.response], e.drugs)))


def _joined(
    members: Sequence[tuple[DrugPrediction, list[Statement]]], urgent: bool, words: ReportWords
) -> Entry:
    """Return the line of drugs that share one."""
    verdict = verdict_of(members[0][0])
    return Entry(
        verdict.response,
        tuple(d.drug for d, _ in members),
        say_once(share_lines(members, verdict.hedges, words), words),
        urgent=urgent,
        conditional=verdict.conditional,
    )


def _asking(drug: DrugPrediction, _: ReportWords) -> list[Statement]:
    """Return what page one says of a drug that is not taken, with the word of the formulary.

    A drug to avoid is named even if its warning asks for nothing before a class is confirmed.
    """
    shown = [s for s in shown_statements(drug) if not (s.response in _OPEN and drug.not_assessed)]
    named = drug.response in _STOPPING or any(s.tier in ASKS for s in shown)
    return shown if named else []
