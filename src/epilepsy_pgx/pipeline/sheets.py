"""Join a sample sheet with files that were named on the command line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from epilepsy_pgx.errors import Problem
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

    The files of the command line replace those of the sheet. A sample of the sheet that no
    file has is a problem of its own; a sample that the sheet lacks is left out.

    Raises
    ------
    InputError
        With every problem of the sheet.
    """
    by_name = {row.vcf_sample: row for row in found}
    rows, problems = [], []
    for row in read_sheet(sheet, ref, build, files_needed=False).rows:
        match = by_name.get(row.vcf_sample)
        if match is None:
            problems.append(
                Problem(str(sheet), row.line, "sample_id", "vcf-sample",
                        "a sample that none of the files has", "a sample of the VCFs",
                        "Put the name of the VCF's column into vcf_sample.", row.sample_id)
            )
            continue
        rows.append(
            replace(row, vcfs=match.vcfs, build=build, callable=covers or row.callable)
        )
    return tuple(rows), tuple(problems)
