"""Read the sample sheet: every problem at once, with its line.

The sheet is a UTF-8, tab-separated file with one header line and one sample a row::

    sample_id<TAB>vcf<TAB>build<TAB>sex<TAB>current_drugs
    P001<TAB>vcf/P001.vcf.gz<TAB>GRCh38<TAB>female<TAB>clobazam

An empty cell or `.` is missing. Paths are relative to the sheet's folder. A fault of the form
(header, length of a row, sample ids) is raised; a fault in a cell fails its own patient.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from types import MappingProxyType

from epilepsy_pgx.addresses import input_path, is_url
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.agreement import check_order, settle_age
from epilepsy_pgx.intake.clinical import COLUMNS as CLINICAL_COLUMNS
from epilepsy_pgx.intake.clinical import parse_clinical
from epilepsy_pgx.intake.relations import check_relations, shared_files, shared_packets
from epilepsy_pgx.intake.scope import check_scope, read_build, read_digests, split_list
from epilepsy_pgx.intake.table import MISSING, is_day, nearest, read_table
from epilepsy_pgx.model import ClinicalEntry, Patient
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

SAMPLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a sample id may look like; it becomes part of file names."""

INPUT_COLUMNS = (
    "sample_id",
    "vcf",
    "vcf_sample",
    "build",
    "callable",
    "hla",
    "outside_calls",
    "classifications",
    "phenopacket",
    "same_genome_as",
    "genes_off",
    "vcf_sha256",
    "fingerprint",
)
IDENTITY_COLUMNS = (
    "name",
    "birth_date",
    "record_number",
    "accession",
    "specimen",
    "collected",
    "received",
    "requester",
)
DATES = ("birth_date", "collected", "received")
_FILES = (
    "vcf",
    "hla",
    "outside_calls",
    "classifications",
    "phenopacket",
    "callable",
    "fingerprint",
)
_LIKE_FILE = re.compile(r"[/\\]|\.[A-Za-z][A-Za-z0-9]*$")


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
    sheet: str = "."
    """The sheet that the row stands in, for problems."""
    genes_off: tuple[str, ...] = ()
    """Genes that were not ordered: nothing is said of them."""
    vcf_digests: tuple[str, ...] = ()
    """`sha256:…` of each VCF as the manifest has it; empty if nobody said."""
    fingerprint: Path | None = None
    """Genotypes of the person from another test."""

    @property
    def side_files(self) -> tuple[Path, ...]:
        """The files beside the VCFs that the row names."""
        one = (self.hla, self.classifications, self.phenopacket, self.fingerprint)
        named = (*one, *self.outside_calls)
        return tuple(path for path in named if path is not None)


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A patient whose row cannot be used, and why."""

    sample_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class SampleSheet:
    """The samples of a run."""

    path: Path
    rows: tuple[SampleRow, ...]
    faulty: tuple[FaultyRow, ...] = ()
    """Patients with a fault in a cell; the others go on without them."""
    build: GenomeBuild | None = None
    """Build of rows that state none."""
    cells: Mapping[int, dict[str, str]] = field(default_factory=dict)
    """The cells of each row that are not empty, by line."""
    columns: frozenset[str] = frozenset()


def read_sheet(
    path: Path,
    ref: Reference,
    default_build: GenomeBuild | None = None,
    *,
    files_needed: bool = True,
    packets: bool = True,
    known: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> SampleSheet:
    """Read and check a sample sheet. Whether the files it names can be read is checked later,
    patient by patient.

    Parameters
    ----------
    default_build
        Build of the rows that state none.
    files_needed
        False if the files come from elsewhere: then the column `vcf` may be missing.
    packets
        False to leave the phenopackets to whoever works on their patients.
    known
        Cells of rows, by sample id, whose clinical entry was read with these tables and has no
        fault: it is not read again, and is empty. For who asks for no entry.

    Raises
    ------
    InputError
        With every problem of the sheet, if one is of its form, or if no row can be used.
    """
    table = read_table(path, "sheet-readable")
    form = [*_check_header(path, table.header, files_needed)]
    if "sample_id" in table.header:
        form += _check_ids(path, table.rows)
    faults: dict[int, list[Problem]] = {line: [] for line, _ in table.rows}
    rows = []
    for line, values in table.rows:
        read = known.get(values.get("sample_id", ""))
        entry = packets if read is None or read != _said(values) else None
        row, found = _read_row(path, line, values, ref, default_build, (files_needed, entry))
        faults[line] += found
        if row is not None:
            rows.append(row)
    form += shared_files(path, rows)
    cells = {line: _said(values) for line, values in table.rows}
    for problem in (*shared_packets(path, rows), *check_relations(path, rows, cells)):
        faults[problem.line].append(problem)
    if not table.rows and not form:
        said = "no samples", "at least one row", "Add a row for each patient."
        form.append(Problem(str(path), 0, ".", "sheet-rows", *said))
    good = tuple(row for row in rows if not faults[row.line])
    if form or not good:
        raise InputError([*form, *(p for found in faults.values() for p in found)])
    faulty = tuple(_faulty(table.rows, faults))
    return SampleSheet(path, good, faulty, default_build, cells, frozenset(table.header))


def _faulty(
    rows: Sequence[tuple[int, dict[str, str]]], faults: Mapping[int, Sequence[Problem]]
) -> Iterator[FaultyRow]:
    """Yield the patients whose rows have a fault."""
    for line, values in rows:
        if faults[line]:
            name = values["sample_id"]
            yield FaultyRow(name, tuple(sorted(replace(p, sample=name) for p in faults[line])))


def check_packets(sheet: SampleSheet, ref: Reference) -> None:
    """Check that the phenopacket of a patient can be used: the first does, as a rule.

    Parameters
    ----------
    sheet
        A sheet that was read without its phenopackets.

    Raises
    ------
    InputError
        With every problem of the sheet and of the phenopackets, if no patient is left.
    """
    problems = [p for faulty in sheet.faulty for p in faulty.problems]
    for row in sheet.rows:
        if row.phenopacket is None:
            return
        cells = sheet.cells[row.line]
        _, found = _read_row(sheet.path, row.line, cells, ref, sheet.build, (True, True))
        if not found:
            return
        problems += (replace(p, sample=row.sample_id) for p in found)
    raise InputError(problems)


def row_of_cells(
    path: Path, cells: Mapping[str, str], ref: Reference, default_build: GenomeBuild | None
) -> SampleRow | FaultyRow:
    """Return one row of a sheet that was checked, without its line, from its cells.

    What its phenopacket says may still be at fault.
    """
    row, found = _read_row(path, 0, cells, ref, default_build, (True, True))
    if row is not None and not found:
        return row
    sample = cells["sample_id"]
    return FaultyRow(sample, tuple(sorted(replace(p, sample=sample) for p in found)))


def _given(values: Mapping[str, str]) -> dict[str, str | None]:
    return {k: (None if v in MISSING else v) for k, v in values.items()}


def _said(values: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row that are not empty."""
    return {name: cell for name, cell in values.items() if cell not in MISSING}


def _check_ids(path: Path, rows: Sequence[tuple[int, dict[str, str]]]) -> Iterator[Problem]:
    """Every row has an id that may name files, and each id stands once."""
    seen: dict[str, int] = {}
    for line, values in rows:
        name = values["sample_id"]
        if name in MISSING:
            yield Problem(
                str(path),
                line,
                "sample_id",
                "sheet-sample-id",
                "nothing",
                "a sample id",
                "Give every patient an id.",
            )
            continue
        if not SAMPLE_ID.fullmatch(name):
            yield Problem(
                str(path),
                line,
                "sample_id",
                "sheet-sample-id",
                "an id with other characters",
                "letters, digits, '.', '_', '-', at most 64, first a letter or digit",
                "Rename it here; the VCF's own name goes into vcf_sample.",
            )
        if name.casefold() in seen:
            yield Problem(
                str(path),
                line,
                "sample_id",
                "sheet-sample-once",
                f"the sample id of line {seen[name.casefold()]} again",
                "each sample id once",
                "Give every patient an id of their own.",
            )
        seen.setdefault(name.casefold(), line)


def _check_header(path: Path, header: Sequence[str], files_needed: bool) -> list[Problem]:
    known = (*INPUT_COLUMNS, *IDENTITY_COLUMNS, *CLINICAL_COLUMNS)
    problems = []
    for number, name in enumerate(header, 1):
        if name not in known:
            # A name that is like none may be a cell of a sheet without a header: not shown.
            near = nearest(name, known)
            fix = f"Did you mean '{near}'?" if near else "Rename or remove it."
            problems.append(
                Problem(
                    str(path),
                    1,
                    name if near else ".",
                    "sheet-column",
                    f"a name of column {number} that is not known",
                    "the columns of docs/sample-sheet.md",
                    fix,
                )
            )
    for name in ("sample_id", "vcf") if files_needed else ("sample_id",):
        if name not in header:
            problems.append(
                Problem(
                    str(path),
                    1,
                    name,
                    "sheet-column",
                    "no column of this name",
                    f"a column '{name}'",
                    "Add it; columns are separated by tabs.",
                )
            )
    return problems


def _read_row(
    path: Path,
    line: int,
    values: Mapping[str, str],
    ref: Reference,
    default_build: GenomeBuild | None,
    how: tuple[bool, bool | None],
) -> tuple[SampleRow | None, list[Problem]]:
    """Return the sample of a row, or None, and what is wrong with its cells.

    Parameters
    ----------
    how
        `files_needed` and `packets`, as of `read_sheet`; None for a clinical entry that is known.
    """
    files_needed, packets = how
    problems: list[Problem] = []
    cells = _given(values)
    sample = cells.get("sample_id") or "."

    def report(column: str, check: str, found: str, expected: str, fix: str) -> None:
        problems.append(Problem(str(path), line, column, check, found, expected, fix))

    if cells.get("vcf") is None and files_needed:
        report("vcf", "sheet-vcf", "nothing", "a path", "Name the file.")
    for column in ("vcf", "outside_calls"):
        listed = cells.get(column)
        if listed is not None and not all(name.strip() for name in listed.split("|")):
            report(
                column,
                "sheet-files",
                "an empty name in a list",
                "file|file",
                "Take the bar that is too many out, or name the file.",
            )
    _drop_strange_files(path, cells, report)
    build = read_build(cells.get("build"), default_build, report)
    _drop_strange_dates(cells, report)
    check_scope(cells, ref, report)
    clinical = ClinicalEntry()
    unmapped: tuple[str, ...] = ()
    if packets is not None:
        clinical, unmapped, found = _read_clinical(path, line, cells, ref, packets=packets)
        problems += found
    contradictions = [*check_order(cells, clinical)]
    if clinical.entry_date is not None:
        clinical, wrong = settle_age(clinical, cells.get("birth_date"), clinical.entry_date)
        contradictions += wrong
    for contradiction in contradictions:
        report(*contradiction, "Correct one of the two statements.")
    if problems or build is None:
        return None, problems
    return _make_row(path, line, cells, sample, build, clinical, unmapped), []


def _drop_strange_dates(cells: dict[str, str | None], report: Callable[..., None]) -> None:
    """Report cells of date columns that hold no date, and empty them."""
    for column in DATES:
        if (value := cells.get(column)) is not None and not is_day(value):
            report(
                column,
                "sheet-date",
                "a date in another form",
                "a date such as 2026-03-31",
                "Write year-month-day.",
            )
            cells[column] = None


def _drop_strange_files(
    path: Path, cells: dict[str, str | None], report: Callable[..., None]
) -> None:
    """Report cells of file columns that hold no path, and empty them.

    The path of a missing file is said later; a name in the wrong column must not be.
    """
    for column in _FILES:
        if cells.get(column) is None:
            continue
        names = [n.strip() for n in (cells.get(column) or "").split("|")]
        if column == "callable" and names[0].casefold() == "all":
            continue
        if column == "vcf":
            # A URL that cannot be read is said later, too.
            names = [n for n in names if not is_url(n)]
        if any(n and not _LIKE_FILE.search(n) and not _is_there(path.parent / n) for n in names):
            report(
                column,
                "sheet-files",
                "what is no file and not like the name of one",
                "a path",
                "Correct the cell; a column may have been shifted.",
            )
            cells[column] = None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _read_clinical(
    path: Path, line: int, cells: Mapping[str, str | None], ref: Reference, *, packets: bool
) -> tuple[ClinicalEntry, tuple[str, ...], list[Problem]]:
    """Return the clinical entry of a row, terms that the tables lack, and what is wrong."""
    packet = cells.get("phenopacket")
    if packet is None:
        entered = {c: cells.get(c) for c in CLINICAL_COLUMNS}
        clinical, found = parse_clinical(entered, ref, file=str(path), line=line)
        return clinical, (), list(found)
    if any(cells.get(c) is not None for c in CLINICAL_COLUMNS if c in cells):
        problem = Problem(
            str(path),
            line,
            "phenopacket",
            "sheet-clinical-once",
            "a phenopacket beside clinical columns",
            "one of the two",
            "Leave the clinical cells of this row empty.",
        )
        return ClinicalEntry(), (), [problem]
    if not packets:
        return ClinicalEntry(), (), []
    from epilepsy_pgx.intake.phenopacket import read_phenopacket_file

    try:
        read = read_phenopacket_file(
            path.parent / packet, ref, sample=cells.get("sample_id") or "."
        )
    except InputError as error:
        return ClinicalEntry(), (), list(error.problems)
    return read.entry, tuple(read.unmapped), list(read.problems)


def _make_row(
    path: Path,
    line: int,
    cells: Mapping[str, str | None],
    sample: str,
    build: GenomeBuild,
    clinical: ClinicalEntry,
    unmapped: tuple[str, ...],
) -> SampleRow:
    folder = path.parent

    def optional(column: str) -> Path | None:
        name = cells.get(column)
        return None if name is None else folder / name

    covers = cells.get("callable")
    if covers is not None:
        covers = "all" if covers.casefold() == "all" else str(folder / covers)
    return SampleRow(
        sample_id=sample,
        vcfs=tuple(input_path(name, folder) for name in split_list(cells.get("vcf"))),
        vcf_sample=cells.get("vcf_sample") or sample,
        build=build,
        callable=covers,
        hla=optional("hla"),
        outside_calls=tuple(folder / name for name in split_list(cells.get("outside_calls"))),
        classifications=optional("classifications"),
        patient=Patient(
            sample, cells.get("vcf_sample") or sample, **{c: cells.get(c) for c in IDENTITY_COLUMNS}
        ),
        clinical=clinical,
        line=line,
        phenopacket=optional("phenopacket"),
        unmapped=unmapped,
        same_genome_as=cells.get("same_genome_as"),
        sheet=str(path),
        genes_off=split_list(cells.get("genes_off")),
        vcf_digests=read_digests(cells.get("vcf_sha256")),
        fingerprint=optional("fingerprint"),
    )
