"""The head of page one: who, the report in a sentence and in five numbers, and its list's age."""

from collections.abc import Iterator, Sequence
from datetime import date

from epilepsy_pgx.model import PatientReport, VariantFinding
from epilepsy_pgx.report import pageone
from epilepsy_pgx.report.together import AVOID, others_to_avoid, pairs_to_avoid
from epilepsy_pgx.report.view.model import Count, Summary, Target
from epilepsy_pgx.report.view.words import capital, class_word
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.vocabulary import Classification, Response, Tier

_CAUTION = (
    Response.CAUTION,
    Response.ADJUST_DOSE,
    Response.CONSIDER_ALTERNATIVE,
    Response.INTERACTION,
)
_CAUSAL = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
_NOT_JUDGED = ("not-considered", "not-judged")
"""How the ids of messages on a drug or medicine that nothing judged begin."""
_NAMED = 3
"""Causes and drugs that the sentence names."""


def tell_summary(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> Summary:
    """Return the report in a sentence, and in five numbers."""
    drugs = report.interpretation.drugs
    others = [Response.AVOID] if others_to_avoid(report) else []
    worst = min(
        (*(d.response for d in drugs), *others),
        key=lambda r: pageone.RESPONSE_ORDER[r],
        default=Response.NO_RULE,
    )
    loud = Response.CONTRAINDICATED if plan.urgent else worst
    return Summary(
        loud,
        words.say("label-summary-not-judged") if report.not_reportable else _cause(plan, words),
        tuple(
            s
            for s in (_avoid(report, plan, words), _taken(plan, words), _gap(report, plan, words))
            if s
        ),
        words.say("label-goes-on") if plan.goes_on else "",
        tuple(_counts(report, plan, words)),
    )


def _cause(plan: pageone.PageOne, words: ReportWords) -> str:
    found = [f for f in plan.findings if f.classification in _CAUSAL]
    if not found:
        return words.say("label-summary-no-cause")
    shown = [_named(f, words) for f in found[:_NAMED]]
    if len(found) > _NAMED:
        shown.append(words.say("label-next-others", number=str(len(found) - _NAMED)))
    return f"{'; '.join(shown)}."


def _named(finding: VariantFinding, words: ReportWords) -> str:
    name = finding.hgvs_p or finding.hgvs_c or str(finding.key)
    return f"{finding.gene} {name}: {class_word(finding.classification, words)}"


def _avoid(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> str:
    drugs = [d for d in report.interpretation.drugs if d.response in AVOID]
    opens = [pageone.verdict_of(d).conditional for d in drugs]
    opens += others_to_avoid(report).values()
    pairs = pairs_to_avoid(report.interpretation)
    if not opens and pairs:
        return _together(pairs, words)
    if not opens:
        # It is read first: beside what is to be done, or was not judged, it would calm.
        loud = _acts(plan) or any(
            m.text_id.startswith(_NOT_JUDGED) for m in report.interpretation.not_considered
        )
        return words.say("label-summary-read-on" if loud else "label-summary-none-to-avoid")
    is_open = sum(opens)
    values = {"number": str(len(opens) - is_open), "open": str(is_open)}
    said = words.say("label-summary-avoid-open" if is_open else "label-summary-avoid", **values)
    return f"{said} {_together(pairs, words)}" if pairs else said


def _acts(plan: pageone.PageOne) -> bool:
    """Say whether page one has something urgent, or to act on, of the patient's own drugs."""
    entries = (*plan.current, *(e for e in plan.starting if e.planned))
    lines = (*(x for e in entries for x in e.said), *plan.context)
    return bool(plan.urgent) or any(x.statement.tier is Tier.ACT for x in lines)


def _together(pairs: Sequence[Sequence[str]], words: ReportWords) -> str:
    """Return which drugs are not to be taken together."""
    told = [" + ".join(map(words.drug, pair)) for pair in pairs[:_NAMED]]
    if len(pairs) > _NAMED:
        told.append(words.say("label-next-others", number=str(len(pairs) - _NAMED)))
    return words.say("label-summary-together", pairs="; ".join(told))


def _taken(plan: pageone.PageOne, words: ReportWords) -> str:
    if not plan.current:
        return ""
    told = [
        f"{words.drugs(e.drugs)} ({words.verdict(e.response, e.conditional)})"
        for e in plan.current[:_NAMED]
    ]
    if len(plan.current) > _NAMED:
        told.append(words.say("label-next-others", number=str(len(plan.current) - _NAMED)))
    return words.say("label-summary-taken", drugs=", ".join(told))


def _gap(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> str:
    found = report.interpretation.next_tests
    # A gap that decides nothing now is asked for below, and is not called the largest.
    if not found or found[0].aside:
        return ""
    # What no test of the list settles, such as a cause that is treated today, comes before it.
    label = "label-summary-gap-urgent" if plan.urgent else "label-summary-gap"
    return words.say(label, name=words.tell(found[0].name))


_SINGULAR = {
    "label-count-avoid": "label-count-avoid-one",
    "label-count-avoid-pairs": "label-count-avoid-pairs-one",
}
"""Labels that read otherwise behind a 1."""


def _counts(report: PatientReport, plan: pageone.PageOne, words: ReportWords) -> Iterator[Count]:
    found = report.interpretation
    total = len(report.coverage)
    pairs = len(pairs_to_avoid(found))
    favoured = sum(d.response is Response.MAY_FAVOUR for d in found.drugs)
    # The gene that would change most is worth more than how many there are.
    first = {"gene": plan.unread_first[0]} if plan.unread_first else {}
    numbers = (
        (
            "label-count-urgent",
            Response.CONTRAINDICATED,
            len(found.urgent),
            "urgent" if plan.urgent else "now",
        ),
        (
            "label-count-avoid-pairs" if pairs else "label-count-avoid",
            Response.AVOID,
            sum(d.response in AVOID for d in found.drugs) + len(others_to_avoid(report)) + pairs,
            "options",
        ),
        (
            "label-count-caution",
            Response.CAUTION,
            sum(d.response in _CAUTION for d in found.drugs),
            "options",
        ),
        (
            # What a gene finding says of drugs is no mark, and a bare "0" would deny it.
            "label-count-favour-finding"
            if plan.monogenic and not favoured
            else "label-count-favour",
            Response.MAY_FAVOUR,
            favoured,
            "options",
        ),
        (
            "label-count-unread-first" if first else "label-count-unread",
            Response.NOT_ASSESSED,
            plan.unread,
            "unseen",
        ),
    )
    for name, response, number, target in numbers:
        yield Count(
            response if number else Response.NO_RULE,
            str(number),
            words.say(
                _SINGULAR.get(name, name) if number == 1 else name, total=str(total), **first
            ),
            Target(target),
        )


def tell_person(report: PatientReport, words: ReportWords) -> str:
    """Return age, sex and weight, each as it was entered or as not given."""
    entry = report.clinical
    age, weight = entry.age_years, entry.weight_kg
    parts = (
        words.say("label-age-missing")
        if age is None
        else words.say("label-years", number=words.number(age)),
        words.say("label-sex-missing") if entry.sex is None else words.word("word", entry.sex),
        words.say("label-weight-missing") if weight is None else f"{words.number(weight)} kg",
    )
    return ", ".join(parts)


def tell_list_age(report: PatientReport, words: ReportWords) -> str:
    """Return the day of the clinical entry and how old it was when the report was made."""
    day = report.clinical.entry_date
    if day is None:
        return capital(words.say("label-list-undated"))
    made = date.fromisoformat(report.provenance.created[:10])
    days = (made - date.fromisoformat(day)).days
    return words.say("label-list-dated", date=day, days=str(days))
