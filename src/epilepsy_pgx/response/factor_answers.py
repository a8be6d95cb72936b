"""What was said and entered of a patient, as signs of the factors ask for it."""

from collections.abc import Iterable, Iterator, Sequence

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import ClinicalEntry, Interpretation
from epilepsy_pgx.reference.conditions.base import Groups, members
from epilepsy_pgx.reference.conditions.kinds.medication import KIND as MEDICATION
from epilepsy_pgx.reference.conditions.kinds.medication import LISTED
from epilepsy_pgx.reference.conditions.reasons import field_value
from epilepsy_pgx.reference.rows import FactorCondition
from epilepsy_pgx.reference.rows.factors import AVOID_TOGETHER, UNSETTLED
from epilepsy_pgx.response.factor_medicines import DoseLines, Found, was_tried
from epilepsy_pgx.response.facts import PatientFacts, named_drug
from epilepsy_pgx.response.ordering import INTERACTING
from epilepsy_pgx.response.rules import WARNINGS
from epilepsy_pgx.statement import ReasonKind, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import LevelPart, Origin, Response, Tier

WITHIN = "level-within"
MOST_WITHIN = "level-disagree-within"
OF_RANGE = frozenset({WITHIN, MOST_WITHIN})
"""What is said of a level that all sources, or most of them, put within."""
HIGH = frozenset(
    {
        "level-above",
        "level-above-free",
        "level-alert",
        "level-alert-above",
        "level-alert-open",
        "level-alert-some",
        "level-alert-stopped",
        "level-alert-untimely",
        "level-alert-urgent",
        "level-disagree-above",
    }
)
"""What is said of a level that is high, or may be too high for this patient."""
NOT_LOW = HIGH | {WITHIN}
"""What is said of a level that is not low."""
_UNSETTLED = frozenset(
    {"level-unknown-kinetics", "level-unknown-settling", "level-unknown-substance"}
)
"""What stands behind a level of which nobody knows if it is one of steady state, or of what."""
UNREAD = "unread"
"""Word of the tables for a patient of whom no gene was read for rare variants."""
OPPOSING, UNCHANGED = "interaction-opposing", "interaction-no-dose-change"
"""What is said of a drug that others raise and lower, and of a fall that changes no dose."""
_OPPOSED = ("opposing",)
"""Word of the tables for such a drug: of one that only lowers it half would be said."""
_HARM = (ReasonKind.REACTION, ReasonKind.SIGN)
_RAISED, LOWERED = ("up",), ("down",)
_NOT_LOW_BY_MOST = NOT_LOW | {"level-disagree", MOST_WITHIN}
"""What is said of a level that is not low by most of the sources."""
_OF_CHILDREN = "sex"
"""What hangs on the sex that is entered is said of children to come, whatever the dose."""
_LIMITING = WARNINGS | {
    Response.ADJUST_DOSE,
    Response.AVOID_TOGETHER,
    Response.CONSIDER_ALTERNATIVE,
    Response.INTERACTION,
}
"""What is said of a drug of which nobody asks for more by its dose alone."""
_STOP = (Response.AVOID, Response.CONTRAINDICATED)


@dataclass(frozen=True, slots=True)
class Known:
    """Everything about one patient that a sign may ask for."""

    facts: PatientFacts
    said: Interpretation
    statements: tuple[Statement, ...]
    """About drugs that are taken or were given up, and about the patient."""
    worsening: frozenset[str] = frozenset()
    """Those of which a statement says that they may worsen the seizures."""
    harming: frozenset[str] = frozenset()
    """Those of which nobody raises the dose: to be avoided, with signs of harm, or too high."""
    blamed: frozenset[str] = frozenset()
    """Those that another factor names as what speaks for it."""


def harming(facts: PatientFacts, statements: Sequence[Statement]) -> Iterator[str]:
    """Yield the drugs taken of which a higher dose would go against another line."""
    for said in statements:
        if said.text_id in HIGH or speaks_against_more(said):
            yield from facts.current.intersection(said.drugs)
    for item in facts.clinical.current or ():
        if item.reaction:
            yield named_drug(item)


def speaks_against_more(said: Statement) -> bool:
    """Say whether a line stops or bars its drugs, or lays signs of now to them."""
    return said.response in _STOP or any(reason.kind in _HARM for reason in said.reasons)


def named_text(said: Statement) -> str:
    """Return the text of a statement, and of a level what it was taken of, or that it is early."""
    if said.text_id in OF_RANGE and not _UNSETTLED.isdisjoint(said.further):
        return said.text_id + UNSETTLED
    _, _, rest = said.statement_id.partition(":")
    part = rest.split(":")[1:2]
    metabolite = said.text_id.startswith("level-") and part == [LevelPart.METABOLITE]
    return f"{said.text_id}/{LevelPart.METABOLITE}" if metabolite else said.text_id


def is_interaction(said: Statement, wanted: Sequence[str]) -> bool:
    """Say whether a statement is on an effect of one drug on another, of some words.

    A word for a pair that is not to be taken together ends so: there the dose is no way out.
    """
    if said.response not in INTERACTING or said.conditional or said.text_id == UNCHANGED:
        return False
    if said.text_id == OPPOSING:
        return wanted == _OPPOSED
    apart = AVOID_TOGETHER if said.response is Response.AVOID_TOGETHER else ""
    effects = {item for v in said.values if v.name == "effect" for item in v.items}
    return any(f"interaction-{word}" in {effect + apart for effect in effects} for word in wanted)


def opposed(statements: Iterable[Statement]) -> frozenset[str]:
    """Return the drugs that one drug taken raises and another lowers."""
    return frozenset(d for s in statements if is_interaction(s, _OPPOSED) for d in s.drugs)


def dose_lines(known: Known) -> DoseLines:
    """Return the drugs of which lines say something that bears on a dose that looks low."""
    statements = known.statements
    said = (
        (s for s in statements if is_interaction(s, _RAISED)),
        filter(limits, statements),
        (s for s in statements if named_text(s) in _NOT_LOW_BY_MOST),
    )
    raised, limited, measured = (frozenset(d for s in of for d in s.drugs) for of in said)
    return DoseLines(raised, limited | known.blamed, measured)


def limits(said: Statement) -> bool:
    """Say whether a line lowers, limits, holds back or reviews its drugs.

    It is known by what is said of the drug, so that a new rule needs no new condition. Of two
    drugs taken, one that only lowers the other limits nothing, and one that raises it has its own
    words.
    """
    if said.origin is Origin.GENERAL or _OF_CHILDREN in {
        n for r in said.reasons for n in r.subject.names
    }:
        return False
    if said.response is not Response.INTERACTION or said.origin is not Origin.INTERACTION:
        return said.response in _LIMITING
    moved = is_interaction(said, _RAISED) or is_interaction(said, LOWERED)
    return not moved and (not said.conditional or said.tier in (Tier.ACT, Tier.CONSIDER))


def levels_agree(said: Statement, statements: Sequence[Statement]) -> bool:
    """Say whether no other level of the same drug says something else."""
    return not any(
        other.text_id.startswith("level-")
        and named_text(other) not in OF_RANGE
        and not set(said.drugs).isdisjoint(other.drugs)
        for other in statements
    )


def gene_of(said: Statement) -> str:
    """Return the gene of a statement on rare variants."""
    return said.statement_id.rpartition(":")[2]


def statements_about(facts: PatientFacts, said: Interpretation) -> tuple[Statement, ...]:
    """Return the statements that may bear on failure, each once."""
    named = facts.current | {named_drug(item) for item in facts.clinical.failed or ()}
    found = [s for line in said.drugs if line.drug in named for s in line.statements]
    found += [s for s in said.interactions if named.intersection(s.drugs)]
    found += [s for section in said.context for s in section.statements]
    found += said.monogenic
    return tuple({s.statement_id: s for s in found}.values())


def untried(wanted: Sequence[str], known: Known) -> Found | None:
    """Ask for what the report says in favour of drugs that were not tried.

    A drug that warns, or whose safety is open, is favoured by no line, and so is not named here.
    """
    entry = known.facts.clinical
    if entry.current is None or entry.failed is None:
        return None
    found = tuple(
        said
        for line in known.said.drugs
        if not was_tried(line.drug, entry)
        for said in line.statements
        if said.text_id in wanted and not said.conditional
    )
    return Found(found) if found else None


def signs_now(wanted: Sequence[str], known: Known) -> Found | None:
    """Ask for urgent lines on drugs taken that rest on signs which the patient has now."""
    found = tuple(
        said
        for said in known.statements
        if said.urgent
        and any(reason.kind in wanted for reason in said.reasons)
        and not known.facts.current.isdisjoint(said.drugs)
    )
    return Found(found) if found else None


def entered_values(row: FactorCondition, facts: PatientFacts, groups: Groups) -> Iterator[Value]:
    """Yield the column that a condition asks for, and those of its words that it may have."""
    subject = row.subject[0]
    if row.kind == MEDICATION.name:
        named = facts.current | (facts.planned if row.operator == LISTED else frozenset())
        yield Value("drugs", tuple(sorted(members(row.subject, groups) & named)), ValueKind.DRUG)
        return
    if row.kind == "history":
        items = facts.clinical.failed or ()
        drugs = dict.fromkeys(named_drug(d) for d in items if d.reason in row.value)
        yield Value("drugs", tuple(drugs), ValueKind.DRUG)
        return
    if row.kind != "clinical":
        return
    yield field_value(subject)
    value = facts.clinical_value(subject)
    if isinstance(value, tuple):
        words = tuple(word for word in value if word in row.value)
        if words:
            yield Value("value", words, ValueKind.SIGN)
    elif value is not None:
        yield Value("value", (str(value),), ValueKind.NUMBER)


def is_dated(said: Statement, entry: ClinicalEntry) -> bool:
    """Say whether what a statement rests on has a day: its level, or else the entry."""
    if said.text_id not in OF_RANGE:
        return entry.entry_date is not None
    taken = [d for d in entry.current or () if named_drug(d) in said.drugs]
    return bool(taken) and all(x.date is not None for d in taken for x in d.levels)


def nothing_found(row: FactorCondition, facts: PatientFacts) -> Found | None:
    """Say how much was read without an explanation; nothing at all is another sign."""
    read = any(gene.assessed or gene.known_absent > 0 for gene in facts.coverage.values())
    if (row.value == (UNREAD,)) == read:
        return None
    return Found(values=tuple(_read(facts)) if read else ())


def _read(facts: PatientFacts) -> Iterator[Value]:
    """Yield the genes that were read for rare variants, and how far the others were."""
    genes = facts.coverage.values()
    read = tuple(gene.gene for gene in genes if gene.assessed)
    listed = sum(not gene.assessed and gene.known_absent > 0 for gene in genes)
    yield Value("read", read) if read else Value("read", ("word-none",), ValueKind.TEXT)
    for name, number in {"listed": listed, "unread": len(genes) - len(read) - listed}.items():
        yield Value(name, (str(number),), ValueKind.NUMBER)
