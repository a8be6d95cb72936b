"""Checks of the pairs of drugs that were read without an effect of note, or are to be avoided."""

import re
from collections.abc import Iterator

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.conditions.base import members, read_groups
from epilepsy_pgx.reference.pairs import Pair, interacting_pairs, reviewed_pairs
from epilepsy_pgx.reference.rows import (
    CuratedText,
    Drug,
    DrugInteraction,
    InteractionReview,
    Locator,
    PairToAvoid,
)
from epilepsy_pgx.reference.texts import short_id
from epilepsy_pgx.vocabulary import Tier

AVOIDED = ("contraindicated", "avoid")
"""What a source asks for that makes a pair one to avoid."""
_SAYS_SO = re.compile(
    r"\bcontraindicated\b|\bnot together\b|\bnot to be taken together\b|\bdo not combine\b"
    r"|\bnot (advised|recommended)\b|\bavoid(ed)?\b(?! by| for)",
    re.IGNORECASE,
)
"""Words of an interaction that asks to avoid it."""


def _faults(row: InteractionReview, known: frozenset[Pair]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (column, found, expected, fix) of what a review may not say."""
    if not row.verified:
        yield (
            "verified",
            "no",
            "yes: a pair that nobody read has no row",
            "Read it, or remove it.",
        )
    for column, words in (("perpetrator", row.perpetrator), ("victim", row.victim)):
        groups = [word for word in words if word.startswith("@")]
        if groups:
            yield (
                column,
                ", ".join(groups),
                "drugs one by one: a group covers drugs that join it later, unread",
                "Write the drugs that the section names.",
            )
    if min(len(row.perpetrator), len(row.victim)) > 1:
        yield (
            "victim",
            f"{len(row.perpetrator)} drugs on {len(row.victim)}",
            "one drug on one of the two sides: the one that the section is about",
            "Make a row of each section and direction.",
        )
    twice = sorted(known.intersection(reviewed_pairs(row)))
    if twice:
        yield (
            "victim",
            ", ".join(f"{a} on {b}" for a, b in twice),
            "pairs without a row in drug_interactions.tsv",
            "Take the pair out of one of the two tables.",
        )


@check(
    "pair-reviewed",
    "A pair that was read without an effect of note is named drug by drug and has no interaction.",
    needs=("drugs", "drug_interactions", "interaction_reviews"),
)
def check_reviews(package: Package) -> Found:
    """Compare the pairs that were read with those that interact."""
    groups = read_groups(package.rows(Drug))
    known = interacting_pairs(package.rows(DrugInteraction), groups)
    for row in package.rows(InteractionReview):
        for column, found, expected, fix in _faults(row, known):
            yield package.problem(
                "pair-reviewed", "interaction_reviews", row, column, found, expected, fix
            )


@check(
    "pair-avoided",
    "What a source asks not to take together has the verdict of a pair to avoid.",
    needs=("drugs", "drug_interactions", "pairs_to_avoid", "locators", "texts"),
)
def check_avoided(package: Package) -> Found:
    """Look for interactions that say to avoid it, or whose source does, without a row."""
    groups = read_groups(package.rows(Drug))
    graded = {row.interaction_id: row for row in package.rows(PairToAvoid)}
    asked = {
        at.row
        for at in package.rows(Locator)
        if at.table == DrugInteraction.TABLE and at.asks in AVOIDED
    }
    texts = {r.id: r.text for r in package.rows(CuratedText) if r.language == "en"}
    for row in package.rows(DrugInteraction):
        said = f"{texts.get(row.text_id, '')} {texts.get(short_id(row.text_id), '')}"
        grade = graded.get(row.interaction_id)
        if grade is None and (row.interaction_id in asked or _SAYS_SO.search(said)):
            yield package.problem(
                "pair-avoided",
                "drug_interactions",
                row,
                "interaction_id",
                f"{row.interaction_id}, which asks to avoid the drugs together",
                "a row of pairs_to_avoid.tsv",
                "Add it, with the source, or correct the text or the locator.",
            )
        if grade is None:
            continue
        if not row.verified or row.tier not in (Tier.ACT, Tier.CONSIDER):
            yield package.problem(
                "pair-avoided",
                "drug_interactions",
                row,
                "tier",
                f"{row.tier}, of a pair to avoid",
                "act or consider, and verified: yes",
                "Read the source, or take the row out of pairs_to_avoid.tsv.",
            )
        if lost := set(grade.perpetrator) - members(row.perpetrator, groups):
            yield package.problem(
                "pair-avoided",
                "pairs_to_avoid",
                grade,
                "perpetrator",
                ", ".join(sorted(lost)),
                f"drugs that act in {row.interaction_id}",
                "Correct the drug.",
            )
