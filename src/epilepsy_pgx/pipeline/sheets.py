"""Join a sample sheet with files that were named on the command line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
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

    A sample of the sheet that no file has is a problem of its own; a sample that the sheet
    lacks is left out.

    Raises
    ------
    InputError
        With every problem of the sheet, among them each row that names other files.
    """
    by_name = {row.vcf_sample: row for row in found}
    rows, problems = [], []
    other: list[Problem] = []
    for row in read_sheet(sheet, ref, build, files_needed=False).rows:
        match = by_name.get(row.vcf_sample)
        if match is None:
            problems.append(
                Problem(str(sheet), row.line, "sample_id", "vcf-sample",
                        "a sample that none of the files has", "a sample of the VCFs",
                        "Put the name of the VCF's column into vcf_sample.", row.sample_id)
            )
            continue
        if row.vcfs and {f.resolve() for f in row.vcfs} != {f.resolve() for f in match.vcfs}:
            other.append(
                Problem(str(sheet), row.line, "vcf", "sheet-vcf",
                        "|".join(map(str, row.vcfs)),
                        "|".join(map(str, match.vcfs)) + ", as --vcf says, or an empty cell",
                        "Correct the cell or --vcf; only one of them can be what is to be read.")
            )
            continue
        rows.append(
            replace(row, vcfs=match.vcfs, build=build, callable=covers or row.callable)
        )
    if other:
        raise InputError(other)
    return tuple(rows), tuple(problems)
