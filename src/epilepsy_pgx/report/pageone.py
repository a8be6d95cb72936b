"""What stands on page one, in which order, and how densely.

Page one is read in a minute and fits one A4 page, so drugs about which the same is said share a
line, what is already in the urgent box is not said again, and drugs that nobody takes are cut
down to verdict and reason when the page would overflow. The full sentences stand with their
evidence in the drug table, to which every line leads.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from epilepsy_pgx.model import (
    DrugExposure,
    DrugPrediction,
    GeneCoverage,
    PatientReport,
    VariantFinding,
)
from epilepsy_pgx.report.lines import Line, Part, line_of, lines_of, say_once, shown_names
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import ReasonKind, Statement
from epilepsy_pgx.vocabulary import Classification, Origin, Response, Tier

RESPONSE_ORDER = {response: place for place, response in enumerate(Response)}
_TIER_ORDER = {tier: place for place, tier in enumerate(Tier)}
_ASKS = (Tier.ACT, Tier.CONSIDER)
_OPEN = (Response.NOT_ASSESSED, Response.PARTIAL)
_STOPPING = (Response.CONTRAINDICATED, Response.AVOID, Response.AVOID_MAINTENANCE)
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)

_SAYS_LITTLE = frozenset(
    {
        ReasonKind.CLINICAL,
        ReasonKind.CLINICAL_MISSING,
        ReasonKind.HISTORY,
        ReasonKind.REACTION,
        ReasonKind.SIGN,
        ReasonKind.TAKING,
    }
)
"""Reasons whose subject alone ("clinical entry") is no reason."""

LINES = 53
"""Lines of text that an A4 page holds in the print style of the page."""
WIDTH = 92
"""Letters of a line in that style, on average."""
_BESIDE = 76
"""Letters of a line beside the column of verdicts."""
_VERDICT = 15
"""Letters of a line of that column."""
_IF_CONFIRMED = 16
"""Letters that a verdict gains while it is to be confirmed."""
_BRIEF = 96
"""Letters of a reason on page one before it is cut at the end of a word."""
_WORTH = 60
"""Letters that must be saved before a line leads to another line instead."""
_FEW = 3
"""Variants without a causal class that page one names; the others are counted."""


class Length(Enum):
    """What is left of a statement that is shortened."""

    REASON = "the reason"
    TOLD = "what the reason is about; what was entered stays whole"
    SUBJECT = "what the reason is about"


_LENGTHS: tuple[tuple[tuple[Tier, ...], Length], ...] = (
    ((), Length.REASON),
    ((Tier.CONSIDER,), Length.REASON),
    (_ASKS, Length.REASON),
    (_ASKS, Length.TOLD),
    (_ASKS, Length.SUBJECT),
)
"""Which tiers are shortened, and to what, from a page with room to a crowded one."""


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


@dataclass(frozen=True, slots=True)
class PageOne:
    """The content of page one that is chosen, grouped or cut."""

    urgent: tuple[tuple[Line, str | None], ...]
    """Urgent statements, each with the drug it is about."""
    current: tuple[Entry, ...]
    starting: tuple[Entry, ...]
    required_tests: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
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


def plan_page_one(report: PatientReport, words: ReportWords, lines: int = LINES) -> PageOne:
    """Choose what page one shows.

    Parameters
    ----------
    words
        Words of the report's language.
    lines
        Lines of text that the page holds.
    """
    drugs = report.interpretation.drugs
    taken = {d.drug for d in report.clinical.current or ()}
    urgent = tuple(
        (line_of(s, words), next((d.drug for d in drugs if s in d.statements), None))
        for s in report.interpretation.urgent
    )
    known = {line.statement for line, _ in urgent}
    current = tuple(
        _current(d, report.clinical.current or (), known, words) for d in drugs if d.drug in taken
    )
    current += _other_victims(report, {d.drug for d in drugs}, words)
    others = [d for d in drugs if d.drug not in taken]
    required_tests = _required_tests(others)
    findings = sorted(
        (f for f in report.findings if f.classification not in _BENIGN), key=finding_rank
    )
    shown = [f for f in findings if f.classification in _CAUSAL]
    shown += [f for f in findings if f.classification not in _CAUSAL][:_FEW]
    covered = [c for c in report.coverage if c.judged]
    page = PageOne(
        urgent=urgent,
        current=tuple(sorted(current, key=lambda e: (RESPONSE_ORDER[e.response], e.drugs))),
        starting=(),
        required_tests=required_tests,
        findings=tuple(shown),
        more_findings=len(findings) - len(shown),
        monogenic=lines_of((s for s in report.interpretation.monogenic if s.tier in _ASKS), words),
        read=tuple((c.gene, words.number(f"{100 * (c.fraction or 0):.1f}")) for c in covered),
        unread=len(report.coverage) - len(covered),
        listed=_listed(report.coverage),
        context=lines_of(
            (
                s
                for section in report.interpretation.context
                for s in section.statements
                if s.tier in _ASKS
            ),
            words,
        ),
    )
    room = lines - _other_lines(report, page, words)
    best: tuple[Entry, ...] = ()
    # From the fullest form to the tersest; the last one is used even if it does not fit.
    for cut, length in _LENGTHS:
        best = _starting(others, known, cut, words, length)
        if sum(_entry_lines(e, words) for e in best) <= room:
            break
    return replace(page, starting=best)


def _listed(coverage: Iterable[GeneCoverage]) -> tuple[int, int, int]:
    """Count the genes read at listed variants alone, and these variants."""
    read = [c for c in coverage if not c.judged and c.known_absent]
    return len(read), sum(c.known_absent for c in read), sum(c.known_total for c in read)


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


def is_conditional(statements: Iterable[Statement], response: Response) -> bool:
    """Say whether a verdict rests only on statements that are still to be confirmed.

    An interaction is conditional in another way, on the drug being started: its line says so.
    """
    carriers = [s for s in statements if s.response is response]
    return bool(carriers) and all(
        s.conditional and s.origin is not Origin.INTERACTION for s in carriers
    )


def is_quiet(drug: DrugPrediction) -> bool:
    """Say whether there is nothing to say about a drug but that no rule speaks of it."""
    return (
        drug.response is Response.NO_RULE
        and not drug.deciding
        and all(s.tier is Tier.NONE for s in drug.statements)
    )


def _current(
    drug: DrugPrediction, taken: Iterable[DrugExposure], urgent: set[Statement], words: ReportWords
) -> Entry:
    """Return the line of a drug that is taken: a verdict never stands without its reason."""
    asks = [s for s in drug.statements if s.tier in _ASKS]
    if not asks and drug.response is not Response.NO_RULE:
        asks = [s for s in drug.statements if s.response is drug.response][:1]
    return Entry(
        drug.response,
        (drug.drug,),
        say_once([line_of(s, words) for s in asks if s not in urgent]),
        tuple(x for x in taken if x.drug == drug.drug),
        drug.not_assessed,
        any(s in urgent for s in asks),
        is_conditional(drug.statements, drug.response),
        not is_quiet(drug),
    )


def _other_victims(report: PatientReport, known: set[str], words: ReportWords) -> tuple[Entry, ...]:
    """Return lines of medicines that are taken, are no anti-seizure drugs, and are changed.

    They have no line in the drug table, so page one says what the interaction asks for.
    """
    by_drug: dict[str, list[Statement]] = {}
    for statement in report.interpretation.interactions:
        for drug in statement.drugs:
            if drug not in known and statement.tier in _ASKS:
                by_drug.setdefault(drug, []).append(statement)
    return tuple(
        Entry(
            Response.INTERACTION,
            (drug,),
            say_once([line_of(s, words) for s in statements]),
            tuple(x for x in report.clinical.current or () if x.drug == drug),
            linked=False,
        )
        for drug, statements in sorted(by_drug.items())
    )


def _starting(
    drugs: Sequence[DrugPrediction],
    urgent: set[Statement],
    cut: Sequence[Tier],
    words: ReportWords,
    length: Length = Length.REASON,
) -> tuple[Entry, ...]:
    """Group the drugs about which the same is said; cut the tiers named to their reason.

    Parameters
    ----------
    cut
        Tiers whose statements are shortened.
    length
        What is left of them.
    """
    groups: dict[tuple[object, ...], list[tuple[DrugPrediction, list[Statement]]]] = {}
    for drug in drugs:
        asks = [
            s
            for s in drug.statements
            if s.tier in _ASKS and not (s.response in _OPEN and drug.not_assessed)
        ]
        if not asks:
            continue
        key: list[object] = [RESPONSE_ORDER[_leading(asks)]]
        for s in asks:
            short = s.tier in cut and _short(s, words, length) is not None
            # Drugs share a line if what is shown of them is alike, not all that is known.
            key.append((s.reason_pattern, s.action_id) if short else s.pattern)
            key.append(s.conditional)
        groups.setdefault(tuple(key), []).append((drug, asks))
    entries = []
    for members in groups.values():
        first, asks = members[0]
        names = tuple(d.drug for d, _ in members)
        shown = shown_names(names, words)
        said: dict[tuple[object, ...], Line] = {}
        for s in asks:
            line = (_short(s, words, length, shown) if s.tier in cut else None) or (
                line_of(s, words, shown)
            )
            said.setdefault((*(p.key for p in line.parts), s.conditional), line)
        response = _leading(asks)
        entries.append(
            Entry(
                response,
                names,
                say_once(list(said.values())),
                urgent=any(s in urgent for s in asks),
                conditional=is_conditional(asks, response),
            )
        )
    tiers = {
        names: min(_TIER_ORDER[s.statement.tier] for s in e.said)
        for e in entries
        for names in [e.drugs]
    }
    ordered = sorted(entries, key=lambda e: (tiers[e.drugs], RESPONSE_ORDER[e.response], e.drugs))
    return tuple(_refer_back(ordered, words))


def _leading(statements: Sequence[Statement]) -> Response:
    """Return the most cautious word of some statements.

    What an interaction would do if the drug were started is the word only of a drug about which
    nothing else is said.
    """
    leading = [
        s.response for s in statements if s.origin is not Origin.INTERACTION or not s.conditional
    ]
    return min(leading or [s.response for s in statements], key=RESPONSE_ORDER.__getitem__)


def _refer_back(entries: Iterable[Entry], words: ReportWords) -> Iterator[Entry]:
    """End a line with a reference where a line before it ends with the same texts."""
    before: dict[object, str] = {}
    for entry in entries:
        if not entry.said:
            yield entry
            continue
        last = entry.said[-1]
        parts = last.parts
        known = before.get(parts[-1].key)
        same = len(parts)
        # Refer for as many texts at the end as the other line has too.
        while known is not None and same > 1 and before.get(parts[same - 1].key) == known:
            same -= 1
        for part in parts:
            before.setdefault(part.key, entry.drugs[0])
        # A short text is read faster than a reference is followed.
        if known is None or sum(len(p.text) for p in parts[same:]) < _WORTH:
            yield entry
            continue
        pointer = words.say("label-same-action", drug=words.drug(known))
        kept = (*parts[:same], Part((), (), pointer))
        yield replace(entry, said=(*entry.said[:-1], replace(last, parts=kept)))


def brief(reason: str) -> str:
    """Shorten a reason whose whole stands in the drug table; no word is cut."""
    if len(reason) <= _BRIEF:
        return reason
    return f"{reason[:_BRIEF].rpartition(' ')[0].rstrip(' ,;:(')} …"


def _short(
    statement: Statement, words: ReportWords, length: Length, shown: str | None = None
) -> Line | None:
    """Return the reason, and what to do about a drug to be avoided; None if that saves nothing."""
    if statement.origin is Origin.INTERACTION and length is not Length.SUBJECT:
        # Its reason is the medication list, which says nothing without what happens.
        return None
    drugs = statement.drugs
    shown = words.drugs(drugs) if shown is None else shown
    if length is not Length.REASON:
        subjects = dict.fromkeys(
            brief(words.tell(r, drugs, shown)).rstrip(".")
            if r.kind in _SAYS_LITTLE and length is Length.TOLD
            else words.wording.subject_of(r, drugs, shown)
            for r in statement.reasons
        )
        facts = [x for x in subjects if not any(o != x and o.startswith(x) for o in subjects)]
    else:
        facts = [brief(words.tell(r, drugs, shown)).rstrip(".") for r in statement.reasons]
    whole = line_of(statement, words, shown)
    text = "; ".join(facts)
    todo = whole.parts[1 if statement.action_id else 0]
    stops = statement.response in _STOPPING
    reason = Part(
        (statement.reason_pattern, length, shown),
        tuple(map(words.wording.text_of, statement.reasons)),
        f"{text}." if stops else text,
    )
    parts = (reason, todo) if stops else (reason,)
    line = replace(whole, parts=parts, short=True, hedged=False)
    return line if facts and len(line.text) < len(whole.text) else None


def _required_tests(
    drugs: Sequence[DrugPrediction],
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Name the genes that were not read, genes with the same drugs together."""
    by_gene: dict[str, list[str]] = {}
    for drug in drugs:
        for gene in drug.not_assessed:
            by_gene.setdefault(gene, []).append(drug.drug)
    groups: dict[tuple[str, ...], list[str]] = {}
    for gene, names in sorted(by_gene.items()):
        groups.setdefault(tuple(names), []).append(gene)
    return tuple(sorted((tuple(genes), names) for names, genes in groups.items()))


def _text_lines(text: str, width: int = WIDTH) -> int:
    return max(1, -(-len(text) // width))


def _entry_lines(entry: Entry, words: ReportWords) -> int:
    """Estimate the lines of an entry: names stand in front of the first sentence."""
    names = len(", ".join(entry.drugs)) + 2
    lines = 0
    for number, said in enumerate(entry.said):
        extra = names if number == 0 else 0
        more = len(words.tell_all(said.resolve)) + 24 if said.resolve else 0
        lines += _text_lines("x" * (len(said.text) + extra + more + 12), _BESIDE)
    verdict = len(entry.response) + (_IF_CONFIRMED if entry.conditional else 0)
    return max(lines, _text_lines("x" * verdict, _VERDICT))


def _other_lines(report: PatientReport, page: PageOne, words: ReportWords) -> int:
    """Estimate the lines of all that is not cut."""
    # The parts that every report has: title, identity, headings, signatures.
    lines = 17
    lines += sum(_text_lines(words.tell(x)) for x in (*report.not_reportable, *report.warnings))
    lines += sum(_text_lines(line.text) for line, _ in page.urgent) + (3 if page.urgent else 0)
    lines += sum(_entry_lines(e, words) for e in page.current)
    lines += sum(_text_lines(", ".join((*g, *d))) for g, d in page.required_tests)
    lines += _text_lines(words.say("label-test-first")) if page.required_tests else 0
    lines += 2 * len(page.findings) + sum(_text_lines(s.text) for s in page.monogenic)
    lines += sum(_text_lines(s.text) for s in page.context)
    lines += len(report.interpretation.not_considered)
    return lines + 6
