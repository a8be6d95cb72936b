"""Read HLA types from the project's own table or from a program's result file.

The format is recognised by the content, never by the file's name. A file that matches no form, or
more than one, is an error.
"""

from collections.abc import Mapping
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.hla import (
    HLA_COLUMNS,
    RESEARCH,
    HlaNames,
    Typings,
    read_hla,
    read_hla_form,
)
from epilepsy_pgx.intake.outside_calls import OutsideTables
from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.registry import READERS, readers_of
from epilepsy_pgx.intake.result_files.source import Program, Source


def _is_sheet(content: Content) -> bool:
    rows = content.rows
    return bool(rows) and len(set(HLA_COLUMNS) & {c.strip() for c in rows[0][1]}) >= 2


def check_form(path: Path) -> None:
    """Refuse the project's table if its form is at fault; a program's file holds one sample.

    Raises
    ------
    InputError
        With every fault of the form.
    """
    content = Content.of(path, ResultKind.HLA)
    content.check_text()
    if not readers_of(content):
        read_hla_form(path)


def read_typings(
    path: Path, genes: frozenset[str], methods: Mapping[str, str], names: HlaNames | None = None
) -> Typings:
    """Read HLA types from the project's table or from a program's result file.

    Parameters
    ----------
    genes
        Loci that the tables know; other loci are passed over.
    methods
        `clinical` or `research` by program; research if a program is not listed.
    names
        The lists of loci and allele groups.

    Returns
    -------
    dict
        By sample id the typings, or what is wrong with the sample's rows; under `UNNAMED` if
        the file does not name its sample.

    Raises
    ------
    InputError
        If the file has no known form, or more than one, or a fault of its form.
    """
    names = names or HlaNames(genes)
    content = Content.of(path, ResultKind.HLA)
    content.check_text()
    readers = readers_of(content)
    sheet = _is_sheet(content)
    if sheet and not readers:
        return read_hla(path, genes, names)
    named = " and ".join(r.name for r in readers)
    if len(readers) + sheet != 1:
        known = (r.name for r in READERS.values() if r.kind is content.kind)
        raise InputError.one(
            content.kind.check,
            file=str(path),
            found=f"the form of {named}" if readers else "none of the known forms",
            expected=f"a table with the columns {', '.join(HLA_COLUMNS)}, or a result of "
            + ", ".join(known),
            fix="Write the typing into a table of these columns.",
        )
    program = Program(methods.get(named, RESEARCH), "")
    lists = OutsideTables({}, genes, frozenset(), {}, names)
    found = readers[0].read(Source(content, named, program, lists))
    return {sample: rows.typings for sample, rows in found.items()}
