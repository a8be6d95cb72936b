"""Genotypes of patients from another test, by which a swap of specimens is found."""

import re
from collections.abc import Mapping
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.table import read_table

COLUMNS = ("sample_id", "site", "genotype")
_GENOTYPE = re.compile(r"([ACGT]+)[/|]([ACGT]+)")
Panel = Mapping[str, tuple[str, ...]]
"""Bases of each position, on the strand of the reference."""


def read_panel(path: Path) -> Mapping[str, Panel]:
    """Read a table with the columns `sample_id`, `site` and `genotype`, such as `A/G`.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    table = read_table(path, "fingerprint-readable")
    problems = [
        Problem(
            str(path),
            1,
            name,
            "fingerprint-file",
            "no column of this name",
            f"the columns {', '.join(COLUMNS)}",
            "Add it.",
        )
        for name in COLUMNS
        if name not in table.header
    ]
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for line, cells in table.rows if not problems else ():
        bases = _GENOTYPE.fullmatch(cells["genotype"].strip())
        mine = found.setdefault(cells["sample_id"], {})
        if bases is None or cells["site"] in mine:
            what = "a genotype in another form" if bases is None else "a position again"
            problems.append(
                Problem(
                    str(path),
                    line,
                    "genotype",
                    "fingerprint-file",
                    what,
                    "each position once, with bases such as A/G",
                    "Correct the row.",
                )
            )
            continue
        mine[cells["site"]] = (bases[1], bases[2])
    if problems:
        raise InputError(problems)
    return found
