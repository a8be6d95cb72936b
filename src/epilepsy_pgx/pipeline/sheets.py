"""Join a sample sheet with files that were named on the command line."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from epilepsy_pgx.calling.class_file import check_form as check_classes_form
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.intake.result_files.hla_results import check_form as check_typings_form
from epilepsy_pgx.intake.sheet import SampleRow, read_sheet
from epilepsy_pgx.pipeline.samples import safe_sample_id
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild


def rows_for_files(
    sheet: Path,
    found: Sequence[SampleRow],
    failed: Sequence[Problem],
    build: GenomeBuild,
    covers: str | None,
    ref: Reference,
) -> tuple[tuple[SampleRow, ...], tuple[Problem, ...]]:
    """Keep the samples that sheet and files share, with what the sheet says of them.

    A row names its files, or has the one file that holds its sample. A row with a fault in a
    cell, that names other files, or whose sample no file has is a problem of its own patient; a
    sample that the sheet lacks is left out.

    Parameters
    ----------
    found
        The samples of the files that could be opened, a row for each file.
    failed
        Problems of the others: those of the sheet's patients get their ids, and no name of a
        file's column stays.

    Raises
    ------
    InputError
        With every problem of the sheet's form, or if no row can be used.
    """
    held: dict[str, list[SampleRow]] = {}
    for row in found:
        held.setdefault(row.vcf_sample, []).append(row)
    read = read_sheet(sheet, ref, build, files_needed=False)
    rows: list[SampleRow] = []
    problems = [problem for faulty in read.faulty for problem in faulty.problems]
    claimed: set[Problem] = set()
    for row in read.rows:
        files, unread = _files_of(row, held.get(row.vcf_sample, ()), failed)
        claimed.update(unread)
        wrong = [replace(p, sample=row.sample_id) for p in unread]
        wrong = wrong or _mismatch(sheet, row, files)
        problems += wrong
        if not wrong:
            rows.append(replace(row, vcfs=files, build=build, callable=covers or row.callable))
    problems += dict.fromkeys(replace(p, sample=".") for p in failed if p not in claimed)
    check_shared_files(rows)
    return tuple(rows), tuple(problems)


def _files_of(
    row: SampleRow, found: Sequence[SampleRow], failed: Sequence[Problem]
) -> tuple[tuple[Path, ...], list[Problem]]:
    """Return the files of the command line that a row means, and what is wrong with the rest."""
    files = {f.resolve(): f for other in found for f in other.vcfs}
    wanted = [f.resolve() for f in row.vcfs]
    column = safe_sample_id(row.vcf_sample)
    unread = [
        p for p in failed if (Path(p.file).resolve() in wanted if wanted else p.sample == column)
    ]
    chosen = [files[f] for f in wanted if f in files] if wanted else list(files.values())
    return tuple(dict.fromkeys(chosen)), unread


def _mismatch(sheet: Path, row: SampleRow, files: Sequence[Path]) -> list[Problem]:
    """Return what stands between a row and its files."""
    place = str(sheet), row.line
    if row.vcfs and len(files) < len({f.resolve() for f in row.vcfs}):
        return [
            Problem(
                *place,
                "vcf",
                "sheet-vcf",
                "|".join(map(str, row.vcfs)),
                "files that are named on the command line and hold the sample, or an empty cell",
                "Correct the cell or vcf_sample, or name the files; only one of them can be what "
                "is to be read.",
                row.sample_id,
            )
        ]
    if not files:
        return [
            Problem(
                *place,
                "sample_id",
                "vcf-sample",
                "a sample that none of the files has",
                "a sample of the VCFs",
                "Put the name of the VCF's column into vcf_sample.",
                row.sample_id,
            )
        ]
    if not row.vcfs and len(files) > 1:
        return [
            Problem(
                *place,
                "vcf",
                "sample-once",
                f"nothing, and {len(files)} files that have the sample",
                "the file that is this patient's, or several as file|file",
                "Fill the column vcf.",
                row.sample_id,
            )
        ]
    return []


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
