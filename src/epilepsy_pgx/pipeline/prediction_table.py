"""Ask a published prediction model about the rows of a table.

Columns `sample`, `onset_months` (age at the first seizure) and `protein` (a protein change, or
`truncating`) are needed; a column `class` may hold the class of the variant. All columns are kept,
and `probability`, `lower`, `upper` (in per cent) and `status` are added.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from epilepsy_pgx.calling.class_words import ClassWords, load_class_words, parse_class
from epilepsy_pgx.clinical_entry import limits_of
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import write_text
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.table import MISSING, TextTable, nearest, parse_number, scan_table
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.prediction_model import PredictionModel, Scored, VariantNameError
from epilepsy_pgx.tsv import line
from epilepsy_pgx.vocabulary import Classification, PredictionStatus

NEEDED = ("sample", "onset_months", "protein")
CLASS = "class"
"""Column that may be there."""
ADDED = ("probability", "lower", "upper", "status")
CHECK = "prediction-table"
_BENIGN = (Classification.BENIGN, Classification.LIKELY_BENIGN)


@dataclass(frozen=True, slots=True)
class Predicted:
    """What became of a table."""

    rows: int
    """Rows that were written."""
    problems: tuple[Problem, ...]
    """What is wrong with the others."""
    notes: tuple[str, ...]
    """Names that were read in the numbers of another isoform."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A row that could be read."""

    cells: Mapping[str, str]
    scored: Scored
    onset: Decimal | None
    line: int


def predict_table(path: Path, out: Path, model: PredictionModel, ref: Reference) -> Predicted:
    """Read a table, and write it with what a model says of each row.

    A row that cannot be read is left out, and is a problem. If none can, nothing is written.

    Raises
    ------
    InputError
        If the table cannot be used, or none of its rows.
    """
    table, problems = scan_table(path, CHECK)
    columns = _columns(table)
    words = load_class_words(ref)
    asked = []
    for number, cells in table.rows:
        one, found = _read(table.file, number, {c: cells[n] for n, c in columns}, model, words)
        problems += found
        if one is not None:
            asked.append(one)
    if problems and not asked:
        raise InputError(problems)
    write_text(out, _text([c for _, c in columns], asked, model))
    notes = tuple(
        f"{table.file}:{a.line}: protein: read in the numbers of the {a.scored.isoform}"
        for a in asked
        if a.scored.isoform is not None
    )
    return Predicted(len(asked), tuple(problems), notes)


def _columns(table: TextTable) -> list[tuple[str, str]]:
    """Return the columns as the table and as we call them: ours in any case of their letters."""
    known = (*NEEDED, CLASS, *ADDED)
    columns = [(c, c.lower() if c.lower() in known else c) for c in table.header]
    names = [ours for _, ours in columns]
    problems = []

    def fault(column: str, found: str, expected: str, fix: str) -> None:
        problems.append(Problem(table.file, 1, column, CHECK, found, expected, fix))

    for name in NEEDED:
        if name not in names:
            near = nearest(name, names)
            fix = f"Is '{near}' meant?" if near else "Add the column."
            fault(name, "no such column", f"the columns {', '.join(NEEDED)}", fix)
    for name in ADDED:
        if name in names:
            fault(name, "a column that is added", "a table without it", "Rename or remove it.")
    for name in sorted({n for n in names if names.count(n) > 1}):
        fault(name, "the column twice", "each column once", "Remove one of them.")
    if problems:
        raise InputError(problems)
    return columns


def _read(
    file: str, number: int, cells: Mapping[str, str], model: PredictionModel, words: ClassWords
) -> tuple[_Asked | None, list[Problem]]:
    """Read a row; return it, or what is wrong with it."""
    problems: list[Problem] = []

    def fault(column: str, found: str, expected: str, fix: str) -> None:
        problems.append(Problem(file, number, column, CHECK, found, expected, fix))

    if cells["sample"] in MISSING:
        fault("sample", "nothing", "the name of the sample", "Name it.")
    onset = _onset(cells["onset_months"], fault)
    scored = Scored(PredictionStatus.NO_VARIANT)
    if cells["protein"] not in MISSING:
        try:
            scored = model.score(cells["protein"])
        except VariantNameError as error:
            fault("protein", error.found, error.expected, error.fix)
    given = cells.get(CLASS, "")
    if given not in MISSING:
        found = parse_class(given, words)
        if found is None:
            fault(CLASS, "a word that no class has", "a class such as likely_benign", "Correct it.")
        elif found in _BENIGN and scored.status is not PredictionStatus.NO_VARIANT:
            scored = Scored(PredictionStatus.BENIGN_CLASS)
    return (None if problems else _Asked(cells, scored, onset, number)), problems


def _onset(cell: str, fault: Callable[[str, str, str, str], None]) -> Decimal | None:
    if cell in MISSING:
        return None
    onset = parse_number(cell)
    low, high = limits_of("onset_months")
    if onset is None:
        fault(
            "onset_months",
            f"'{cell[:20]}'",
            "a number of months, such as 6 or 4.5",
            "Use a decimal point and no unit; leave the cell empty if it is not known.",
        )
    elif not low <= onset <= high:
        fault("onset_months", cell[:20], f"{low} to {high} months", "Is it in another unit?")
        return None
    return onset


def _text(columns: Sequence[str], asked: Sequence[_Asked], model: PredictionModel) -> str:
    """Return the table with what is added; the model is asked once for all rows."""
    statuses = [
        a.scored.status
        if a.scored.status is not PredictionStatus.COMPUTED
        else model.check_onset(a.onset)
        for a in asked
    ]
    able = [
        (float(a.onset), a.scored.score)
        for a, s in zip(asked, statuses, strict=True)
        if s is PredictionStatus.COMPUTED and a.onset is not None and a.scored.score is not None
    ]
    onsets, scores = np.array(able, dtype=np.float64).reshape(-1, 2).T
    figures = iter(zip(*(100 * x for x in model.predict(onsets, scores)), strict=True))
    rows = [line((*columns, *ADDED))]
    for one, status in zip(asked, statuses, strict=True):
        computed = status is PredictionStatus.COMPUTED
        told = [f"{x:.2f}" for x in next(figures)] if computed else ["."] * 3
        rows.append(line((*(one.cells[c] for c in columns), *told, status.value)))
    return "".join(rows)
