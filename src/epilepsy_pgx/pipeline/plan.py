"""Cut a run into units of extraction and batches of patients."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.sheet import FaultyRow, SampleRow
from epilepsy_pgx.pipeline.assignment import Assignment, Unit, assign
from epilepsy_pgx.pipeline.failures import Failure
from epilepsy_pgx.vocabulary import GenomeBuild


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Samples that come from the same files under the same assumptions."""

    vcfs: tuple[Path, ...]
    build: GenomeBuild
    callable: str | None
    rows: tuple[SampleRow, ...]
    samples: tuple[tuple[str, str], ...] | None = None
    """Id, and name in the files, of those to extract; None for those of `rows`."""
    cut: str | None = None
    """Name of what is cut out of the files for all batches at once; None for files of one batch."""

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Id, and name in the files, of each sample that is extracted."""
        if self.samples is not None:
            return self.samples
        return tuple((row.sample_id, row.vcf_sample) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Batch:
    """Patients that one job works on."""

    name: str
    groups: tuple[FileGroup, ...]
    faulty: tuple[FaultyRow, ...] = ()
    """Patients of the sheet whose cells are at fault: the first batch reports them all."""
    own: str | None = None
    """Key of the one file of the batch, where it has no other."""

    @property
    def rows(self) -> tuple[SampleRow, ...]:
        """The batch's samples in sheet order of their groups."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def patients(self) -> frozenset[str]:
        """Ids of all patients that the batch answers for, with a result or a problem."""
        return frozenset([*(r.sample_id for r in self.rows), *(f.sample_id for f in self.faulty)])


BATCH_SIZE = 100
"""Patients of a batch where no size is given."""


def group_rows(rows: Iterable[SampleRow]) -> tuple[FileGroup, ...]:
    """Return the samples by file, in the order in which the files are first named."""
    # By text: a path takes long to hash.
    groups: dict[tuple[str, GenomeBuild, str | None], list[SampleRow]] = {}
    for row in rows:
        files = "\0".join(map(str, row.vcfs))
        groups.setdefault((files, row.build, row.callable), []).append(row)
    return tuple(
        FileGroup(first.vcfs, first.build, first.callable, (first, *others))
        for first, *others in groups.values()
    )


def plan_batches(
    rows: Sequence[SampleRow],
    batch_size: int,
    faulty: tuple[FaultyRow, ...] = (),
    earlier: Assignment | None = None,
) -> tuple[Batch, ...]:
    """Group samples by file and cut them into batches: see `assignment.py`.

    Patients whose cells are at fault go with the first batch, which says so.

    Parameters
    ----------
    earlier
        Where patients were before: they stay there.
    """
    groups = group_rows(rows)
    units = [Unit(_key(group), tuple(row.sample_id for row in group.rows)) for group in groups]
    where = assign(units, batch_size, earlier)
    parts: dict[str, list[FileGroup]] = {name: [] for name in where.names}
    for group in groups:
        split: dict[str, list[SampleRow]] = {}
        for row in group.rows:
            split.setdefault(where.batch[row.sample_id], []).append(row)
        for name, members in split.items():
            parts[name].append(replace(group, rows=tuple(members)))
    return tuple(
        Batch(name, tuple(part), faulty if number == 0 else (), where.own.get(name))
        for number, (name, part) in enumerate(parts.items())
    )


def samples_of(group: FileGroup) -> tuple[str, ...]:
    """Return the names of the samples in the files, each once."""
    return tuple(dict.fromkeys(name for _, name in group.named))


def cut_name(group: FileGroup) -> str:
    """Return a name for what is cut out of the files of a group, whosever samples they hold."""
    return hashlib.sha256(os.fsencode(_key(group))).hexdigest()[:12]


def _key(group: FileGroup) -> str:
    """Return a word for the files of a group."""
    return "|".join([*map(str, group.vcfs), group.build.value, group.callable or ""])


def join_batches(batches: Iterable[Batch]) -> Batch:
    """Return one batch of all groups, for a run that is not spread over jobs."""
    return Batch("batch00001", tuple(group for batch in batches for group in batch.groups))


@dataclass(frozen=True, slots=True)
class Joined:
    """What the tables over all patients are made of."""

    batches: Mapping[str, frozenset[str]]
    """Patients by batch."""
    order: Mapping[str, int]
    """Place in the tables by sample id: file by file, whatever batch they were in."""
    lines: Mapping[str, int]
    """Line of the sheet by sample id, where the batches do not know it."""
    sheet: str = "."
    faulty: tuple[Failure, ...] = ()
    """Patients whose cells are at fault and who are in no batch."""

    @property
    def patients(self) -> frozenset[str]:
        """Ids of all patients of the run."""
        return frozenset().union(*self.batches.values(), (f.sample_id for f in self.faulty))
