"""Cut a run into units of extraction and batches of patients."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.intake.sheet import FaultyRow, SampleRow, SampleSheet, read_sheet
from epilepsy_pgx.progress import count
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.vocabulary import GenomeBuild

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Samples that come from the same files under the same assumptions."""

    vcfs: tuple[Path, ...]
    build: GenomeBuild
    callable: str | None
    rows: tuple[SampleRow, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Patients that one job works on."""

    name: str
    groups: tuple[FileGroup, ...]
    faulty: tuple[FaultyRow, ...] = ()
    """Patients of the sheet whose cells are at fault: the first batch reports them all."""

    @property
    def rows(self) -> tuple[SampleRow, ...]:
        """The batch's samples in sheet order of their groups."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def patients(self) -> frozenset[str]:
        """Ids of all patients that the batch answers for, with a result or a problem."""
        return frozenset([*(r.sample_id for r in self.rows), *(f.sample_id for f in self.faulty)])

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Files of the batch that exist. A file that does not exist fails its own patients
        and nobody else, so it must not stop the workflow."""
        paths: dict[Path, None] = {}
        for group in self.groups:
            paths.update(dict.fromkeys(group.vcfs))
            if group.callable not in (None, "all"):
                paths[Path(str(group.callable))] = None
            for row in group.rows:
                files = (row.hla, row.classifications, row.phenopacket, row.fingerprint)
                extra = (*files, *row.outside_calls)
                paths.update(dict.fromkeys(p for p in extra if p is not None))
        return tuple(p for p in paths if p.is_file())


BATCH_SIZE = 100
"""Patients of a batch where no size is given."""
COHORT_FACTOR = 20
"""A file of many samples is worth larger batches, since every batch reads it once."""


def plan_batches(
    rows: Sequence[SampleRow], batch_size: int, faulty: tuple[FaultyRow, ...] = ()
) -> tuple[Batch, ...]:
    """Group samples by file and cut them into batches.

    Single-sample files share batches of `batch_size` patients. The samples of a larger file
    make batches of their own, of up to twenty times that size, all alike. Patients whose cells
    are at fault go with the first batch, which says so.
    """
    groups: dict[tuple[tuple[Path, ...], GenomeBuild, str | None], list[SampleRow]] = {}
    for row in rows:
        groups.setdefault((row.vcfs, row.build, row.callable), []).append(row)
    batches: list[list[FileGroup]] = []
    open_batch: list[FileGroup] = []
    room = 0
    for (vcfs, build, covers), members in groups.items():
        if len(members) > batch_size:
            parts = -(-len(members) // (batch_size * COHORT_FACTOR))
            size = -(-len(members) // parts)
            batches += [
                [FileGroup(vcfs, build, covers, tuple(members[at : at + size]))]
                for at in range(0, len(members), size)
            ]
            continue
        if len(members) > room:
            open_batch = []
            batches.append(open_batch)
            room = batch_size
        open_batch.append(FileGroup(vcfs, build, covers, tuple(members)))
        room -= len(members)
    return tuple(
        Batch(f"batch{number:05d}", tuple(part), faulty if number == 1 else ())
        for number, part in enumerate(batches, 1)
    )


def join_batches(batches: Iterable[Batch]) -> Batch:
    """Return one batch of all groups, for a run that is not spread over jobs."""
    return Batch("batch00001", tuple(group for batch in batches for group in batch.groups))


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
