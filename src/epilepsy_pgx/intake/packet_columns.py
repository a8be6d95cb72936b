"""Read the columns of the clinical entry that a packet states as they stand in a sample sheet.

The entry form writes each column that was filled in as a measurement of its own: its assay is
`epilepsy-pgx:COLUMN`, its description the cell, one drug of a list each. Terms of ontologies say
the same beside it, as far as there are terms. The cells are read by the reader of the sheet; what
a term says and its cell denies is a fault, and what only a term says is added.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from epilepsy_pgx.clinical_entry import COLUMNS, ClinicalEntry, Column, DrugExposure, DrugLevel
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.intake.agreement import ages_agree
from epilepsy_pgx.intake.cells import words_of
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.intake.packet_json import Element
from epilepsy_pgx.intake.table import not_listed
from epilepsy_pgx.reference.package import Reference

PREFIX = "epilepsy-pgx:"
"""Of the identifiers that stand for columns."""
_DRUGS = ("current_drugs", "failed_drugs", "planned_drugs")
_ONSET = Decimal("0.1")
"""Months by which an onset in terms may differ by rounding."""


def is_column(code: str) -> bool:
    """Say whether the identifier of an assay stands for a column."""
    return code.casefold().startswith(PREFIX)


def read_columns(top: Element) -> Mapping[str, str]:
    """Return the cells that a packet states, by column; faults are noted."""
    columns = tuple(column.name for column in COLUMNS)
    found: dict[str, list[str]] = {}
    for item in top.items("measurements"):
        assay = item.get("assay")
        code = assay.text("id")
        if not is_column(code):
            continue
        name = code[len(PREFIX) :]
        said = item.get("description").value
        if name not in columns:
            shown, fix = not_listed(name, columns)
            assay.faults.add(f"{assay.path}.id", "column", shown, "a column of the sheet", fix)
        elif not isinstance(said, str) or not said.strip():
            item.get("description").wrong("the cell of the column")
        elif name in found and name not in _DRUGS:
            assay.faults.add(
                f"{assay.path}.id",
                "column-once",
                f"'{name}' twice",
                "each column once",
                "Leave one of the two out.",
            )
        else:
            found.setdefault(name, []).append(said)
    return {name: "|".join(cells) for name, cells in found.items()}


def entry_of_columns(
    cells: Mapping[str, str], terms: ClinicalEntry, ref: Reference, top: Element
) -> tuple[ClinicalEntry, tuple[Problem, ...]]:
    """Return the entry that cells state, and what is wrong with them.

    Parameters
    ----------
    cells
        By column.
    terms
        What the terms of the packet say; a contradiction is noted as a fault of the packet.
    top
        The packet.
    """
    row = {**cells, "sample_id": top.faults.sample}
    entry, problems = parse_clinical(row, ref, file=top.faults.file, line=0)
    if problems:
        return entry, problems
    found: dict[str, Any] = {}
    for column in COLUMNS:
        said, stated = getattr(terms, column.attribute), getattr(entry, column.attribute)
        if said in (None, ()):
            continue
        settled = _SETTLE.get(column.name, _settle)(said, stated, _alone(column, ref))
        if settled is None:
            top.faults.add(
                "$.measurements",
                "column-and-terms",
                f"terms that say otherwise than {PREFIX}{column.name}",
                "one answer",
                "Open the packet in the entry form and save it anew.",
            )
        else:
            found[column.attribute] = settled[0]
    return _with_levels(replace(entry, **found), terms), ()


def _alone(column: Column, ref: Reference) -> frozenset[str]:
    """Return the words of a column that stand alone."""
    if not column.table or not column.several:
        return frozenset()
    return frozenset(w for w, alone in words_of(ref, column.table, column.name).items() if alone)


def _settle(said: Any, stated: Any, alone: frozenset[str]) -> tuple[Any] | None:
    """Return what holds of an answer in terms and of its cell; None if they contradict.

    What only terms say is taken too: another program may have added it.
    """
    if stated in (None, ()):
        return (said,)
    if not isinstance(stated, tuple):
        return (stated,) if said == stated else None
    both = tuple(dict.fromkeys((*stated, *said)))
    return None if len(both) > 1 and alone & set(both) else (both,)


def _settle_drugs(said: Any, stated: Any, _: object) -> tuple[Any] | None:
    """Return the list of the cell; None if terms name other drugs than it."""
    if stated is None:
        return (said,)
    listed = {item.drug for item in stated}
    meant = {item.suggestion.drug for item in stated if item.suggestion}
    known = {item.drug for item in said if item.known}
    same = known <= listed | meant and {i.drug for i in stated if i.known} <= known
    return (stated,) if same else None


def _near(limit: Decimal) -> "_Settle":
    return lambda said, stated, _: (
        (said,) if stated is None else (stated,) if abs(stated - said) <= limit else None
    )


def _derived(_: object, stated: Any, __: object) -> tuple[Any] | None:
    """Take what the cell says: terms say it only because they say something else."""
    return (stated,)


_Settle = Callable[[Any, Any, frozenset[str]], tuple[Any] | None]
_SETTLE: Mapping[str, _Settle] = {
    "affected": _derived,
    "entry_date": lambda said, stated, _: (stated,) if stated in (None, said) else None,
    "age_years": lambda said, stated, _: (
        (said,) if stated is None else (stated,) if ages_agree(stated, said) else None
    ),
    "onset_months": _near(_ONSET),
    "current_drugs": _settle_drugs,
    "failed_drugs": _settle_drugs,
}
"""How answers are compared that a packet states in another form than the sheet."""


def _with_levels(entry: ClinicalEntry, terms: ClinicalEntry) -> ClinicalEntry:
    """Add the levels that only measurements state: a cell holds one of each kind."""
    measured = {item.drug: item.levels for item in terms.current or ()}

    def added(item: DrugExposure) -> tuple[DrugLevel, ...]:
        known = {(level.part, level.quantity, level.date) for level in item.levels}
        return tuple(
            level
            for level in measured.get(item.drug, ())
            if (level.part, level.quantity, level.date) not in known
        )

    if not entry.current or not any(map(added, entry.current)):
        return entry
    return replace(
        entry,
        current=tuple(
            replace(
                item,
                levels=tuple(
                    sorted(
                        (*item.levels, *added(item)),
                        key=lambda level: (level.date is None, level.date or ""),
                    )
                ),
            )
            for item in entry.current
        ),
    )
