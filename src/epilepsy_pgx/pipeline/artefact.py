"""Keep an extraction in a folder, so that any stage can be looked at and run again.

`complete.json` (`BatchRecord`) says what a batch was extracted from and holds the digest of each
group's `extraction.json` (`GroupRecord`), which holds those of the group's arrays: what was
damaged or changed since is refused.
"""

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from epilepsy_pgx import __version__
from epilepsy_pgx.addresses import UrlPath
from epilepsy_pgx.errors import InputError, Problem
from epilepsy_pgx.files import make_folder, write_text, writing_to
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.model import InputFile
from epilepsy_pgx.pipeline.extract import Extraction
from epilepsy_pgx.pipeline.failures import Failure
from epilepsy_pgx.pipeline.plan import Batch, FileGroup
from epilepsy_pgx.pipeline.targets import Targets
from epilepsy_pgx.records import DamagedRecordError, read_record, record_text, text_digest
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.statement import Message
from epilepsy_pgx.variants.collect import Carriers
from epilepsy_pgx.variants.observed import ObservedVariant
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.variants.sample_metrics import COUNTS, SampleMetrics
from epilepsy_pgx.variants.store import open_array, open_store, save_array, save_store
from epilepsy_pgx.vocabulary import GenomeBuild

OPTIONS = {
    "quality": "min-quality",
    "depth": "min-depth",
    "balance": "min-balance",
    "gencall_score": "min-gencall",
    "class_field": "class-field",
    "frequency_fields": "frequency-field",
}
"""Option of the command line that sets a threshold, by its name."""
_COMPLETE = "complete.json"
_PRINTS = "fingerprints.npy"


class GroupRecord(msgspec.Struct, frozen=True):
    """An extraction but for its arrays, and the digests of these."""

    store: str
    coverage: str
    counts: str
    observed: tuple[ObservedVariant, ...]
    undocumented: tuple[Carriers, ...]
    callability: Message
    inputs: tuple[InputFile, ...]
    warnings: tuple[str, ...]
    mismatches: int
    caller: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    unwitnessed: tuple[int, ...]
    unsized: tuple[int, ...] = ()


class GroupPlan(msgspec.Struct, frozen=True):
    """The files of a group, as seen from the folder of the extraction, and its samples."""

    files: tuple[str, ...]
    build: GenomeBuild
    callable: str | None
    samples: tuple[tuple[str, str], ...]
    """Id, and name in the files."""


class BatchRecord(msgspec.Struct, frozen=True):
    """What a batch was extracted from and with, and what came of each group."""

    software: str
    reference: str
    """Digest of the tables that the extraction rests on."""
    sequence: str | None
    """FASTA, as seen from the folder of the extraction."""
    groups: tuple[GroupPlan, ...]
    thresholds: Thresholds
    extractions: tuple[str | None, ...]
    """Digest of each group's record; None where no sample of the group could be read."""
    failures: tuple[Failure, ...]
    compared: tuple[str, ...]
    """Ids of the samples of whom there is a fingerprint, in the order of its rows."""
    fingerprints: str
    """Digest of the fingerprints."""

    def __post_init__(self) -> None:
        """Refuse groups of which nothing is said, and fingerprints of nobody.

        Raises
        ------
        ValueError
            If there are more groups than results, or fewer, or other samples than theirs.
        """
        if not {*self.compared} <= {sample for group in self.groups for sample, _ in group.samples}:
            raise ValueError("fingerprints of the samples")
        if len(self.groups) != len(self.extractions):
            raise ValueError("a result for each group")


class _Author(msgspec.Struct, frozen=True):
    """The one field that the records of every version have."""

    software: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a stage was given that must be as it was for the extraction."""

    fasta: Path | None
    thresholds: Mapping[str, object] = field(default_factory=dict)
    """Those that the user gave, by name."""


def group_folder(folder: Path, number: int) -> Path:
    """Return where the extraction of a batch keeps one of its groups."""
    return folder / f"group{number:05d}"


def save_extraction(extraction: Extraction, folder: Path) -> str:
    """Write an extraction, its record last; return the digest of the record."""
    make_folder(folder)
    record = GroupRecord(
        store=save_store(extraction.store, folder / "store"),
        coverage=save_array(extraction.callable_bases, folder / "coverage.npy"),
        counts=save_array(extraction.readings.counts, folder / "readings.npy"),
        observed=extraction.observed,
        undocumented=extraction.undocumented,
        callability=extraction.callability,
        inputs=extraction.inputs,
        warnings=extraction.warnings,
        mismatches=extraction.mismatches,
        caller=extraction.caller,
        problems=extraction.sample_problems,
        unwitnessed=extraction.unwitnessed,
        unsized=extraction.unsized,
    )
    text = record_text(record)
    write_text(folder / "extraction.json", text)
    return text_digest(text)


def open_extraction(folder: Path, digest: str, targets: Targets) -> Extraction:
    """Read an extraction back.

    Parameters
    ----------
    digest
        What `save_extraction` said.

    Raises
    ------
    InputError
        If it is not as it was written, or was made from other curated tables.
    """
    try:
        record = read_record(folder / "extraction.json", GroupRecord, digest)
        store = open_store(folder / "store", targets.sites, record.store)
        samples = len(store.samples)
        coverage = open_array(
            folder / "coverage.npy", np.int32, (len(targets.coding), samples), record.coverage
        )
        counts = open_array(
            folder / "readings.npy", np.float64, (len(COUNTS), samples), record.counts
        )
    except DamagedRecordError as error:
        raise damaged(folder, error) from error
    return Extraction(
        store=store,
        observed=record.observed,
        undocumented=record.undocumented,
        callable_bases=coverage,
        targets=targets,
        callability=record.callability,
        inputs=record.inputs,
        warnings=record.warnings,
        mismatches=record.mismatches,
        readings=SampleMetrics(counts),
        sample_problems=record.problems,
        caller=record.caller,
        unwitnessed=record.unwitnessed,
        unsized=record.unsized,
    )


def damaged(place: Path, error: DamagedRecordError) -> InputError:
    """Return the error of an extraction that is not as 'extract' left it."""
    return InputError.one(
        "extract-whole",
        file=str(place),
        found=f"a damaged extraction: {error}",
        expected="what 'extract' wrote",
        fix="Run the extraction of this batch again.",
    )


def begin_batch(folder: Path) -> None:
    """Make sure that nothing calls a folder complete, should the process end half way."""
    with writing_to(folder):
        (folder / _COMPLETE).unlink(missing_ok=True)


def save_batch(record: BatchRecord, folder: Path) -> None:
    """Mark an extraction as complete."""
    write_text(folder / _COMPLETE, record_text(record, indent=1))


def plan_of(group: FileGroup, folder: Path) -> GroupPlan:
    """Return a group as the record of an extraction in a folder names it."""
    covers = group.callable
    if covers is not None and covers != "all":
        covers = relative_path(Path(covers), folder)
    return GroupPlan(
        files=tuple(relative_path(path, folder) for path in group.vcfs),
        build=group.build,
        callable=covers,
        samples=group.named,
    )


def sequence_of(fasta: Path | None, folder: Path) -> str | None:
    """Return a FASTA as the record of an extraction in a folder names it."""
    return None if fasta is None else relative_path(fasta, folder)


def save_fingerprints(prints: NDArray[np.int8], folder: Path) -> str:
    """Write what the genomes of a batch are compared by; return the digest."""
    make_folder(folder)
    return save_array(prints, folder / _PRINTS)


def open_fingerprints(record: BatchRecord, folder: Path, positions: int) -> NDArray[np.int8]:
    """Read what the genomes of a batch are compared by.

    Raises
    ------
    InputError
        If it is not as it was written.
    """
    shape = (len(record.compared), positions)
    try:
        return open_array(folder / _PRINTS, np.int8, shape, record.fingerprints)
    except DamagedRecordError as error:
        raise damaged(folder, error) from error


def read_batch(
    batch: Batch | None, folder: Path, ref: Reference, asked: Asked | None = None
) -> BatchRecord:
    """Read what `extract` says of a batch, and compare it with what is asked for.

    Parameters
    ----------
    batch
        None for a stage that joins all batches of a plan: what they hold is said there.
    asked
        None for a stage that reads no bases and judges no genotype.

    Raises
    ------
    InputError
        If there is no such record; else with every difference.
    """
    path = folder / _COMPLETE
    try:
        record = read_record(path, BatchRecord)
    except DamagedRecordError as error:
        raise _unreadable(path, folder) from error
    same = {
        "software": record.software == __version__,
        "tables": record.reference == stage_digest(ref, TableStage.EXTRACT),
        "sequence": asked is None or record.sequence == sequence_of(asked.fasta, folder),
        "groups": batch is None
        or record.groups == tuple(plan_of(group, folder) for group in batch.groups),
    }
    problems = [_difference(folder, name) for name, holds in same.items() if not holds]
    if asked is not None:
        problems += _other_thresholds(folder, asked.thresholds, record.thresholds)
    if problems:
        raise InputError(problems)
    return record


_MADE_WITH = {
    "software": "another version of the software",
    "tables": "other curated tables",
    "sequence": "another FASTA, or none",
    "groups": "other files, samples, builds or callable regions",
}


def _unreadable(path: Path, folder: Path) -> InputError:
    """Return the error of a record that is none of this version: another one may have made it."""
    try:
        other = read_record(path, _Author, in_part=True).software != __version__
    except DamagedRecordError:
        other = False
    if other:
        return InputError([_difference(folder, "software")])
    return InputError.one(
        "extract-complete",
        file=str(path),
        found="no complete extraction",
        expected="what 'extract' wrote",
        fix="Run the extraction of this batch.",
    )


def _difference(folder: Path, name: str) -> Problem:
    return Problem(
        str(folder),
        0,
        ".",
        f"extract-{name}",
        f"an extraction made with {_MADE_WITH[name]}",
        "what this command was given",
        "Run the extraction again, or give this command the same.",
    )


def _other_thresholds(
    folder: Path, stated: Mapping[str, object], used: Thresholds
) -> list[Problem]:
    return [
        Problem(
            str(folder),
            0,
            f"--{OPTIONS[name]}",
            "extract-thresholds",
            str(value),
            f"{getattr(used, name)}, as in the extraction",
            "Leave the option out, or run the extraction again with it.",
        )
        for name, value in stated.items()
        if value != getattr(used, name)
    ]


def relative_path(path: Path, folder: Path) -> str:
    """Write a path as seen from a folder: the same if both are moved, as a URL is anyway."""
    if isinstance(path, UrlPath):
        return str(path)
    return Path(os.path.relpath(os.path.abspath(path), os.path.abspath(folder))).as_posix()
