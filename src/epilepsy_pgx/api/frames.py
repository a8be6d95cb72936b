"""Tables as frames of pandas (optional extra `frames`), which is loaded when one is asked for."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epilepsy_pgx.errors import ConfigError, InputError

if TYPE_CHECKING:
    from pandas import DataFrame

_MISSING = "."
_WHOLE = {
    "cohort": ("urgent", "act", "consider"),
    "genes": ("candidate_count",),
    "problems": ("line",),
    "variants": ("pos",),
}
"""Columns of whole numbers, by table; all others are text, as a number may be a word next time."""


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ConfigError.one(
            "frames-extra",
            found="no pandas",
            expected="the optional extra 'frames'",
            fix="pip install 'epilepsy-pgx[frames]'",
        ) from None
    return pandas


def make_frame(table: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "DataFrame":
    """Return rows of a table as a frame: `.` is missing, positions and counts are numbers.

    Raises
    ------
    ConfigError
        If pandas is not installed.
    """
    pandas = _pandas()
    return _typed(table, pandas.DataFrame(list(rows), columns=list(columns), dtype="string"))


def read_tables(folder: str | Path) -> "dict[str, DataFrame]":
    """Read the tables over all patients that a run or the workflow left.

    Parameters
    ----------
    folder
        Folder of the tables, or that of the results with `cohort` in it.

    Returns
    -------
    dict
        A frame by the name of its table: `cohort`, `genes`, `variants`, `drugs`, `quality` ...

    Raises
    ------
    ConfigError
        If pandas is not installed.
    InputError
        If the folder holds no table.
    """
    pandas = _pandas()
    place = Path(folder)
    inner = place / "cohort"
    paths = sorted((inner if inner.is_dir() else place).glob("*.tsv"))
    if not paths:
        raise InputError.one(
            "cohort-tables",
            file=str(folder),
            found="no table",
            expected="the folder of results of a run, or its folder cohort",
            fix="Check the path.",
        )
    return {
        path.stem: _typed(
            path.stem,
            pandas.read_csv(
                path, sep="\t", dtype="string", keep_default_na=False, quoting=3, encoding="utf-8"
            ),
        )
        for path in paths
    }


def _typed(table: str, frame: "DataFrame") -> "DataFrame":
    missing = _pandas().NA
    frame = frame.mask(frame == _MISSING, missing)
    whole = [name for name in _WHOLE.get(table, ()) if name in frame.columns]
    typed: DataFrame = frame.astype(dict.fromkeys(whole, "Int64"))
    return typed
