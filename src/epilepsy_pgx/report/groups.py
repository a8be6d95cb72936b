"""Drugs to start of which most is the same: they share an entry, though its first line differs."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.report.lines import Length, Line, line_of, pattern_of, shown_names
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.ordering import TIERS
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


def share_lines(
    members: Sequence[tuple[DrugPrediction, list[Statement]]],
    hedges: Callable[[Statement], bool],
    words: ReportWords,
) -> list[Line]:
    """Return what is said of drugs that share an entry, what is said of all of them first.

    What is said of several in the same words stands once and names them, though one of them adds
    a sentence of its own: that sentence alone stands behind its name.

    Parameters
    ----------
    hedges
        Says whether a statement has to say itself that it is still to be confirmed.
    """
    by_pattern: dict[object, tuple[Statement, list[str]]] = {}
    for drug, asks in members:
        for s in asks:
            pattern = pattern_of(s, words), s.conditional
            first, names = by_pattern.get(pattern, (s, []))
            # One sentence may be to act on for one of the drugs: it stands for all of them.
            by_pattern[pattern] = (_graver(first, s), names)
            if drug.drug not in names:
                names.append(drug.drug)
    said: dict[tuple[object, ...], tuple[Line, list[str]]] = {}
    for s, names in sorted(by_pattern.values(), key=lambda x: len(x[1]) < len(members)):
        line = line_of(s, words, shown_names(names, words), Length.SHORT, hedge=hedges(s))
        keys = tuple(part.key for part in line.parts)
        told: tuple[object, ...] = (s.response, s.conditional, line.hedged, s.origin)
        for end in range(len(keys), 0, -1):
            if known := said.get((told, keys[:end])):
                kept = replace(known[0], statement=_graver(known[0].statement, s))
                said[told, keys[:end]] = kept, list(dict.fromkeys((*known[1], *names)))
                # What it adds belongs to what stands before it, whatever that rests on.
                line, keys, told = replace(line, parts=line.parts[end:]), keys[end:], ()
                break
        if keys:
            _, owners = said.setdefault((told, keys), (line, []))
            owners += [name for name in names if name not in owners]
    order = {drug.drug: place for place, (drug, _) in enumerate(members)}
    return [
        _about(line, tuple(sorted(names, key=order.__getitem__)), len(members), words)
        for line, names in said.values()
    ]


def _graver(one: Statement, other: Statement) -> Statement:
    return min(one, other, key=lambda s: TIERS.index(s.tier))


def _about(line: Line, names: tuple[str, ...], members: int, words: ReportWords) -> Line:
    about = () if len(names) == members else names
    return words.once("about", (line,), about, lambda: replace(line, about=about))
