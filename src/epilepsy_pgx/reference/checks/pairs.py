"""Checks of the pairs of drugs that were read without an effect of note."""

from collections.abc import Iterator

from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.conditions.base import read_groups
from epilepsy_pgx.reference.pairs import Pair, interacting_pairs, reviewed_pairs
from epilepsy_pgx.reference.rows import Drug, DrugInteraction, InteractionReview


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
