"""Read star alleles from the project's own table or from a program's result file.

The form is told by the content, never by the file's name; what has no program's form is read as
the project's own table, which is PharmCAT's form of outside calls. A name that the tables do not
know is kept: it makes the gene not interpretable. Genes that are not called here are passed over
and named. Anything else unexpected is an error with its line.
"""

from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.intake.outside_calls import OutsideRows, read_outside_calls
from epilepsy_pgx.intake.outside_tables import OutsideTables
from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.registry import readers_of
from epilepsy_pgx.intake.result_files.source import UNNAMED, Program, Results, Source

_SHOWN = 5
_OWN_TABLE = "If you trust the result, write it into a table of your own."


def read_gene_calls(path: Path, tables: OutsideTables, programs: Mapping[str, Program]) -> Results:
    """Read outside calls from the project's table or from a program's result file.

    Parameters
    ----------
    tables
        What may be said of which gene.
    programs
        The table of outside callers, by name.

    Returns
    -------
    dict
        What is said, by the sample's name in the file; under `UNNAMED` if it names none.

    Raises
    ------
    InputError
        With the first thing in a program's file that is not understood, or every problem of
        the project's table.
    """
    content = Content.of(path, ResultKind.STAR_ALLELES)
    readers = readers_of(content)
    if not readers:
        content.check_text()
        return {UNNAMED: read_outside_calls(path, tables)}
    named = " and ".join(r.name for r in readers)
    if len(readers) > 1 or named not in programs:
        raise InputError.one(
            content.kind.check,
            file=str(path),
            found=f"a result of {named}",
            expected="a program that the tables list",
            fix=_OWN_TABLE,
        )
    source = Source(content, named, programs[named], tables)
    found = readers[0].read(source)
    if not found:
        raise source.fault("no result", "at least one sample")
    return found


def calls_of(
    path: Path, found: Results, names: Iterable[str], known: Container[str] = ()
) -> tuple[OutsideRows, tuple[Problem, ...]]:
    """Return what a file says about one sample, or what is wrong.

    Parameters
    ----------
    names
        What the sample may be called in the file.
    known
        Genes that another file of the sample has.
    """
    mine = [UNNAMED] if UNNAMED in found else sorted(set(names) & set(found))
    if len(mine) == 1:
        rows = found[mine[0]]
        return rows, tuple(
            Problem(
                str(path),
                0,
                "outside_calls",
                "outside-gene-once",
                f"{gene}, which another file of the sample has",
                "each gene in one file",
                "Keep the file that counts.",
            )
            for gene in rows.genes
            if gene in known
        )
    others = sorted(found)
    shown = ", ".join(others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
    fault = Problem(
        str(path),
        0,
        "outside_calls",
        "outside-sample",
        f"no result for this sample, but {len(others)} of {shown}",
        "its result",
        "Put the name that the program uses into vcf_sample or the file.",
    )
    if len(mine) > 1:
        fault = replace(
            fault,
            found=f"results under two names: {' and '.join(mine)}",
            expected="one name",
            fix="Keep the sample's own line in the file.",
        )
    return OutsideRows(), (fault,)
