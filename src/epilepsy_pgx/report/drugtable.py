"""The drugs as a table: which share a row, and what is said of each part of it."""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import compress

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.model import DrugPrediction
from epilepsy_pgx.report.evidence import chain_key
from epilepsy_pgx.report.lines import Line, line_of, say_once, shown_names
from epilepsy_pgx.report.pageone import RESPONSE_ORDER, is_quiet, verdict_of
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.sharing import Hashed
from epilepsy_pgx.statement import Statement
from epilepsy_pgx.vocabulary import Response, Tier

MARKS = {
    Response.CONTRAINDICATED: "■",
    Response.AVOID: "■",
    Response.AVOID_MAINTENANCE: "■",
    Response.AVOID_TOGETHER: "■",
    Response.CAUTION: "▲",
    Response.ADJUST_DOSE: "▲",
    Response.CONSIDER_ALTERNATIVE: "▲",
    Response.INTERACTION: "◆",
    Response.MAY_FAVOUR: "○",
    Response.STANDARD: "○",
    Response.PARTIAL: "?",
    Response.NOT_ASSESSED: "?",
    Response.NO_RULE: "–",
}
"""A sign beside each verdict, so that colour carries no meaning alone."""
_ROW = 2
"""Drugs that mostly share a row: what is the same for more is said once, below the table."""
OPEN_MARKS = {"■": "□", "▲": "△"}
"""The sign of a verdict that is still to be confirmed."""


def mark(response: Response, conditional: bool = False) -> str:
    """Return the sign of a verdict."""
    sign = MARKS[response]
    return OPEN_MARKS.get(sign, sign) if conditional else sign


@dataclass(frozen=True, slots=True)
class RowPart:
    """What is said of all drugs of a row, or of some of them."""

    names: tuple[str, ...]
    """The drugs it is about; empty for all of the row."""
    said: tuple[Line, ...]
    not_assessed: tuple[str, ...]
    """Deciding genes of these drugs that were not assessed in full."""


@dataclass(frozen=True, slots=True)
class DrugRow:
    """Drugs of one verdict whose most cautious statement is the same."""

    names: tuple[str, ...]
    response: Response
    conditional: bool
    """True if the verdict is still to be confirmed."""
    parts: tuple[RowPart, ...]
    genes: tuple[str, ...]
    """Deciding genes, where no statement names a result."""


def _likeness(statement: Statement, words: ReportWords) -> Hashed:
    """Return what makes two statements the same, each about its own drug."""
    return words.each(_likeness_of)(statement)


def _likeness_of(statement: Statement, _: ReportWords) -> Hashed:
    return Hashed((statement.pattern, chain_key(statement), statement.resolve))


def _likenesses(drug: DrugPrediction, words: ReportWords) -> tuple[Hashed, ...]:
    return tuple(map(words.each(_likeness_of), drug.statements))


def _informing(drug: DrugPrediction, words: ReportWords) -> tuple[Hashed, ...]:
    """Return what only informs about a drug."""
    return tuple(
        _likeness(s, words)
        for s in drug.statements
        if s.tier in (Tier.CONTEXT, Tier.NONE)
        and s.response is Response.NO_RULE
        # What is urgent, or only possible, stays with its drug.
        and not s.conditional
        and not s.urgent
    )


def _shared(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> dict[Hashed, list[DrugPrediction]]:
    """Return what only informs and is the same for several drugs, which then need not repeat it."""
    return words.latest("shared", (drugs,), (), partial(_shared_of, drugs, words))


def _shared_of(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> dict[Hashed, list[DrugPrediction]]:
    found: dict[Hashed, list[DrugPrediction]] = {}
    informing = words.each(_informing)
    for drug in drugs:
        for key in informing(drug):
            found.setdefault(key, []).append(drug)
    return {key: several for key, several in found.items() if len(several) > _ROW}


def shared_notes(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> list[tuple[tuple[str, ...], Line]]:
    """Return what only informs and is the same for several drugs: each once, with its drugs."""
    notes = []
    for key, several in _shared(drugs, words).items():
        names = tuple(d.drug for d in several)
        first = next(s for s in several[0].statements if _likeness(s, words) == key)
        notes.append((names, line_of(first, words, shown_names(names, words))))
    return sorted(notes, key=lambda n: n[0])


OfClass = tuple[str, tuple[DrugRow, ...], tuple[str, ...]]
"""A class of drugs: the rows of those about which something is said, and the names of the rest."""


def group_drugs(drugs: Sequence[DrugPrediction], words: ReportWords) -> list[OfClass]:
    """Group drugs by class: those about which something is said, and the names of the rest.

    What `shared_notes` says of several drugs is not said of each.
    """
    shared = _shared(drugs, words)
    groups: dict[str, list[DrugPrediction]] = {}
    for drug in drugs:
        groups.setdefault(drug.drug_class, []).append(drug)
    keys = words.each(_likenesses)
    return [
        words.once(
            "class",
            tuple(group),
            tuple([key not in shared for drug in group for key in keys(drug)]),
            partial(_class, name, group, shared, words),
        )
        for name, group in sorted(groups.items())
    ]


def _class(
    name: str, group: Iterable[DrugPrediction], shared: Collection[Hashed], words: ReportWords
) -> OfClass:
    left = [_without(d, shared, words) for d in group]
    left.sort(key=lambda d: (RESPONSE_ORDER[d.response], d.drug))
    told = tuple(d for d in left if not is_quiet(d))
    return name, tuple(_alike(told, words)), tuple(d.drug for d in left if is_quiet(d))


def _without(
    drug: DrugPrediction, shared: Collection[Hashed], words: ReportWords
) -> DrugPrediction:
    """Return a drug without what is said elsewhere."""
    left = tuple(key not in shared for key in words.each(_likenesses)(drug))
    return words.once(
        "without",
        (drug,),
        left,
        lambda: replace(drug, statements=tuple(compress(drug.statements, left))),
    )


def _alike(drugs: tuple[DrugPrediction, ...], words: ReportWords) -> list[DrugRow]:
    """Join drugs of one verdict whose first statement is the same."""
    return words.once("alike", drugs, (), lambda: _joined(drugs, words))


def _joined(drugs: Sequence[DrugPrediction], words: ReportWords) -> list[DrugRow]:
    likenesses = words.each(_likenesses)
    keys = {d.drug: [*likenesses(d)] for d in drugs}
    groups: dict[tuple[object, ...], list[DrugPrediction]] = {}
    for d in drugs:
        groups.setdefault((*verdict_of(d), *keys[d.drug][:1]), []).append(d)
    return [
        words.once("row", tuple(members), (), partial(_row, members, words))
        for members in groups.values()
    ]


def _row(members: Sequence[DrugPrediction], words: ReportWords) -> DrugRow:
    """Return the row of drugs of one verdict whose first statement is the same."""
    likenesses = words.each(_likenesses)
    keys = {d.drug: [*likenesses(d)] for d in members}
    shared = [k for k in keys[members[0].drug] if all(k in keys[d.drug] for d in members)]
    parts: dict[tuple[object, ...], list[DrugPrediction]] = {}
    for d in members:
        own = tuple(k for k in keys[d.drug] if k not in shared)
        parts.setdefault((own, d.not_assessed), []).append(d)
    same = len(parts) == 1
    if same:
        shared = keys[members[0].drug]
    missing = members[0].not_assessed if same else ()
    chosen = [k in shared for k in keys[members[0].drug]]
    made = [_part(members, chosen, words, True, missing)]
    for some in () if same else parts.values():
        chosen = [k not in shared for k in keys[some[0].drug]]
        made.append(_part(some, chosen, words, False, some[0].not_assessed))
    silent = not any(s.reasons for s in members[0].statements)
    return DrugRow(
        tuple(d.drug for d in members),
        *verdict_of(members[0]),
        tuple(p for p in made if p.said or p.not_assessed),
        tuple(gene for gene, _ in members[0].deciding) if silent else (),
    )


def _part(
    drugs: Sequence[DrugPrediction],
    chosen: Sequence[bool],
    words: ReportWords,
    whole: bool,
    not_assessed: tuple[str, ...],
) -> RowPart:
    """Return the chosen statements of the first of some drugs as said of them all."""
    names = tuple(d.drug for d in drugs)
    shown, verdict = shown_names(names, words), verdict_of(drugs[0])
    said = say_once(
        [
            line_of(s, words, shown, hedge=verdict.hedges(s))
            for s, wanted in zip(drugs[0].statements, chosen, strict=True)
            if wanted
        ],
        words,
    )
    return RowPart(() if whole else names, said, not_assessed)


def group_facts(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> list[tuple[tuple[str, ...], Line]]:
    """Group the label facts: each once, with its drugs."""
    notes = tuple(map(words.each(_notes), drugs))
    names = tuple([d.drug for d in drugs])
    return words.once("facts-grouped", (), (names, notes), lambda: _grouped(drugs, words))


def _notes(drug: DrugPrediction, _: ReportWords) -> Hashed:
    return Hashed(drug.safety_notes)


def _grouped(
    drugs: Sequence[DrugPrediction], words: ReportWords
) -> list[tuple[tuple[str, ...], Line]]:
    groups: dict[str, list[tuple[str, Statement]]] = {}
    for drug in drugs:
        for note in drug.safety_notes:
            groups.setdefault(note.text_id, []).append((drug.drug, note))
    facts = []
    for members in groups.values():
        names = tuple(name for name, _ in members)
        facts.append((names, line_of(members[0][1], words, shown_names(names, words))))
    return sorted(facts, key=lambda f: f[0])
