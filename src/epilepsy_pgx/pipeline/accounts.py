"""What a run of the workflow did and took, as a file for whoever plans the next one.

Seconds and memory are those that Snakemake's benchmarks hold: of jobs that were not run again,
those of the run that made their files. No name of a person and no sample id is written.
"""

import platform
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from epilepsy_pgx import __version__, tsv
from epilepsy_pgx.files import write_text
from epilepsy_pgx.pipeline.manifest import CohortPlan, RunPlan
from epilepsy_pgx.records import DamagedRecordError, file_digest, read_record, record_text
from epilepsy_pgx.reference.stages import TableStage

NAME = "run.json"
_STAGES = ("check_reference", "plan", "cut", "extract", "identify", "predict", "report", "cohort")
_LIBRARIES = ("cyvcf2", "jinja2", "msgspec", "numpy", "pysam", "snakemake")


class StageAccount(msgspec.Struct, frozen=True):
    """The jobs of one rule."""

    jobs: int
    ran: int
    """Those that this run did; the others were up to date."""
    seconds: float
    """Of all its jobs together."""
    longest_seconds: float
    cpu_seconds: float | None
    """None where the system does not count them."""
    peak_memory_mb: float | None
    """Most memory of one job, as it was sampled."""


class RunAccount(msgspec.Struct, frozen=True):
    """What a run did, with what, and what it took."""

    software: str
    python: str
    libraries: dict[str, str]
    finished: str
    """Date and time (UTC)."""
    patients: dict[str, int]
    batches: int
    stages: dict[str, StageAccount]
    tables: dict[str, str]
    """Digest of the curated tables that a stage rests on."""
    sheet: str | None
    """Digest of the sample sheet; None if it is gone."""
    outputs: dict[str, str]
    """Digests of the tables over all patients."""


def write_accounts(
    results: Path, benchmarks: Path, done: Collection[str], failed: Collection[str]
) -> None:
    """Write the account of a run into its folder of results.

    Parameters
    ----------
    benchmarks
        Folder of the benchmarks of its jobs.
    done, failed
        Patients with and without a report.
    """
    plan = _plan(results / "plan")
    names = frozenset(plan.batches) if plan else frozenset()
    begun = plan.made / 1e9 if plan else 0.0
    stages = {
        stage: found
        for stage in _STAGES
        if (found := _account(benchmarks, stage, names, begun)) is not None
    }
    account = RunAccount(
        software=__version__,
        python=platform.python_version(),
        libraries=dict(_versions()),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        patients={"with a report": len(done), "without a report": len({*failed} - {*done})},
        batches=len(names),
        stages=stages,
        tables=dict(_tables(results / "plan")),
        sheet=_sheet(results / "plan"),
        outputs={p.name: file_digest(p) for p in sorted((results / "cohort").glob("*.tsv"))},
    )
    write_text(results / NAME, record_text(account, indent=1))


def _plan(folder: Path) -> RunPlan | None:
    try:
        return read_record(folder / "plan.json", RunPlan)
    except DamagedRecordError:
        return None


def _sheet(folder: Path) -> str | None:
    try:
        return file_digest(Path(read_record(folder / "cohort.json", CohortPlan).sheet))
    except (DamagedRecordError, OSError):
        return None


def _tables(folder: Path) -> Iterator[tuple[str, str]]:
    for stage in (TableStage.EXTRACT, TableStage.PREDICT, TableStage.REPORT):
        path = folder / f"{stage}.tables"
        if path.is_file():
            yield stage.value, path.read_text(encoding="utf-8").split()[-1]


def _versions() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _account(
    benchmarks: Path, stage: str, batches: Collection[str], begun: float
) -> StageAccount | None:
    """Add up the jobs of a rule; None if there is none."""
    paths = [benchmarks / f"{stage}.tsv", *(benchmarks / stage).glob("*.tsv")]
    # Batches of an earlier plan have left their benchmarks behind.
    paths = [p for p in paths if p.is_file() and (p.stem in batches or not _is_batch(p.stem))]
    rows = [row for path in paths for row in tsv.read_table(path)]
    if not rows:
        return None
    seconds, cpu, memory = (
        [n for row in rows if (n := _number(row, column)) is not None]
        for column in ("s", "cpu_time", "max_rss")
    )
    return StageAccount(
        jobs=len(paths),
        ran=sum(p.stat().st_mtime >= begun for p in paths),
        seconds=round(sum(seconds), 2),
        longest_seconds=max(seconds, default=0.0),
        cpu_seconds=round(sum(cpu), 2) if cpu else None,
        peak_memory_mb=max(memory, default=None),
    )


def _is_batch(stem: str) -> bool:
    return stem.startswith("batch")


def _number(row: dict[str, str], column: str) -> float | None:
    """Return a number of a benchmark; what was not measured is no number."""
    try:
        found = float(row.get(column) or "-")
    except ValueError:
        return None
    return found if found >= 0 else None
