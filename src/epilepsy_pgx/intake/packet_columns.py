"""Read the columns of the clinical entry that a packet states as they stand in a sample sheet.

The entry form writes each column that was filled in as a measurement of its own: its assay is
`epilepsy-pgx:COLUMN`, its description the cell, one drug of a list each. Terms of ontologies say
the same beside it, as far as there are terms. The cells are read by the reader of the sheet and
decide; what a term says and its cell denies is a fault.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from epilepsy_pgx.clinical_entry import COLUMNS, ClinicalEntry, Column, DrugExposure, DrugLevel
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.intake.agreement import ages_agree
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
    for column in _contradicted(entry, terms):
        top.faults.add(
            "$.measurements",
            "column-and-terms",
            f"terms that say otherwise than {PREFIX}{column}",
            "one answer",
            "Open the packet in the entry form and save it anew.",
        )
    return _with_levels(entry, terms), ()


def _contradicted(entry: ClinicalEntry, terms: ClinicalEntry) -> Iterator[str]:
    for column in COLUMNS:
        said, stated = getattr(terms, column.attribute), getattr(entry, column.attribute)
        agree = _AGREE.get(column.name, _agree)
        if said not in (None, ()) and not agree(column, said, stated):
            yield column.name


def _agree(column: Column, said: Any, stated: Any) -> bool:
    """Say whether an answer in terms is that of its cell, or a part of it."""
    return set(said) <= set(stated) if column.several else bool(said == stated)


def _same_drugs(_: Column, said: Any, stated: Any) -> bool:
    """Say whether both lists name the same of the drugs that are known."""
    listed = {item.drug for item in stated or ()}
    meant = {item.suggestion.drug for item in stated or () if item.suggestion}
    known = {item.drug for item in said if item.known}
    return known <= listed | meant and {i.drug for i in stated or () if i.known} <= known


def _any(*_: object) -> bool:
    return True


_AGREE: Mapping[str, Callable[[Column, Any, Any], bool]] = {
    # Follows from the seizures of the packet, which may be those of an earlier time.
    "affected": _any,
    # Of an entry without a day: that on which the packet was written.
    "entry_date": lambda _, said, stated: stated in (None, said),
    "age_years": lambda _, said, stated: stated is None or ages_agree(stated, said),
    "onset_months": lambda _, said, stated: stated is not None and abs(stated - said) <= _ONSET,
    "current_drugs": _same_drugs,
    "failed_drugs": _same_drugs,
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
