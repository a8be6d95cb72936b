"""What the workflow's rules need to know of a run before it starts, and say when it ends."""

import atexit
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.intake.clinvar import check_builds, open_clinvar
from epilepsy_pgx.intake.sheet import read_sheet
from epilepsy_pgx.pipeline.plan import Batch, plan_batches
from epilepsy_pgx.pipeline.sheets import check_shared_files
from epilepsy_pgx.reference.overlay_check import open_checked
from epilepsy_pgx.reference.package import default_reference_dir
from epilepsy_pgx.report.write import PAGE
from epilepsy_pgx.variants.record import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild


@dataclass(frozen=True)
class WorkflowRun:
    """Files and options of a run."""

    sheet: str
    reference_dir: str
    tables: tuple[str, ...]
    """Every file of the data package: a change in one reruns what rests on it."""
    plan: Mapping[str, Batch]
    extract_options: str
    identify_options: str
    predict_options: str
    report_options: str
    cohort_options: str
    letterhead: tuple[str, ...] = ()
    """The logo, if there is one: another logo rewrites the reports."""
    clinvar: tuple[str, ...] = ()
    """Copies of ClinVar: another one reruns the predictions."""
    problems: tuple[str, ...] = ()
    """What is wrong with the sheet's cells: their patients fail, the others are done."""

    @property
    def batches(self) -> tuple[str, ...]:
        """Names of the batches."""
        return tuple(self.plan)

    def files(self, batch: str) -> list[str]:
        """Return the patient files of a batch that exist."""
        return [str(p) for p in self.plan[batch].inputs]


def check_sheet_named(config: Mapping[str, Any]) -> None:
    """Check that a configuration names a sample sheet that exists.

    Raises
    ------
    ConfigError
        If it names none, as where there is no configuration at all, or one that is missing.
    """
    named = config.get("samples")
    if not named:
        raise ConfigError.one(
            "sheet-named",
            file="config/config.yaml",
            column="samples",
            found="no sample sheet",
            expected="the path of a sample sheet",
            fix="Run 'epilepsy-pgx init .' for a configuration and a sheet to fill in, start "
            "snakemake in the folder that has them (or name it with --directory), or give "
            "--config samples=SHEET.",
        )
    if isinstance(named, str) and not Path(named).exists():
        raise ConfigError.one(
            "sheet-readable",
            file=named,
            found="no such file",
            expected=f"the sample sheet, seen from {Path.cwd()}",
            fix="Name your sheet as 'samples' in config/config.yaml, or with --config "
            "samples=SHEET; 'epilepsy-pgx init FOLDER' writes one to fill in.",
        )


def _tables_folder(config: Mapping[str, Any], beside: Path | None) -> str:
    """Return the folder of the curated tables, as short as the working folder allows."""
    if config["reference_dir"]:
        return str(config["reference_dir"])
    here = beside is not None and (beside / "datapackage.json").is_file()
    found = beside if here and beside is not None else default_reference_dir()
    work = Path.cwd()
    return str(found.relative_to(work) if found.is_relative_to(work) else found)


def load_run(config: Mapping[str, Any], beside: Path | None = None) -> WorkflowRun:
    """Read the sample sheet of a configuration and plan its batches.

    Parameters
    ----------
    beside
        Folder of the tables that lie beside the workflow, if there is one: they are taken where
        the configuration names none, and else those of the package.

    Raises
    ------
    InputError, TableError, ConfigError
        With every problem of the sheet if one is of its form or no row can be used, if the data
        package is incomplete, or if a threshold is out of range.
    """
    config = {**config, "reference_dir": _tables_folder(config, beside)}
    overlay = config.get("reference_overlay")
    ref = open_checked(Path(config["reference_dir"]), Path(overlay) if overlay else None)
    word = config["genome_build"]
    build = GenomeBuild(word) if word else None
    read = read_sheet(Path(config["samples"]), ref, build)
    check_shared_files(read.rows)
    limits = config["thresholds"]
    # Out of range is an error here, before the first job.
    Thresholds(
        limits["genotype_quality"],
        limits["depth"],
        limits["allele_balance"],
        frequency_fields=tuple(config.get("frequency_fields", ())),
        gencall_score=limits.get("gencall_score", 0.15),
    )
    if config["reference_fasta"]:
        from epilepsy_pgx.pipeline.targets import TargetCache

        TargetCache(ref, Path(config["reference_fasta"])).check(row.build for row in read.rows)
    copies = _copies(config)
    day = config["report_date"] or date.today().isoformat()
    check_builds([open_clinvar(Path(c), day) for c in copies], [row.build for row in read.rows])
    batches = plan_batches(read.rows, config["batch_size"], read.faulty)
    logo = config["laboratory"]["logo"]
    return WorkflowRun(
        sheet=config["samples"],
        reference_dir=config["reference_dir"],
        tables=tuple(str(p) for p in ref.files),
        plan={b.name: b for b in batches},
        **_options(config),
        letterhead=(logo,) if logo else (),
        clinvar=copies,
        problems=tuple(str(p) for faulty in read.faulty for p in faulty.problems),
    )


def _options(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of each command that the rules start, as text for a shell."""
    common = ["--reference", config["reference_dir"]]
    if config.get("reference_overlay"):
        common += ["--overlay", config["reference_overlay"]]
    sheet = [*common, "--batch-size", str(config["batch_size"])]
    if config["genome_build"]:
        sheet += ["--build", config["genome_build"]]
    bases = ["--reference-fasta", config["reference_fasta"]] if config["reference_fasta"] else []
    read = [*sheet, *bases, *_threshold_options(config)]
    language = ["--language", config["language"]]
    day = ["--date", config["report_date"]] if config["report_date"] else []
    clinvar = [word for path in _copies(config) for word in ("--clinvar", path)]
    reports = ["--reports", config["reports"]]
    linked = reports if PAGE in config["report_formats"] else ["--reports", "none"]
    formats = ["--formats", ",".join(config["report_formats"])]
    return {
        "extract_options": shlex.join(read),
        "identify_options": shlex.join(sheet),
        "predict_options": shlex.join([*read, *language, *day, *clinvar]),
        "report_options": shlex.join([*common, *formats, *reports, *_letterhead_options(config)]),
        "cohort_options": shlex.join([*sheet, *language, *linked]),
    }


def _copies(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the copies of ClinVar that a configuration names: none, one or a list."""
    given = config.get("clinvar") or ()
    return (given,) if isinstance(given, str) else tuple(given)


def _threshold_options(config: Mapping[str, Any]) -> list[str]:
    limits = config["thresholds"]
    return [
        "--min-quality",
        str(limits["genotype_quality"]),
        "--min-depth",
        str(limits["depth"]),
        "--min-balance",
        str(limits["allele_balance"]),
        "--min-gencall",
        str(limits.get("gencall_score", 0.15)),
        "--class-field",
        config["class_field"],
        *(w for name in config.get("frequency_fields", ()) for w in ("--frequency-field", name)),
    ]


def _letterhead_options(config: Mapping[str, Any]) -> list[str]:
    """Return the options of paper and laboratory."""
    options = ["--paper", config["paper"]]
    laboratory = config["laboratory"]
    for option, key in (
        ("--laboratory", "name"),
        ("--accreditation", "accreditation"),
        ("--logo", "logo"),
    ):
        if laboratory[key]:
            options += [option, laboratory[key]]
    for line in laboratory["address"]:
        options += ["--address", line]
    return options


def say_at_exit(status: Path) -> None:
    """Have this process end with the lines on failed patients, whatever else it prints before.

    Snakemake closes a run that failed with lines on its own jobs; what a user has to mend would
    stand above them. Nothing is said where the run ended before its last rule.

    Parameters
    ----------
    status
        File that the last rule writes if no patient failed; its log lies in the folder beside.
    """
    status = status.absolute()
    log = status.parents[1] / "logs" / "finish.log"
    begun = time.time()

    def say() -> None:
        if log.is_file() and log.stat().st_mtime >= begun - 1 and not status.exists():
            sys.stderr.write(log.read_text(encoding="utf-8"))

    if status not in _watched:
        _watched.add(status)
        atexit.register(say)


_watched: set[Path] = set()
