"""Check of words of urgency: what asks for somebody today stands in the urgent box.

Judged is the English wording, as page one has it; the other languages say the same.
"""

import re
from collections.abc import Iterator

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.checks.short_texts import combinations
from epilepsy_pgx.reference.rows import (
    ActionText,
    ClinicalContext,
    CuratedText,
    DrugInteraction,
    DrugRule,
    DrugSafety,
    GeneTherapy,
    UrgentText,
)
from epilepsy_pgx.reference.texts import short_id
from epilepsy_pgx.vocabulary import ActionClass

URGENT = re.compile(
    r"\b(now|today|at once|immediately|urgent(ly)?)\b|\bemergency department\b", re.IGNORECASE
)
"""Words that ask for somebody today, or that name the box."""
_CONTRAINDICATED = re.compile(r"\bcontraindicated\b", re.IGNORECASE)
_NOT_NOW = (
    r": (stop|emergency|at once|(\w+ )?doctor at once)\b(?! department)[^.]*",
    r"needs a doctor at once",
    r"\bor now if taken",
    r"\btoday if taken",
    r"stop at once if (taken|severe)",
    r"\bstart it now\b",
    r"\bnow follow the level",
    r"\bfrom now on\b",
)
"""What such words mean elsewhere: a sign that may come, a drug that may be taken, a start."""
_LATER = re.compile("|".join(_NOT_NOW), re.IGNORECASE)
_STATE = re.compile(r"^[^.:]*\bnow\b(?= ?[,:;(.]| on )", re.IGNORECASE)
"""A finding that the patient has now, in front of what it means."""
_LEVELLED = DrugRule | DrugSafety | GeneTherapy | ClinicalContext | DrugInteraction
_EMERGENCY = re.compile(r"(?<!: )\bemergency\b", re.IGNORECASE)
_MINUTES = re.compile(r"\bstatus( epilepticus)?\b[^.]*\b(now|at once)\b", re.IGNORECASE)
_IN_USE = ("text_taking", "text_reaction")


def asks_today(text: str) -> bool:
    """Say whether a wording asks for somebody today, whatever may come."""
    return bool(URGENT.search(_LATER.sub("", text)))


def _said(package: Package) -> Iterator[tuple[_LEVELLED, tuple[str, ...]]]:
    """Yield rows with the texts that stand on page one if the drug is taken."""
    for said in combinations(package):
        row = said.row
        if isinstance(row, DrugRule):
            if said.column in _IN_USE:
                # The rule's own text is a finding where an action says what to do.
                yield row, said.ids[1:] or said.ids
        elif isinstance(row, _LEVELLED):
            yield row, said.ids[:1]


@check("urgent-words", "What asks for somebody today stands in the urgent box.", needs=("texts",))
def check_words(package: Package) -> Found:
    """Compare what a row asks for with its `critical`."""
    texts = {r.id: r.text for r in package.rows(CuratedText) if r.language == "en"}
    urgent = {r.text_id for r in package.rows(ActionText) if r.action_class == ActionClass.URGENT}
    for row, ids in _said(package):
        if row.critical != "no":
            continue
        for text_id in ids:
            text = texts.get(short_id(text_id)) or texts.get(text_id, "")
            if text_id not in (getattr(row, c, None) for c in _IN_USE):
                text = _STATE.sub("", text)
            # What a text becomes under signs is urgent by itself.
            if text_id in urgent or asks_today(text):
                yield package.problem(
                    "urgent-words",
                    row.TABLE,
                    row,
                    "critical",
                    f"no, with: {text}",
                    "`taking` or `always`, or words that ask for nobody today",
                    f"Set it, or reword {text_id}.",
                )


@check(
    "contraindicated-pairs",
    "Two drugs of which a source says that they are contraindicated together are urgent if taken.",
    needs=("texts",),
)
def check_contraindicated(package: Package) -> Found:
    """Compare the words of interactions with `critical`."""
    texts = {r.id: r.text for r in package.rows(CuratedText) if r.language == "en"}
    for row in package.rows(DrugInteraction):
        said = (texts.get(row.text_id, ""), texts.get(short_id(row.text_id), ""))
        if row.critical == "no" and any(map(_CONTRAINDICATED.search, said)):
            yield package.problem(
                "contraindicated-pairs",
                row.TABLE,
                row,
                "critical",
                f"no, with: {said[0]}",
                "`taking` for a pair that is contraindicated",
                f"Set it, or reword {row.text_id}.",
            )


@check(
    "urgent-order",
    "What sends somebody to an emergency department stands before the rest of the urgent box.",
    needs=("texts", "urgent_order"),
)
def check_order(package: Package) -> Found:
    """Compare the words of what is urgent with the table of what cannot wait."""
    texts = {r.id: r.text for r in package.rows(CuratedText) if r.language == "en"}
    for row in package.every(UrgentText):
        if row.text_id not in texts:
            yield package.problem(
                "urgent-order",
                row.TABLE,
                row,
                "text_id",
                row.text_id,
                "a text of texts.tsv",
                "Correct the id.",
            )
    placed = {row.text_id: row.within for row in package.every(UrgentText)}
    for text_id in sorted(_may_be_urgent(package) & texts.keys()):
        said = _LATER.sub("", texts.get(short_id(text_id)) or texts[text_id])
        soon = _MINUTES.search(said)
        if (soon and placed.get(text_id) != "minutes") or (
            _EMERGENCY.search(said) and text_id not in placed
        ):
            yield package.problem(
                "urgent-order",
                UrgentText.TABLE,
                None,
                "text_id",
                f"{placed.get(text_id, 'no row')} for {text_id}: {said}",
                "`minutes`" if soon else "a row: `minutes` or `hours`",
                "Add or correct it.",
            )


def _may_be_urgent(package: Package) -> frozenset[str]:
    """Return the texts by which a line of the urgent box may be known."""
    found = {r.text_id for r in package.rows(ActionText) if r.action_class == ActionClass.URGENT}
    for said in combinations(package):
        if isinstance(said.row, _LEVELLED) and said.row.critical != "no":
            found.update(said.ids)
    instead = {r.text_id: r.text_instead for r in package.rows(ActionText) if r.text_instead}
    return frozenset(found | {text for name, text in instead.items() if name in found})
