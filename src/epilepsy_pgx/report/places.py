"""In which order the lines of a drug in use or planned stand, and what stands with another drug."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from epilepsy_pgx.frozen import replace
from epilepsy_pgx.report.asked import among_planned, happens, meets_taken, parties
from epilepsy_pgx.report.giveway import STOPPING, warns_by_genes
from epilepsy_pgx.report.lines import Line, Part
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.response.ordering import INTERACTING
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Origin, Response, Tier

if TYPE_CHECKING:
    from epilepsy_pgx.report.pageone import Entry


def place(said: Statement) -> int:
    """Sort key of what is said of a drug in use; the order is kept where it leaves a choice.

    What the drugs taken do to each other happens now: only warnings and what is urgent stand
    before it, not a dose for a start nor what holds for every patient.
    """
    warns = said.response is Response.CAUTION and said.origin is not Origin.GENERAL
    if said.urgent or said.response in STOPPING or (warns and said.tier is Tier.ACT):
        return 0
    return 1 if happens(said) else 2


def place_planned(said: Statement) -> int:
    """Sort key of what is said of a planned drug; the order is kept where it leaves a choice.

    What genes warn of and what it does to drugs that are taken stand before tests and general
    lines; behind all stands what planned drugs would do to each other, for not all are started.
    """
    if place(said) == 0:
        return 0
    if warns_by_genes(said) or meets_taken(said):
        return 1
    return 3 if among_planned(said) else 2


def say_between_once(entries: Iterable["Entry"], words: ReportWords) -> Iterator["Entry"]:
    """Refer to the first of two planned drugs for what both would do to each other.

    What is said of each of them alone is said of each, even in the same words.
    """
    before: dict[object, str] = {}
    for entry in entries:
        said: list[Line] = []
        referred: dict[tuple[object, ...], list[str]] = {}
        places: dict[tuple[object, ...], int] = {}
        for line in entry.said:
            s = line.statement
            if s.response not in INTERACTING:
                said.append(line)
                continue
            known = before.setdefault(line.parts[0].key, entry.drugs[0])
            if known == entry.drugs[0] or known not in parties(s):
                said.append(line)
                continue
            # Drugs to look at for lines of one weight stand in one line.
            alike = (s.response, s.tier, s.conditional, s.origin)
            names = referred.setdefault(alike, [])
            names += [] if known in names else [known]
            pointer = words.say("label-see-interaction", drug=words.drugs(tuple(names)))
            if alike in places:
                line = said[places[alike]]
                said[places[alike]] = replace(line, parts=(Part((), (), pointer),))
                continue
            places[alike] = len(said)
            said.append(replace(line, parts=(Part((), (), pointer),)))
        yield replace(entry, said=tuple(said))
