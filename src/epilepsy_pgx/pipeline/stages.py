"""The stages extract, identify and predict of a batch of patients; one never stops the others.

A bad file fails its own patients. So does a fault of the software while one file is read: it
becomes a problem of that file. The workflow's rules and the command `run` call the same functions;
between extract and what follows it lies a folder (`artefact.py`).
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from epilepsy_pgx import __version__
from epilepsy_pgx.errors import PgxError
from epilepsy_pgx.files import scratch_folder
from epilepsy_pgx.frozen import dataclass, replace
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.artefact import (
    Asked,
    BatchRecord,
    begin_batch,
    group_folder,
    open_extraction,
    plan_of,
    read_batch,
    save_batch,
    save_extraction,
    save_fingerprints,
    sequence_of,
)
from epilepsy_pgx.pipeline.extract import Extraction, extract_cut, extract_files
from epilepsy_pgx.pipeline.failures import Failure, Result
from epilepsy_pgx.pipeline.faults import as_problem
from epilepsy_pgx.pipeline.identity import Fingerprints, identify_batches
from epilepsy_pgx.pipeline.inspection import Inspections
from epilepsy_pgx.pipeline.parts import open_part
from epilepsy_pgx.pipeline.plan import Batch, FileGroup, samples_of
from epilepsy_pgx.pipeline.predict import Predictor, RunSettings, describe_thresholds
from epilepsy_pgx.pipeline.targets import TargetCache
from epilepsy_pgx.progress import detail, stage
from epilepsy_pgx.quality.identity import IdentityResult
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.stages import TableStage, stage_digest
from epilepsy_pgx.variants.decode import Thresholds

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A batch, and what its patients' files are read with: each opened once."""

    batch: Batch
    ref: Reference
    cache: TargetCache
    inspections: Inspections
    cuts: Path | None = None
    """Folder of what was cut for several batches; None to read their files."""


def _group_problems(group: FileGroup, error: Exception) -> Iterator[Failure]:
    problems = as_problem(error, *group.vcfs).problems
    for sample, _ in group.named:
        yield Failure(sample, tuple(replace(p, sample=sample) for p in problems))


def _extract(group: FileGroup, job: BatchJob, thresholds: Thresholds) -> Extraction:
    targets = job.cache.of(group.build)
    if group.cut is not None and job.cuts is not None:
        part = open_part(job.cuts / group.cut, job.batch.name, targets, group.callable, job.ref)
        found = extract_cut(part, group.callable, targets, job.ref, thresholds)
    else:
        with scratch_folder() as scratch, job.inspections.keeping(scratch):
            files = job.inspections.files(group.vcfs, group.build)
            names = samples_of(group)
            found = extract_files(files, names, group.callable, targets, job.ref, thresholds)
    detail(
        _log,
        "extract group",
        files=len(group.vcfs),
        samples=len(found.store.samples),
        sites=len(found.store.sites),
        variants=len(found.observed),
        undocumented=len(found.undocumented),
        problems=len(found.sample_problems),
    )
    return found


def _sizes(groups: Iterable[FileGroup]) -> dict[str, int]:
    """Return how many groups of files there are, and patients in them."""
    patients = [len(group.named) for group in groups]
    return {"groups": len(patients), "patients": sum(patients)}


def _counted(results: Iterable[Result], made: dict[str, int]) -> Iterator[Result]:
    """Pass results on, and count them."""
    done, failed = made.get("done", 0), made.get("failed", 0)
    for result in results:
        yield result
        failed += isinstance(result, Failure)
        done += not isinstance(result, Failure)
        made |= {"done": done, "failed": failed}


def _predict(
    predictor: Predictor, extraction: Extraction, group: FileGroup, tally: SiteTally | None
) -> Iterator[Result]:
    if tally is not None:
        column = {name: i for i, name in enumerate(extraction.store.samples)}
        tally.add(
            extraction.store, [column[r.vcf_sample] for r in group.rows if r.vcf_sample in column]
        )
    detail(
        _log,
        "predict group",
        patients=len(group.rows),
        variants=len(extraction.observed),
        undocumented=len(extraction.undocumented),
    )
    done = 0
    try:
        for result in predictor.predict(extraction, group.rows):
            yield _as_result(result)
            done += 1
    except Exception as error:
        rest = group.rows[done:]
        if len(rest) == 1:
            yield from _group_problems(replace(group, rows=rest, samples=None), error)
        else:
            # Whose fault it was shows when each is alone.
            for row in rest:
                alone = replace(group, rows=(row,), samples=None)
                mine = extraction
                if row.vcf_sample in extraction.store.samples:
                    mine = extraction.only(extraction.store.samples.index(row.vcf_sample))
                yield from _predict(predictor, mine, alone, None)


def _as_result(result: PatientReport | tuple[SampleRow, PgxError]) -> Result:
    if isinstance(result, tuple):
        row, error = result
        return Failure(row.sample_id, error.problems)
    return result


def extract_batch(job: BatchJob, thresholds: Thresholds, folder: Path) -> tuple[Failure, ...]:
    """Stage extract of one batch: a folder for each group, and what failed."""
    batch = job.batch
    failures: list[Failure] = []
    extractions: list[str | None] = []
    begin_batch(folder)
    prints = Fingerprints(job.ref)
    with stage(_log, "extract", **_sizes(batch.groups)) as made:
        for number, group in enumerate(batch.groups):
            try:
                extraction = _extract(group, job, thresholds)
                prints.add(extraction.store, group.named)
                extractions.append(save_extraction(extraction, group_folder(folder, number)))
            except Exception as error:
                failures += _group_problems(group, error)
                extractions.append(None)
        failed = extractions.count(None)
        made |= {"groups": len(extractions) - failed, "failed": failed}
    record = BatchRecord(
        software=__version__,
        reference=stage_digest(job.ref, TableStage.EXTRACT),
        sequence=sequence_of(job.cache.fasta, folder),
        groups=tuple(plan_of(group, folder) for group in batch.groups),
        thresholds=thresholds,
        extractions=tuple(extractions),
        failures=tuple(failures),
        compared=tuple(prints.samples),
        fingerprints=save_fingerprints(prints.taken(), folder),
    )
    save_batch(record, folder)
    return (*_faulty(batch), *failures)


def _faulty(batch: Batch) -> Iterator[Failure]:
    """Yield the failures of patients whose cells are at fault, as the sheet is now."""
    for row in batch.faulty:
        yield Failure(row.sample_id, row.problems)


def identify_batch(job: BatchJob, extracted: Path) -> dict[str, IdentityResult]:
    """Stage identify of a run that has one batch.

    Parameters
    ----------
    extracted
        Folder of the extracted batches.
    """
    return identify_batches([job.batch], extracted, job.ref)


def predict_batch(
    job: BatchJob,
    settings: RunSettings,
    folder: Path,
    tally: SiteTally | None = None,
    stated: Mapping[str, object] | None = None,
) -> Iterator[Result]:
    """Stages annotate, call and respond of one extracted batch.

    What comes out is no report yet: `settle.py` adds what the comparison with the other patients
    says. The thresholds are those of the extraction, and the reports say so.

    Parameters
    ----------
    tally
        Where to count how often each position could be read: complete when the last patient came.
    stated
        Thresholds that the user gave, by name: they must be those of the extraction.

    Raises
    ------
    InputError
        If the batch was extracted from other files, or with other tables or thresholds, or if
        the extraction is damaged.
    """
    batch, cache = job.batch, job.cache
    record = read_batch(batch, folder, job.ref, Asked(cache.fasta, stated or {}))
    yield from _faulty(batch)
    yield from record.failures
    settings = replace(settings, parameters=describe_thresholds(record.thresholds))
    predictor = Predictor(job.ref, settings)
    extracted = [
        (group, group_folder(folder, number), digest)
        for number, (group, digest) in enumerate(zip(batch.groups, record.extractions, strict=True))
        if digest is not None
    ]
    with stage(_log, "predict", **_sizes(group for group, _, _ in extracted)) as made:
        for group, place, digest in extracted:
            extraction = open_extraction(place, digest, cache.of(group.build))
            yield from _counted(_predict(predictor, extraction, group, tally), made)
