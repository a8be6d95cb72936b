"""The plan of a run as files, which its jobs read in place of the sample sheet.

`plan.json` names the batches. Each has `NAME.files.json`, what is extracted from which files, and
`NAME.rows.json`, the rows of the sheet, of which `predict` makes patients: of its own batch alone,
with their phenopackets. `CUT.cut.json` is of files that serve several batches: they are read once,
and each batch gets the records of its own samples. `identity.json` and `cohort.json` are for what
joins the batches, and `extract.tables`, `predict.tables` and `report.tables` hold digests of the
curated tables. A file is written only if that changes it, so that what rests on it is not made
again.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from epilepsy_pgx import __version__
from epilepsy_pgx.addresses import full_text
from epilepsy_pgx.files import locked, replace_text, write_text, writing_to
from epilepsy_pgx.intake.sheet import SampleRow, SampleSheet
from epilepsy_pgx.pipeline.assignment import Assignment
from epilepsy_pgx.pipeline.failures import Failure
from epilepsy_pgx.pipeline.identity import one_person, stated_of
from epilepsy_pgx.pipeline.plan import (
    Batch,
    FileGroup,
    cut_name,
    group_rows,
    plan_batches,
    samples_of,
)
from epilepsy_pgx.records import DamagedRecordError, read_record, record_text
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.vocabulary import GenomeBuild


class GroupFiles(msgspec.Struct, frozen=True):
    """Samples that are extracted from the same files."""

    vcfs: tuple[str, ...]
    build: GenomeBuild
    callable: str | None
    samples: tuple[tuple[str, str], ...]
    """Id, and name in the files."""
    cut: str | None
    """Name of what is cut out of the files for all batches at once, if they serve several."""


class CutPlan(msgspec.Struct, frozen=True):
    """What is cut at once out of files that serve several batches."""

    inputs: tuple[str, ...]
    """Files that are read, if they exist."""
    vcfs: tuple[str, ...]
    build: GenomeBuild
    callable: str | None
    batches: dict[str, tuple[str, ...]]
    """Names of the samples in the files, by batch."""


class BatchFiles(msgspec.Struct, frozen=True):
    """What a batch is extracted from."""

    inputs: tuple[str, ...]
    """Files that the extraction reads, if they exist: not those that are cut for all batches."""
    groups: tuple[GroupFiles, ...]


class BatchRows(msgspec.Struct, frozen=True):
    """Rows of the sheet, as its cells have them: the jobs of a batch read no others."""

    inputs: tuple[str, ...]
    """Files that the prediction reads, if they exist."""
    sheet: str
    build: GenomeBuild | None
    """Build of rows that state none."""
    groups: tuple[GroupFiles, ...]
    cells: dict[str, dict[str, str]]
    """By sample id. On which line of the sheet a row stands is in `cohort.json` alone: a row
    more above it changes nothing."""


class IdentityPlan(msgspec.Struct, frozen=True):
    """Which batches are compared, and what is stated of their patients."""

    batches: tuple[str, ...]
    stated: dict[str, str]
    """A word by sample id; the same word means one genome."""


class CohortPlan(msgspec.Struct, frozen=True):
    """The patients of all batches."""

    sheet: str
    batches: dict[str, tuple[str, ...]]
    """Sample ids by batch."""
    patients: tuple[tuple[str, int], ...]
    """Id, and line of the sheet, in the order of the tables over all patients: file by file."""
    faulty: tuple[Failure, ...]
    """Patients whose cells are at fault: they are in no batch."""
    persons: dict[str, tuple[str, ...]]
    """Words by sample id that samples of one person share in all runs, of those who have any."""


class AssignedBatches(msgspec.Struct, frozen=True):
    """By what the batches were chosen: the next plan goes on from it.

    Snakemake takes away what is an output of its rule before it makes it again; this file is none.
    """

    size: int
    own: dict[str, str]


class RunPlan(msgspec.Struct, frozen=True):
    """Which batches there are."""

    software: str
    batches: tuple[str, ...]
    made: int
    """When, in nanoseconds: what is to run after each plan rests on this file."""


FILES, ROWS, CUT = "files.json", "rows.json", "cut.json"


def write_plan(folder: Path, sheet: SampleSheet, batch_size: int, ref: Reference) -> RunPlan:
    """Write the plan of a run; patients of an earlier plan in the folder stay in their batches."""
    with locked(folder):
        earlier = _earlier(folder)
        batches = plan_batches(sheet.rows, batch_size, earlier=earlier)
        cuts = _cuts(batches)
        texts = {f"{name}.{CUT}": record_text(cut) for name, cut in cuts.items()}
        for batch in batches:
            for kind, text in _texts(batch, sheet, cuts):
                texts[f"{batch.name}.{kind}"] = text
        for name, text in texts.items():
            replace_text(folder / name, text)
        replace_text(folder / "identity.json", record_text(_identity(sheet, batches)))
        replace_text(folder / "cohort.json", record_text(_cohort(sheet, batches)))
        for stage in (TableStage.EXTRACT, TableStage.PREDICT, TableStage.REPORT):
            replace_text(folder / f"{stage}.tables", _tables(ref, stage))
        chosen = AssignedBatches(batch_size, _own(batches))
        replace_text(folder / "assignment.json", record_text(chosen))
        plan = RunPlan(__version__, tuple(b.name for b in batches), time.time_ns())
        # Last: an interrupted plan is made again.
        write_text(folder / "plan.json", record_text(plan, indent=1))
        with writing_to(folder):
            for path in (*folder.glob("batch*.json"), *folder.glob(f"*.{CUT}")):
                if path.name not in texts:
                    path.unlink()
    return plan


def _tables(ref: Reference, stage: TableStage) -> str:
    """Return the line on what a stage rests on."""
    return f"{__version__} {stage_digest(ref, stage)}\n"


def known_rows(
    folder: Path, sheet: Path, build: GenomeBuild | None, ref: Reference
) -> dict[str, dict[str, str]]:
    """Return the cells, by sample id, of rows that an earlier plan found without a fault.

    Empty if it was made by another version or with other tables. Of 100,000 rows those alone are
    to be read that changed.
    """
    known: dict[str, dict[str, str]] = {}
    try:
        if (folder / f"{TableStage.PREDICT}.tables").read_text() != _tables(
            ref, TableStage.PREDICT
        ):
            return {}
        for path in folder.glob(f"batch*.{ROWS}"):
            read = read_record(path, BatchRows, in_part=True)
            if read.sheet == str(sheet) and read.build == build:
                known |= read.cells
    except (OSError, ValueError):
        return {}
    return known


def _earlier(folder: Path) -> Assignment | None:
    """Return where patients were; None if there is no plan that can be read."""
    try:
        plan = read_record(folder / "assignment.json", AssignedBatches)
        held = read_record(folder / "cohort.json", CohortPlan).batches
    except DamagedRecordError:
        return None
    where = {sample: name for name, samples in held.items() for sample in samples}
    return Assignment(plan.size, where, plan.own)


def _own(batches: Iterable[Batch]) -> dict[str, str]:
    return {b.name: b.own for b in batches if b.own is not None}


def _cuts(batches: Sequence[Batch]) -> dict[str, CutPlan]:
    """Return what is cut out of the files that serve several batches, by its name."""
    parts: dict[str, dict[str, FileGroup]] = {}
    for batch in batches:
        for group in batch.groups:
            parts.setdefault(cut_name(group), {})[batch.name] = group
    found: dict[str, CutPlan] = {}
    for name, groups in parts.items():
        if len(groups) > 1:
            first = next(iter(groups.values()))
            files = tuple(map(full_text, first.vcfs))
            of_batches = {n: samples_of(g) for n, g in groups.items()}
            found[name] = CutPlan(files, files, first.build, first.callable, of_batches)
    return found


def _texts(
    batch: Batch, sheet: SampleSheet, cuts: Mapping[str, CutPlan]
) -> Iterable[tuple[str, str]]:
    groups = tuple(
        GroupFiles(tuple(map(full_text, g.vcfs)), g.build, g.callable, g.named, None)
        for g in batch.groups
    )
    names = [n if (n := cut_name(g)) in cuts else None for g in batch.groups]
    covered = (g.callable for g in batch.groups if g.callable not in (None, "all"))
    alone = (p for g, name in zip(batch.groups, names, strict=True) if name is None for p in g.vcfs)
    read = dict.fromkeys([*map(full_text, alone), *map(str, covered)])
    of_files = (msgspec.structs.replace(g, cut=n) for g, n in zip(groups, names, strict=True))
    yield FILES, record_text(BatchFiles(tuple(read), tuple(of_files)))
    sides = dict.fromkeys(str(p) for row in batch.rows for p in row.side_files)
    rows = BatchRows(
        tuple(sides),
        str(sheet.path),
        sheet.build,
        groups,
        {row.sample_id: sheet.cells[row.line] for row in batch.rows},
    )
    yield ROWS, record_text(rows)


def persons_of(rows: Iterable[SampleRow]) -> dict[str, frozenset[str]]:
    """Return the words of each sample of which more is stated than its id."""
    said = {row.sample_id: stated_of(row) for row in rows}
    return {name: words for name, words in said.items() if len(words) > 1}


def _identity(sheet: SampleSheet, batches: Iterable[Batch]) -> IdentityPlan:
    stated = one_person(sheet.rows)
    users = Counter(stated.values())
    words = {name: word for name, word in stated.items() if users[word] > 1}
    return IdentityPlan(tuple(b.name for b in batches), words)


def _cohort(sheet: SampleSheet, batches: Iterable[Batch]) -> CohortPlan:
    return CohortPlan(
        sheet=str(sheet.path),
        batches={b.name: tuple(row.sample_id for row in b.rows) for b in batches},
        patients=tuple((r.sample_id, r.line) for g in group_rows(sheet.rows) for r in g.rows),
        persons={n: tuple(sorted(said)) for n, said in persons_of(sheet.rows).items()},
        faulty=tuple(Failure(f.sample_id, f.problems) for f in sheet.faulty),
    )
