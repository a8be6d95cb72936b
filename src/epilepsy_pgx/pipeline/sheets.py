"""Join a sample sheet with files that were named on the command line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from epilepsy_pgx.calling.classifications import check_form as check_classes_form
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.callers import check_form as check_typings_form
from epilepsy_pgx.intake.sheet import SampleRow, read_sheet
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild


def rows_for_files(
    sheet: Path,
    found: Sequence[SampleRow],
    build: GenomeBuild,
    covers: str | None,
    ref: Reference,
) -> tuple[tuple[SampleRow, ...], tuple[Problem, ...]]:
    """Keep the samples that sheet and files share, with what the sheet says of them.

    A row with a fault in a cell, that names other files, or whose sample no file has is a
    problem of its own patient; a sample that the sheet lacks is left out.

    Raises
    ------
    InputError
        With every problem of the sheet's form, or if no row can be used.
    """
    by_name = {row.vcf_sample: row for row in found}
    rows: list[SampleRow] = []
    read = read_sheet(sheet, ref, build, files_needed=False)
    problems = [problem for faulty in read.faulty for problem in faulty.problems]
    for row in read.rows:
        match = by_name.get(row.vcf_sample)
        if match is None:
            problems.append(
                Problem(str(sheet), row.line, "sample_id", "vcf-sample",
                        "a sample that none of the files has", "a sample of the VCFs",
                        "Put the name of the VCF's column into vcf_sample.", row.sample_id)
            )
            continue
        if row.vcfs and {f.resolve() for f in row.vcfs} != {f.resolve() for f in match.vcfs}:
            problems.append(
                Problem(str(sheet), row.line, "vcf", "sheet-vcf",
                        "|".join(map(str, row.vcfs)),
                        "|".join(map(str, match.vcfs)) + ", as --vcf says, or an empty cell",
                        "Correct the cell or --vcf; only one of them can be what is to be read.",
                        row.sample_id)
            )
            continue
        rows.append(
            replace(row, vcfs=match.vcfs, build=build, callable=covers or row.callable)
        )
    check_shared_files(rows)
    return tuple(rows), tuple(problems)


def check_shared_files(rows: Sequence[SampleRow]) -> None:
    """Refuse a table of several patients whose form is at fault, before anything runs.

    A file that one patient alone has fails that patient alone.

    Raises
    ------
    InputError
        With every such fault.
    """
    problems: list[Problem] = []
    for files, read in (
        ([row.hla for row in rows], check_typings_form),
        ([row.classifications for row in rows], check_classes_form),
    ):
        users = Counter(path for path in files if path is not None)
        for path in (p for p, number in users.items() if number > 1 and p.is_file()):
            try:
                read(path)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)
