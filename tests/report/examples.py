"""The example patients, taken through the whole pipeline once per run of the tests."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.write import render_report
from tests.sharing import made_once

FOLDER = Path(__file__).parents[2] / "examples"
RUNS = (
    ("EX01.vcf.gz", "GRCh38", "panel.bed"),
    ("EX02.vcf.gz", "GRCh38", "panel.bed"),
    ("clinic.GRCh38.vcf.gz", "GRCh38", None),
    ("EX07.g.vcf.gz", "GRCh38", None),
    ("EX08.vcf", "GRCh38", None),
    ("EX09.GRCh37.vcf.gz", "GRCh37", None),
)
NAMES = tuple(f"EX{n:02d}" for n in range(1, 12))


def steady(report: PatientReport) -> PatientReport:
    """Blank what changes with every edit of any table: digests, and ids made from them."""
    provenance = replace(
        report.provenance,
        software_version="0",
        reference_version="0",
        reference_digest="sha256:0",
        inputs=tuple(replace(i, digest="sha256:0", size=0) for i in report.provenance.inputs),
    )
    return replace(report, report_id="R-EXAMPLE", provenance=provenance)


def examples_in(
    language: str, tables: Path | None = None, cohort: Path | None = None
) -> dict[str, PatientReport]:
    """Take the example patients through the pipeline; return their reports by sample id.

    Parameters
    ----------
    language
        Language of the reports.
    tables
        Folder of the curated tables; None for those of the checkout.
    cohort
        Where to keep the cohort page of the run with most patients, with its table of problems
        beside it; None for nowhere.
    """
    reports = {}
    with TemporaryDirectory() as folder:
        for number, (vcf, build, covers) in enumerate(RUNS):
            out = Path(folder) / str(number)
            arguments = [
                "run",
                "--vcf",
                str(FOLDER / "vcf" / vcf),
                "--build",
                build,
                "--samples",
                str(FOLDER / "samples.tsv"),
                "--date",
                "2026-11-22",
                "--formats",
                "json",
                "--language",
                language,
                "--out",
                str(out),
            ]
            if tables is not None:
                arguments += ["--reference", str(tables)]
            if covers:
                arguments += ["--callable", str(FOLDER / "vcf" / covers)]
            CliRunner().invoke(commands, arguments, catch_exceptions=False, standalone_mode=False)
            for path in out.glob("reports/*/*/*.json"):
                report = report_from_json(path.read_bytes())
                reports[report.patient.sample_id] = steady(report)
            if cohort is not None and vcf.startswith("clinic"):
                for source in (out / "cohort" / "index.html", out / "cohort" / "problems.tsv"):
                    cohort.with_name(source.name).write_bytes(source.read_bytes())
    return reports


@cache
def example_reports(language: str = "en") -> dict[str, PatientReport]:
    """Return the reports of all example patients by sample id; made once in a run of tests."""
    return made_once(f"examples-{language}", lambda folder: examples_in(language))


@cache
def drawn(report: PatientReport, form: str, language: str | None = None) -> bytes:
    """Return a report in a format and a language, drawn once in a process."""
    return render_report(report, form, load_reference(), language=language)
