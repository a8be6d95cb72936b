"""Page one in words."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from epilepsy_pgx.clinical_entry import DrugLevel
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport, VariantFinding
from epilepsy_pgx.report import pageone
from epilepsy_pgx.report.gaps import Gates
from epilepsy_pgx.report.leftout import Left
from epilepsy_pgx.report.notjudged import LABELS, short_not_judged
from epilepsy_pgx.report.room import told_not_considered, told_of_taken
from epilepsy_pgx.report.view.factors import short_factors
from epilepsy_pgx.report.view.model import (
    ClassRecord,
    Current,
    Entry,
    Field,
    Finding,
    Hint,
    LeftOut,
    Link,
    Monogenic,
    NextSteps,
    Notice,
    PageOne,
    RequiredTests,
    ShortLimits,
    Signatures,
    Starting,
    Summary,
    Target,
    Urgent,
    UrgentLine,
)
from epilepsy_pgx.report.view.orders import tell_next_steps
from epilepsy_pgx.report.view.summary import tell_list_age, tell_summary
from epilepsy_pgx.report.view.words import (
    Teller,
    amended,
    authorised_by,
    callability,
    class_author,
    class_word,
    missing_genes,
    signed,
    told_notes,
    valid,
    verdict,
    zygosity_word,
)
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.unjudged import NOT_JUDGED, NOT_JUDGED_BESIDES, NOT_JUDGED_TAKEN
from epilepsy_pgx.statement import Message
from epilepsy_pgx.vocabulary import Response

_OTHER = re.compile(r"[^A-Za-z0-9-]+")
_FEW = 3
"""Genes that were not read, and drugs without room for a line, that page one names."""
_DIGEST = 23
"""Letters of a digest that tell it from others."""


def drug_target(drug: str) -> Target:
    """Return the id of a drug in the drug table."""
    return Target("d-" + _OTHER.sub("-", drug))


def linked_drugs(plan: pageone.PageOne) -> frozenset[str | None]:
    """Return the drugs to which page one leads."""
    entries = (*plan.current, *plan.starting)
    return frozenset(e.drugs[0] for e in entries) | frozenset(drug for _, drug in plan.urgent)


def tell_page_one(report: PatientReport, plan: pageone.PageOne, teller: Teller) -> PageOne:
    """Return page one as it was planned."""
    words = teller.words
    # It is measured before its evidence is numbered, and then printed.
    told = words.latest("page-one", (report, plan), (), partial(_unnumbered, report, plan, teller))
    return PageOne(
        told.summary,
        _urgent(plan, teller, report.contacts),
        told.current,
        told.starting,
        tell_monogenic(plan, teller),
        told.context,
        told.factors,
        told.next_steps,
        told.limits,
        told.signatures,
        plan.dense,
    )


class _Unnumbered(NamedTuple):
    """What of page one is measured as it is printed: no number of a chain of evidence is in it."""

    summary: Summary
    current: Current
    starting: Starting
    context: Notice | None
    factors: Field | None
    next_steps: NextSteps | None
    limits: ShortLimits
    signatures: Signatures


def _unnumbered(report: PatientReport, plan: pageone.PageOne, teller: Teller) -> _Unnumbered:
    words = teller.words
    context = Notice(words.say("heading-context"), tuple(x.text for x in plan.context))
    return _Unnumbered(
        tell_summary(report, plan, words),
        tell_current(report, plan, teller),
        tell_starting(report, plan, teller),
        context if plan.context else None,
        short_factors(report, words),
        tell_next_steps(report, words, plan.dense),
        _limits(report, plan, words),
        _signatures(report, words),
    )


def level_words(level: DrugLevel, words: ReportWords) -> str:
    """Return a measured level as page one says it: its number and unit, and the day."""
    value = words.say(
        f"label-level-{level.part}",
        number=("<" if level.undetected else "") + words.number(level.quantity.value),
        unit=level.quantity.unit,
    )
    return value if level.date is None else f"{value} ({level.date})"


def _why(drug: str, words: ReportWords) -> Link:
    return Link(Hint(f"{words.say('label-evidence')}: {words.drug(drug)}"), drug_target(drug))


def _urgent(plan: pageone.PageOne, teller: Teller, contacts: Sequence[Message]) -> Urgent | None:
    if not plan.urgent:
        return None
    words = teller.words
    lines = (
        UrgentLine(
            # Where it is about several drugs, its text names them.
            teller.said(replace(line, about=())),
            _why(drug, words) if drug else None,
            words.brief_source((line.statement,)),
        )
        for line, drug in plan.urgent
    )
    read_back = " ".join(words.tell(m) for m in (*contacts, Message("label-read-back")))
    return Urgent(words.say("heading-urgent"), "■", tuple(lines), read_back)


def tell_current(report: PatientReport, plan: pageone.PageOne, teller: Teller) -> Current:
    """Return what page one says of the drugs in use."""
    words, taken = teller.words, report.clinical.current
    note = (
        ""
        if taken
        else words.say("label-no-medication-list" if taken is None else "label-takes-nothing")
    )
    return Current(
        words.say("heading-current"),
        "" if taken is None else tell_list_age(report, words),
        note,
        tuple(_entry(e, teller) for e in plan.current),
        tell_beside(report, plan, words),
    )


def tell_beside(
    report: PatientReport, plan: pageone.PageOne, words: ReportWords
) -> tuple[Field, ...]:
    """Return what page one says of drugs in use that have no line."""
    unknown = words.say("label-not-considered")
    return (
        *_not_judged(report, NOT_JUDGED_BESIDES, words),
        *_not_judged(report, NOT_JUDGED_TAKEN, words),
        *(Field(*each) for each in told_of_taken(plan, words)),
        *(Field(unknown, x) for x in told_not_considered(report, plan, words)),
    )


def tell_starting(report: PatientReport, plan: pageone.PageOne, teller: Teller) -> Starting:
    """Return what page one says of the drugs that could be started."""
    words = teller.words
    gates = plan.required_tests
    rows = words.once("gates", (gates,), (), partial(_gates, gates, words))
    return Starting(
        words.say("heading-before-starting"),
        next(_not_judged(report, NOT_JUDGED, words), None),
        "" if plan.starting else words.say("label-no-finding-before-starting"),
        tuple(_entry(e, teller) for e in plan.starting),
        RequiredTests("?", words.say("label-test-first"), rows) if rows else None,
        _left_out(report, plan, words) if plan.left else None,
    )


def _not_judged(report: PatientReport, text_id: str, words: ReportWords) -> Iterator[Field]:
    told, _ = short_not_judged(report, words, text_id)
    if told:
        yield Field(words.say(LABELS[text_id]), told)


def _gates(gates: Gates, words: ReportWords) -> tuple[Field, ...]:
    return tuple(Field(", ".join(genes), words.drugs(drugs)) for genes, drugs in gates)


_LEFT = {
    Left.INTERACTIONS: ("label-left-interactions", "drugs"),
    Left.MEDICINES: ("label-left-medicines", "interactions"),
    Left.TAKEN: ("label-left-taken", "drugs"),
    Left.MEETINGS: ("label-left-meetings", "drugs"),
    Left.PLANNED: ("label-left-planned", "drugs"),
    Left.AVOID: ("label-left-avoid", "drugs"),
    Left.STARTING: ("label-left-starting", "drugs"),
    Left.GENES: ("label-left-genes", "variants"),
    Left.CONTEXT: ("label-left-context", "context"),
}
"""How page one names what it has no room for, and where that stands."""


def _left_out(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> LeftOut:
    """Return how many lines of each kind stand behind page one alone."""
    counts = []
    for kind, number in plan.left:
        label, target = _LEFT[kind]
        if kind is Left.MEDICINES and not report.interpretation.interactions:
            target = "context"
        # Who wants to know why a drug is to be avoided is told of which drugs more is said.
        named = {"drugs": words.drugs(plan.left_avoid)} if kind is Left.AVOID else {}
        if kind is Left.INTERACTIONS:
            # Who takes them now is not told that nothing is asked.
            met = dict.fromkeys(plan.left_together)
            named = {"drugs": "; ".join(words.drugs(drugs) for drugs in met)}
        if kind is Left.STARTING and plan.unnamed:
            label = "label-left-starting-named"
            # An entry may be about several drugs.
            number = max(number, len(plan.unnamed))
            named = {"drugs": _few(plan.unnamed, words)}
        counts.append(Link(words.say(label, number=str(number), **named), Target(target)))
    asks = any(kind is Left.INTERACTIONS for kind, _ in plan.left)
    label = "label-left-out-asks" if asks else "label-left-out"
    return LeftOut(words.say(label), tuple(counts))


def _few(drugs: Sequence[str], words: ReportWords) -> str:
    """Return the first of some drugs, and how many more there are."""
    shown = [words.drug(drug) for drug in drugs[:_FEW]]
    if len(drugs) > _FEW:
        shown.append(words.say("label-next-others", number=str(len(drugs) - _FEW)))
    return ", ".join(shown)


def _entry(entry: pageone.Entry, teller: Teller) -> Entry:
    # No number of this report stands in it.
    return teller.words.once("entry", (entry,), (), lambda: _told(entry, teller))


def _told(entry: pageone.Entry, teller: Teller) -> Entry:
    words = teller.words
    exposures = []
    for x in entry.exposures:
        since = (
            f"{words.say('label-since')} {x.start}" if x.start else words.say("label-start-unknown")
        )
        levels = ", ".join(level_words(level, words) for level in x.levels)
        dose = (x.dose or "").replace("/day", words.say("label-per-day"))
        exposures.append(", ".join(v for v in (dose, levels, since) if v))
    if entry.planned:
        exposures.append(words.say("label-planned"))
    quiet = entry.response is Response.NO_RULE and not entry.said
    return Entry(
        verdict(entry.response, entry.conditional and not quiet, words),
        words.drugs(entry.drugs),
        tuple(exposures),
        words.say("label-see-urgent") if entry.urgent else "",
        tuple(teller.said(line, number=False, brief=True) for line in entry.said),
        missing_genes(entry.not_assessed, words),
        _why(entry.drugs[0], words) if entry.linked else None,
        words.brief_source(line.statement for line in entry.said[:1]),
        quiet,
    )


def class_records(finding: VariantFinding, words: ReportWords) -> tuple[ClassRecord, ...]:
    """Return the classes of a variant, each with who gave it."""
    return tuple(
        ClassRecord(class_word(c.classification, words), class_author(c, words))
        for c in finding.classifications
    )


def _finding(finding: VariantFinding, words: ReportWords) -> Finding:
    names = (finding.hgvs_c or str(finding.key), finding.hgvs_p or "")
    return Finding(
        finding.gene,
        tuple(n for n in names if n),
        zygosity_word(finding.zygosity, words),
        class_word(finding.classification, words),
        class_records(finding, words),
        told_notes(finding, words),
    )


def tell_monogenic(plan: pageone.PageOne, teller: Teller) -> Monogenic:
    """Return what page one says of the variants."""
    words = teller.words
    read = ", ".join(f"{gene} {part} %" for gene, part in plan.read)
    return Monogenic(
        words.say("heading-monogenic"),
        tuple(_finding(f, words) for f in plan.findings),
        "" if plan.findings else words.say("label-no-variant-reported"),
        words.say("label-more-variants", number=str(plan.more_findings))
        if plan.more_findings
        else "",
        tuple(teller.said(line) for line in plan.monogenic),
        Link(Hint(words.say("label-evidence")), Target("variants")),
        words.say("label-genes-read", genes=read) if plan.read else "",
        Hint(words.say("label-lollipop-short")),
    )


def _unread(plan: pageone.PageOne, words: ReportWords) -> tuple[str, ...]:
    """Return how many genes were not read, at how many listed variants some of them were, and
    which of them matter most for the patient."""
    genes, absent, total = plan.listed
    if not plan.unread:
        return ()
    number, first = str(plan.unread), ", ".join(plan.unread_first[:_FEW])
    if not genes and not first:
        return (words.say("label-genes-unread", number=number),)
    if not genes:
        return (words.say("label-genes-unread-first", number=number, genes=first),)
    counts = {"genes": str(genes), "absent": str(absent), "total": str(total)}
    told = words.say("label-genes-listed", number=number, **counts)
    return (told, words.say("label-genes-first", genes=first)) if first else (told,)


def _limits(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> ShortLimits:
    return ShortLimits(
        words.say("heading-limits"),
        _unread(plan, words),
        f"{callability(report, words)} {words.say('label-limits-short')}",
        "▲" if report.warnings else "",
        tuple(map(words.tell, report.warnings)),
        Hint(words.say("label-all-limits")),
    )


def _signatures(report: PatientReport, words: ReportWords) -> Signatures:
    say, given = words.say, report.authorisation
    if given is None:
        lines = ("reviewed-by", "authorised-by", "date-signature")
        return Signatures(tuple(say(f"label-{line}") for line in lines), (), "", "")
    review = () if given.review is None else (Field(say("label-reviewed"), signed(given.review)),)
    return Signatures(
        (),
        (
            *review,
            Field(say("label-authorised"), authorised_by(given)),
            Field(say("label-authorised-on"), given.date),
            Field(say("label-authorised-draft"), f"{given.digest[:_DIGEST]}…"),
        ),
        " ".join(amended(given, words)),
        valid(report, words),
    )
