"""Read the sample sheet: every problem at once, with its line.

The sheet is a UTF-8, tab-separated file with one header line and one sample a row::

    sample_id<TAB>vcf<TAB>build<TAB>sex<TAB>current_drugs
    P001<TAB>vcf/P001.vcf.gz<TAB>GRCh38<TAB>female<TAB>clobazam

An empty cell or `.` is missing. Paths are relative to the sheet's folder.
"""

import csv
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.intake.callers import names_no_sample as typing_names_no_sample
from epilepsy_pgx.intake.clinical import COLUMNS as CLINICAL_COLUMNS
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.intake.gene_callers import names_no_sample as calls_name_no_sample
from epilepsy_pgx.intake.phenopacket import read_phenopacket_file
from epilepsy_pgx.model import ClinicalEntry, Patient
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

SAMPLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a sample id may look like; it becomes part of file names."""

INPUT_COLUMNS = (
    "sample_id", "vcf", "vcf_sample", "build", "callable", "hla", "outside_calls",
    "classifications", "phenopacket", "same_genome_as",
)
IDENTITY_COLUMNS = (
    "name", "birth_date", "record_number", "accession", "specimen", "collected", "received",
    "requester",
)
DATES = ("birth_date", "collected", "received")
MISSING = ("", ".")


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample of the sheet, checked."""

    sample_id: str
    vcfs: tuple[Path, ...]
    vcf_sample: str
    build: GenomeBuild
    callable: str | None
    """`all`, a path to a BED, or None: only listed positions count."""
    hla: Path | None
    outside_calls: tuple[Path, ...]
    classifications: Path | None
    patient: Patient
    clinical: ClinicalEntry
    line: int
    phenopacket: Path | None = None
    unmapped: tuple[str, ...] = ()
    """Terms of a phenopacket that the tables do not know."""
    same_genome_as: str | None = None
    """Another sample id: a specimen of the same person, or of an identical twin."""


@dataclass(frozen=True, slots=True)
class SampleSheet:
    """The samples of a run."""

    path: Path
    rows: tuple[SampleRow, ...]


def read_sheet(
    path: Path,
    ref: Reference,
    default_build: GenomeBuild | None = None,
    *,
    files_needed: bool = True,
) -> SampleSheet:
    """Read and check a sample sheet. Whether the files it names can be read is checked later,
    patient by patient.

    Parameters
    ----------
    default_build
        Build of the rows that state none.
    files_needed
        False if the files come from elsewhere: then the column `vcf` may be missing.

    Raises
    ------
    InputError
        With every problem of the sheet.
    """
    cells, header = _read_cells(path)
    problems: list[Problem] = list(_check_header(path, header, files_needed))
    rows = []
    seen: dict[str, int] = {}
    for line, values in cells:
        row, found = _read_row(path, line, values, ref, default_build, files_needed)
        problems += found
        name = values.get("sample_id")
        if name:
            key = name.casefold()
            if key in seen:
                problems.append(
                    Problem(
                        str(path), line, "sample_id", "sheet-sample-once",
                        f"the sample id of line {seen[key]} again", "each sample id once",
                        "Give every patient an id of their own.",
                    )
                )
            seen.setdefault(key, line)
        if row is not None:
            rows.append(row)
    for row in rows:
        other = row.same_genome_as
        if other is not None and (other == row.sample_id or other.casefold() not in seen):
            problems.append(
                Problem(
                    str(path), row.line, "same_genome_as", "sheet-same-genome", repr(other),
                    "the sample id of another row",
                    "Name the other specimen of this person, or the identical twin.",
                )
            )
    problems += _shared_files(path, rows)
    if not cells and not problems:
        problems.append(
            Problem(str(path), 0, ".", "sheet-rows", "no samples", "at least one row", ".")
        )
    if problems:
        raise InputError(problems)
    return SampleSheet(path, tuple(rows))


def _shared_files(path: Path, rows: Sequence[SampleRow]) -> Iterator[Problem]:
    """Find files that hold one sample without its name, and are given to several rows."""
    typings = [(r.hla, r.line) for r in rows if r.hla is not None]
    calls = [(file, r.line) for r in rows for file in r.outside_calls]
    for column, given, unnamed in (
        ("hla", typings, typing_names_no_sample), ("outside_calls", calls, calls_name_no_sample)
    ):
        users: dict[Path, list[int]] = {}
        for file, line in given:
            users.setdefault(file.resolve(), []).append(line)
        for file, lines in users.items():
            if len(lines) > 1 and unnamed(file):
                yield Problem(
                    str(path), lines[-1], column, "sheet-one-sample",
                    f"{file.name}, which names no sample, in the lines "
                    + ", ".join(map(str, lines)),
                    "a file of its own for each sample", "Correct these cells.",
                )


def _read_cells(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError.one(
            "sheet-readable", file=str(path), found="no such file",
            expected="a tab-separated sample sheet", fix="Check the path.",
        ) from None
    except (UnicodeDecodeError, IsADirectoryError, PermissionError) as error:
        raise InputError.one(
            "sheet-readable", file=str(path), found=type(error).__name__,
            expected="UTF-8 text", fix="Save the sheet as UTF-8, tab-separated.",
        ) from None
    reader = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = [c.strip() for c in next(reader, [])]
    cells = []
    for number, values in enumerate(reader, 2):
        if not any(v.strip() for v in values) or values[0].startswith("#"):
            continue
        padded = [v.strip() for v in values] + [""] * (len(header) - len(values))
        row = dict(zip(header, padded, strict=False))
        if len(values) > len(header):
            row["\0extra"] = str(len(values))
        cells.append((number, row))
    return cells, header


def _check_header(path: Path, header: list[str], files_needed: bool) -> list[Problem]:
    known = (*INPUT_COLUMNS, *IDENTITY_COLUMNS, *CLINICAL_COLUMNS)
    problems = []
    for name in header:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            fix = f"Did you mean '{near[0]}'?" if near else "Remove the column."
            problems.append(
                Problem(str(path), 1, name or ".", "sheet-column", "a column that is not known",
                        "the columns of docs/sample-sheet.md", fix)
            )
    for name in sorted({n for n in header if header.count(n) > 1}):
        problems.append(
            Problem(str(path), 1, name, "sheet-column-once", "the column twice", "once", ".")
        )
    for name in ("sample_id", "vcf") if files_needed else ("sample_id",):
        if name not in header:
            problems.append(
                Problem(str(path), 1, name, "sheet-column", "no such column",
                        f"a column '{name}'", "Add it; columns are separated by tabs.")
            )
    return problems


def _read_row(
    path: Path,
    line: int,
    values: Mapping[str, str],
    ref: Reference,
    default_build: GenomeBuild | None,
    files_needed: bool,
) -> tuple[SampleRow | None, list[Problem]]:
    problems: list[Problem] = []
    clinical = ClinicalEntry()
    unmapped: tuple[str, ...] = ()
    cells = {k: (None if v in MISSING else v) for k, v in values.items()}

    def report(column: str, check: str, found: str, expected: str, fix: str = ".") -> None:
        problems.append(Problem(str(path), line, column, check, found, expected, fix))

    if "\0extra" in values:
        report(".", "sheet-cells", f"{values[chr(0) + 'extra']} cells", "as many as the header")
    sample = cells.get("sample_id")
    if sample is None:
        report("sample_id", "sheet-sample-id", "nothing", "a sample id")
    elif not SAMPLE_ID.fullmatch(sample):
        report("sample_id", "sheet-sample-id", "an id with other characters",
               "letters, digits, '.', '_', '-', at most 64, first a letter or digit",
               "Rename it here; the VCF's own name goes into vcf_sample.")
    if cells.get("vcf") is None and files_needed:
        report("vcf", "sheet-vcf", "nothing", "a path")
    word = cells.get("build")
    build = default_build
    if word is not None:
        try:
            build = GenomeBuild(word)
        except ValueError:
            report("build", "sheet-build", repr(word), "GRCh37 or GRCh38")
    elif build is None:
        report("build", "sheet-build", "nothing", "GRCh37 or GRCh38",
               "State the build here or as genome_build in the configuration.")
    for column in DATES:
        if (value := cells.get(column)) is not None:
            try:
                date.fromisoformat(value)
            except ValueError:
                report(column, "sheet-date", repr(value), "a date such as 2026-03-31")
    entered = {c: cells.get(c) for c in CLINICAL_COLUMNS}
    packet = cells.get("phenopacket")
    if packet is None:
        clinical, found = parse_clinical(entered, ref, file=str(path), line=line)
        problems += found
    elif any(v is not None for v in entered.values()):
        report("phenopacket", "sheet-clinical-once", "a phenopacket beside clinical columns",
               "one of the two", "Leave the clinical cells of this row empty.")
    else:
        try:
            read = read_phenopacket_file(path.parent / packet, ref, sample=sample or ".")
            clinical, unmapped = read.entry, read.unmapped
            problems += read.problems
        except InputError as error:
            problems += error.problems
    if problems or sample is None or build is None:
        return None, problems

    def locate(name: str) -> Path:
        return path.parent / name

    def several(column: str) -> tuple[Path, ...]:
        names = (n.strip() for n in (cells.get(column) or "").split("|"))
        return tuple(locate(n) for n in names if n)

    def optional(column: str) -> Path | None:
        name = cells.get(column)
        return None if name is None else locate(name)

    covers = cells.get("callable")
    return (
        SampleRow(
            sample_id=sample,
            vcfs=several("vcf"),
            vcf_sample=cells.get("vcf_sample") or sample,
            build=build,
            callable=covers if covers in (None, "all") else str(locate(covers)),
            hla=optional("hla"),
            outside_calls=several("outside_calls"),
            classifications=optional("classifications"),
            patient=Patient(
                sample, cells.get("vcf_sample") or sample,
                **{c: cells.get(c) for c in IDENTITY_COLUMNS},
            ),
            clinical=clinical,
            line=line,
            phenopacket=None if packet is None else locate(packet),
            unmapped=tuple(unmapped),
            same_genome_as=cells.get("same_genome_as"),
        ),
        [],
    )
