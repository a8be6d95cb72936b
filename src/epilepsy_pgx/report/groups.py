"""Drugs to start of which most is the same: they share an entry, though its first line differs."""

from collections.abc import Iterable, Mapping

from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.report.lines import pattern_of
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Statement

Members = list[tuple[DrugPrediction, list[Statement]]]
"""Drugs, each with what page one says of it."""


def join_groups(
    groups: Mapping[tuple[object, ...], Members], words: ReportWords
) -> tuple[Members, ...]:
    """Join groups that have a verdict in common and say most of the shorter one alike.

    What is said of some of the drugs only names them, so no drug gains or loses a line. A form of
    a drug that differs in one sentence does not repeat all that is said of the drug.

    Parameters
    ----------
    groups
        Drugs by what makes them share an entry: the verdict, the first line, whether that is
        conditional, and whether the urgent box says more.
    """
    joined: list[tuple[object, Members]] = []
    for (verdict, _, conditional, urgent), members in groups.items():
        key = (verdict, conditional, urgent)
        for other, known in joined:
            if other == key and _alike(known, members, words):
                known += members
                break
        else:
            joined.append((key, list(members)))
    return tuple(members for _, members in joined)


def _alike(known: Members, members: Members, words: ReportWords) -> bool:
    """Say whether any drug of the one says more than half of what a drug of the other says."""
    ours = [_patterns(asks, words) for _, asks in members]
    theirs = [_patterns(asks, words) for _, asks in known]
    return any(2 * len(a & b) > min(len(a), len(b)) > 1 for a in ours for b in theirs)


def _patterns(asks: Iterable[Statement], words: ReportWords) -> set[object]:
    return {(pattern_of(s, words), s.conditional) for s in asks}
