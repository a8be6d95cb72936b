"""Go through the patients of a batch; one patient's bad file never stops the others.

Nor does a fault of the software while one file is read: it becomes a problem of that file.
"""

import gzip
import io
import json
import logging
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from epilepsy_pgx.errors import InputError, PgxError, Problem
from epilepsy_pgx.files import open_output, scratch_folder, write_text, writing_to
from epilepsy_pgx.htslib import open_fasta
from epilepsy_pgx.intake.sheet import SampleRow
from epilepsy_pgx.intake.vcf import inspect_vcf
from epilepsy_pgx.model import ClinicalEntry, Patient, PatientReport
from epilepsy_pgx.pipeline.artefact import (
    describe_batch,
    open_extraction,
    read_batch,
    save_extraction,
)
from epilepsy_pgx.pipeline.extract import Extraction, extract_group
from epilepsy_pgx.pipeline.faults import as_problem, first_lines
from epilepsy_pgx.pipeline.identity import Comparison, identity_text
from epilepsy_pgx.pipeline.plan import Batch, FileGroup
from epilepsy_pgx.pipeline.predict import Predictor, RunSettings, describe_thresholds
from epilepsy_pgx.pipeline.samples import (
    names_in_header,
    repeated_samples,
    repetition,
    safe_sample_id,
)
from epilepsy_pgx.pipeline.targets import Targets, load_targets
from epilepsy_pgx.progress import detail, stage
from epilepsy_pgx.quality.identity import IdentityResult
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.serialise import OtherFormError, report_from_json, report_to_json
from epilepsy_pgx.report.tables import table_line
from epilepsy_pgx.tsv import line
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

_log = logging.getLogger(__name__)
PROBLEM_COLUMNS = ("sample_id", "check", "file", "line", "column", "found", "expected", "fix")


@dataclass(frozen=True, slots=True)
class Failure:
    """A patient without a report, and why."""

    sample_id: str
    problems: tuple[Problem, ...]


class TargetCache:
    """The targets of each build, worked out once."""

    def __init__(self, ref: Reference, fasta: Path | None) -> None:
        """Remember where the sequence comes from.

        Raises
        ------
        InputError
            If the FASTA cannot be opened: that is no fault of a patient's file.
        """
        if fasta is not None:
            open_fasta(fasta)
        self._ref = ref
        self._fasta = fasta
        self._known: dict[GenomeBuild, Targets] = {}

    def check(self, builds: Iterable[GenomeBuild]) -> None:
        """Refuse a FASTA that serves none of the builds of a run, before anything is moved.

        Raises
        ------
        InputError
            With what is wrong with it.
        """
        problems: list[Problem] = []
        for build in dict.fromkeys(builds):
            try:
                self.of(build)
                return
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)

    @property
    def fasta(self) -> Path | None:
        """The FASTA of the run, if there is one."""
        return self._fasta

    def of(self, build: GenomeBuild) -> Targets:
        """Return the targets of a build."""
        if build not in self._known:
            self._known[build] = load_targets(self._ref, build, self._fasta)
        return self._known[build]


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A batch, and what its patients' files are read with."""

    batch: Batch
    ref: Reference
    cache: TargetCache


def rows_of_files(
    vcfs: Sequence[Path],
    build: GenomeBuild,
    covers: str | None,
    ref: Reference,
    only: Sequence[str] = (),
    *,
    sheet: bool = False,
) -> tuple[tuple[SampleRow, ...], tuple[Problem, ...]]:
    """Make sheet rows for files named on the command line: every sample of every file.

    A file that cannot be opened gives problems of its samples, and the others go on. A sample
    that several files have is read in none, unless a sheet says which is whose.
    """
    rows: list[SampleRow] = []
    problems: list[Problem] = []
    lacking, repeated = set(only), frozenset() if sheet else repeated_samples(vcfs)
    for path in vcfs:
        try:
            file = inspect_vcf(path, build, ref)
        except Exception as error:
            names = [n for n in names_in_header(path) if not only or n in only]
            lacking -= set(names)
            found = as_problem(error, path).problems
            problems += [
                replace(p, sample=safe_sample_id(n) if n else ".")
                for n in names or [""]
                for p in found
            ]
            continue
        for name in file.samples:
            if only and name not in only:
                continue
            lacking.discard(name)
            sample_id = safe_sample_id(name)
            if name in repeated:
                problems.append(repetition(path, sample_id))
                continue
            rows.append(
                SampleRow(
                    sample_id,
                    (path,),
                    name,
                    build,
                    covers,
                    None,
                    (),
                    None,
                    Patient(sample_id, name),
                    ClinicalEntry(),
                    0,
                )
            )
    for name in sorted(lacking):
        problems.append(
            Problem(
                "--sample",
                0,
                ".",
                "vcf-sample",
                "a name that no file has",
                "a sample of the VCFs",
                "Check its spelling ('bcftools query -l').",
                safe_sample_id(name),
            )
        )
    return tuple(rows), tuple(problems)


def _group_problems(group: FileGroup, error: Exception) -> Iterator[Failure]:
    problems = as_problem(error, *group.vcfs).problems
    for row in group.rows:
        yield Failure(row.sample_id, tuple(replace(p, sample=row.sample_id) for p in problems))


def _extract(
    group: FileGroup, cache: TargetCache, ref: Reference, thresholds: Thresholds
) -> Extraction:
    names = tuple(dict.fromkeys(row.vcf_sample for row in group.rows))
    found = extract_group(group.vcfs, names, group.callable, cache.of(group.build), ref, thresholds)
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


def run_groups(
    groups: Iterable[FileGroup],
    ref: Reference,
    cache: TargetCache,
    settings: RunSettings,
    thresholds: Thresholds,
    identity_out: Path | None = None,
    tally: SiteTally | None = None,
) -> Iterator[PatientReport | Failure]:
    """Extract all groups, compare their samples, and predict group after group.

    What was extracted waits on disk: samples can only be compared when all are known.

    Parameters
    ----------
    identity_out
        Where to write the table of the comparison, if anywhere.
    tally
        Where to count how often each position could be read.
    """
    predictor = Predictor(ref, settings)
    comparison = Comparison(ref)
    waiting: list[tuple[FileGroup, Path]] = []
    with scratch_folder() as scratch:
        with stage(_log, "extract") as made:
            for number, group in enumerate(groups):
                folder = scratch / f"group{number:05d}"
                try:
                    extraction = _extract(group, cache, ref, thresholds)
                    save_extraction(extraction, folder)
                    comparison.add(extraction.store, group.rows)
                except Exception as error:
                    yield from _group_problems(group, error)
                    continue
                waiting.append((group, folder))
            made |= _sizes(group for group, _ in waiting)
        identity = comparison.compare()
        if identity_out is not None:
            write_text(identity_out, identity_text(identity))
        with stage(_log, "predict", **_sizes(group for group, _ in waiting)) as made:
            for group, folder in waiting:
                extraction = open_extraction(folder, cache.of(group.build))
                yield from _counted(_predict(predictor, extraction, group, identity, tally), made)
                shutil.rmtree(folder)


def _sizes(groups: Iterable[FileGroup]) -> dict[str, int]:
    """Return how many groups of files there are, and patients in them."""
    patients = [len(group.rows) for group in groups]
    return {"groups": len(patients), "patients": sum(patients)}


def _counted(
    results: Iterable[PatientReport | Failure], made: dict[str, int]
) -> Iterator[PatientReport | Failure]:
    """Pass results on, and count them."""
    done, failed = made.get("done", 0), made.get("failed", 0)
    for result in results:
        yield result
        failed += isinstance(result, Failure)
        done += not isinstance(result, Failure)
        made |= {"done": done, "failed": failed}


def _predict(
    predictor: Predictor,
    extraction: Extraction,
    group: FileGroup,
    identity: Mapping[str, IdentityResult],
    tally: SiteTally | None,
) -> Iterator[PatientReport | Failure]:
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
        for result in predictor.predict(extraction, group.rows, identity):
            yield _as_result(result)
            done += 1
    except Exception as error:
        rest = group.rows[done:]
        if len(rest) == 1:
            yield from _group_problems(replace(group, rows=rest), error)
        else:
            # Whose fault it was shows when each is alone.
            for row in rest:
                alone = replace(group, rows=(row,))
                mine = extraction
                if row.vcf_sample in extraction.store.samples:
                    mine = extraction.only(extraction.store.samples.index(row.vcf_sample))
                yield from _predict(predictor, mine, alone, identity, None)


def _as_result(result: PatientReport | tuple[SampleRow, PgxError]) -> PatientReport | Failure:
    if isinstance(result, tuple):
        row, error = result
        return Failure(row.sample_id, error.problems)
    return result


def extract_batch(job: BatchJob, thresholds: Thresholds, folder: Path) -> tuple[Failure, ...]:
    """Stage extract of one batch: a folder for each group, and what failed."""
    batch, ref, cache = job.batch, job.ref, job.cache
    failures: list[Failure] = []
    states: list[str] = []
    # Should the process end half way, nothing says that the folder is complete.
    with writing_to(folder):
        (folder / "complete.json").unlink(missing_ok=True)
    with stage(_log, "extract", **_sizes(batch.groups)) as made:
        for number, group in enumerate(batch.groups):
            place = folder / f"group{number:05d}"
            try:
                save_extraction(_extract(group, cache, ref, thresholds), place)
                states.append("extracted")
            except Exception as error:
                failures += _group_problems(group, error)
                states.append("failed")
        made |= {"groups": states.count("extracted"), "failed": states.count("failed")}
    content = {
        **describe_batch(batch, folder, ref, cache.fasta),
        "thresholds": asdict(thresholds),
        "states": states,
        "failures": [asdict(f) for f in failures],
    }
    write_text(folder / "complete.json", json.dumps(content, indent=1, sort_keys=True) + "\n")
    return (*_faulty(batch), *failures)


def _faulty(batch: Batch) -> Iterator[Failure]:
    """Yield the failures of patients whose cells are at fault, as the sheet is now."""
    for row in batch.faulty:
        yield Failure(row.sample_id, row.problems)


def predict_batch(
    job: BatchJob,
    settings: RunSettings,
    folder: Path,
    identity: Mapping[str, IdentityResult],
    tally: SiteTally | None = None,
    stated: Mapping[str, object] | None = None,
) -> Iterator[PatientReport | Failure]:
    """Stages annotate, call and respond of one extracted batch.

    The thresholds are those of the extraction, and the reports say so.

    Parameters
    ----------
    identity
        What the comparison of all patients of the run says, by sample id.
    stated
        Thresholds that the user gave, by name: they must be those of the extraction.

    Raises
    ------
    InputError
        If the batch was extracted from other files, or with other tables or thresholds.
    """
    batch, ref, cache = job.batch, job.ref, job.cache
    state = read_batch(batch, folder, ref, cache.fasta, stated or {})
    thresholds = Thresholds(**state["thresholds"])
    settings = replace(settings, parameters=describe_thresholds(thresholds))
    yield from _faulty(batch)
    for failure in state["failures"]:
        yield Failure(failure["sample_id"], tuple(Problem(**p) for p in failure["problems"]))
    predictor = Predictor(ref, settings)
    extracted = {
        folder / f"group{number:05d}": group
        for number, group in enumerate(batch.groups)
        if state["states"][number] == "extracted"
    }
    with stage(_log, "predict", **_sizes(extracted.values())) as made:
        for place, group in extracted.items():
            extraction = open_extraction(place, cache.of(group.build))
            yield from _counted(_predict(predictor, extraction, group, identity, tally), made)


def write_results(
    results: Iterable[PatientReport | Failure], path: Path, problems: Path
) -> tuple[int, int]:
    """Write reports as JSON lines and failures as a table; return how many of each."""
    done = failed = 0
    lines = [line(PROBLEM_COLUMNS)]
    with (
        open_output(path) as raw,
        gzip.GzipFile("", "wb", compresslevel=4, fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8") as handle,
    ):
        for result in results:
            if isinstance(result, Failure):
                failed += 1
                lines += problem_lines(result)
            else:
                done += 1
                handle.write(report_to_json(result, compact=True))
    write_text(problems, "".join(lines))
    return done, failed


def read_results(path: Path) -> Iterator[PatientReport]:
    """Read reports back from JSON lines.

    Raises
    ------
    InputError
        If a line is no report of this version, or the file is no whole gzip.
    """
    number = 0
    with gzip.open(path, "rb") as handle:
        lines = iter(handle)
        while True:
            number += 1
            try:
                line = next(lines, None)
                if line is None:
                    return
                report = report_from_json(line, own=True)
            except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
                # What cannot be read may hold what stands in the report, so it is not shown.
                known = isinstance(error, OtherFormError)
                found = str(error) if known else "something else, or a part"
                raise InputError.one(
                    "results-readable",
                    file=str(path),
                    line=number,
                    found=found,
                    expected="results that 'predict' of this version wrote",
                    fix="Run 'predict' again for this batch.",
                ) from None
            yield report


def failure_lines(failures: Iterable[Failure], *, named: bool) -> list[str]:
    """Return what a command prints of failed patients: the first, and the number of the rest.

    Parameters
    ----------
    named
        True if the ids are those of a sheet; the names of a file's columns may be people's.
    """
    return first_lines(
        (f"{f.sample_id}: " if named and f.sample_id != "." else "") + str(p)
        for f in failures
        for p in f.problems
    )


def problem_lines(failure: Failure) -> list[str]:
    """Return the table lines of one failed patient."""
    return [
        table_line(
            (failure.sample_id, p.check, p.file, p.line, p.column, p.found, p.expected, p.fix)
        )
        for p in failure.problems
    ]
