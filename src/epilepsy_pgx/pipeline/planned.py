"""The plan of a run as its commands use it: made anew of a sheet, or read from a folder."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from epilepsy_pgx.addresses import input_path
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.intake.sheet import FaultyRow, SampleRow, SampleSheet, read_sheet, row_of_cells
from epilepsy_pgx.pipeline.identity import identify_batches, identify_planned
from epilepsy_pgx.pipeline.manifest import (
    CUT,
    FILES,
    ROWS,
    BatchFiles,
    BatchRows,
    CohortPlan,
    CutPlan,
    GroupFiles,
    IdentityPlan,
    persons_of,
)
from epilepsy_pgx.pipeline.plan import Batch, FileGroup, Joined, group_rows, plan_batches
from epilepsy_pgx.progress import count
from epilepsy_pgx.quality.identity import IdentityResult
from epilepsy_pgx.records import DamagedRecordError, read_record
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

_log = logging.getLogger(__name__)
Kept = TypeVar("Kept", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class PlannedSheet:
    """A sample sheet, and how its patients are cut into batches."""

    sheet: Path
    batch_size: int
    build: GenomeBuild | None
    """Build of rows that state none."""

    def read(self, ref: Reference) -> SampleSheet:
        """Return the rows of the sheet."""
        found = read_sheet(self.sheet, ref, self.build)
        count(_log, "sheet", patients=len(found.rows), faulty=len(found.faulty))
        return found

    def batches(self, ref: Reference) -> tuple[Batch, ...]:
        """Return all batches of the sheet."""
        read = self.read(ref)
        return plan_batches(read.rows, self.batch_size, read.faulty)

    def joined(self, ref: Reference) -> Joined:
        """Return what the tables over all patients are made of."""
        read = self.read(ref)
        batches = plan_batches(read.rows, self.batch_size, read.faulty)
        ids = [row.sample_id for group in group_rows(read.rows) for row in group.rows]
        order = {sample: place for place, sample in enumerate(ids)}
        return Joined({b.name: b.patients for b in batches}, order, {})

    def identify(self, extracted: Path, ref: Reference) -> dict[str, IdentityResult]:
        """Compare the patients of all batches."""
        return identify_batches(self.batches(ref), extracted, ref)

    def persons(self, ref: Reference) -> tuple[tuple[str, ...], dict[str, frozenset[str]]]:
        """Return the batches, and what is stated of who their samples are."""
        batches = self.batches(ref)
        return tuple(b.name for b in batches), persons_of(r for b in batches for r in b.rows)

    def files(self, name: str, ref: Reference) -> Batch:
        """Return what is extracted in a batch."""
        return self.batch(name, ref)

    def batch(self, name: str, ref: Reference) -> Batch:
        """Return one batch.

        Raises
        ------
        ConfigError
            If the sheet has no batch of this name.
        """
        batches = {b.name: b for b in self.batches(ref)}
        if name not in batches:
            raise ConfigError.one(
                "batch-exists",
                file=str(self.sheet),
                column="--batch",
                found=repr(name),
                expected=f"one of {len(batches)} batches of this sheet",
                fix="Use the batch size that the run was planned with.",
            )
        return batches[name]


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A plan that was written, as the jobs of a run read it."""

    folder: Path

    def files(self, name: str, _: Reference) -> Batch:
        """Return what is extracted in a batch: samples of whom nothing else is known.

        Raises
        ------
        InputError
            If the plan has no such batch, or its file is not as it was written.
        """
        read = self._read(f"{name}.{FILES}", BatchFiles)
        return Batch(name, tuple(_group(group, ()) for group in read.groups))

    def cut(self, name: str) -> CutPlan:
        """Return what is cut at once out of files that serve several batches.

        Raises
        ------
        InputError
            If the plan has no such files, or what it says of them is not as it was written.
        """
        return self._read(f"{name}.{CUT}", CutPlan)

    def batch(self, name: str, ref: Reference) -> Batch:
        """Return the patients of a batch; their phenopackets are read, and nobody else's.

        Raises
        ------
        InputError
            If the plan has no such batch, or its file is not as it was written.
        """
        read = self._read(f"{name}.{ROWS}", BatchRows)
        rows: dict[str, SampleRow] = {}
        faulty: list[FaultyRow] = []
        for sample, cells in read.cells.items():
            found = row_of_cells(Path(read.sheet), cells, ref, read.build)
            if isinstance(found, FaultyRow):
                faulty.append(found)
            else:
                rows[sample] = found
        groups = (_group(g, (rows[s] for s, _ in g.samples if s in rows)) for g in read.groups)
        return Batch(name, tuple(groups), tuple(faulty))

    def identify(self, extracted: Path, ref: Reference) -> dict[str, IdentityResult]:
        """Compare the patients of all batches."""
        read = self._read("identity.json", IdentityPlan)
        return identify_planned(read.batches, read.stated, extracted, ref)

    def persons(self, _: Reference) -> tuple[tuple[str, ...], dict[str, frozenset[str]]]:
        """Return the batches, and what is stated of who their samples are."""
        read = self._read("cohort.json", CohortPlan)
        return tuple(read.batches), {name: frozenset(said) for name, said in read.persons.items()}

    def joined(self, _: Reference) -> Joined:
        """Return what the tables over all patients are made of."""
        read = self._read("cohort.json", CohortPlan)
        return Joined(
            {name: frozenset(samples) for name, samples in read.batches.items()},
            {sample: place for place, (sample, _) in enumerate(read.patients)},
            dict(read.patients),
            read.sheet,
            read.faulty,
        )

    def _read(self, name: str, kind: type[Kept]) -> Kept:
        path = self.folder / name
        try:
            return read_record(path, kind)
        except DamagedRecordError as error:
            raise InputError.one(
                "plan-readable",
                file=str(path),
                found="no part of a plan",
                expected="what 'plan' of this version wrote",
                fix="Run 'plan' again, and name one of its batches.",
            ) from error


def _group(group: GroupFiles, rows: Iterable[SampleRow]) -> FileGroup:
    paths = tuple(map(input_path, group.vcfs))
    return FileGroup(paths, group.build, group.callable, tuple(rows), group.samples, group.cut)
