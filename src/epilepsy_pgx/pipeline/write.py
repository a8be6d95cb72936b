"""Write what the commands produce: reports, tables, problems."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.cohort.page import write_cohort_page
from epilepsy_pgx.cohort.summary import CohortTables, is_chosen
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.run import (
    PROBLEM_COLUMNS,
    Failure,
    problem_lines,
    read_results,
    write_text,
)
from epilepsy_pgx.quality.sites import SiteTally
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.write import write_reports


def write_run(
    results: Iterable[PatientReport | Failure],
    out: Path,
    formats: Sequence[str],
    ref: Reference,
    language: str,
    tally: SiteTally,
    chosen: str = "all",
    paper: str = "a4",
    letterhead: Letterhead | None = None,
) -> tuple[int, list[Failure]]:
    """Write reports and tables while patients come in; return how many, and who failed.

    Parameters
    ----------
    tally
        Counts of the positions, complete when the last patient has come.
    chosen
        Whose reports are written, one of `CHOICES`.
    """
    failures: list[Failure] = []
    linked = chosen if "html" in formats else "none"
    tables = CohortTables(out / "cohort", ref, language, linked)
    count = 0

    def reports() -> Iterator[PatientReport]:
        for result in results:
            if isinstance(result, Failure):
                failures.append(result)
            else:
                nonlocal count
                count += 1
                tables.add(result)
                if is_chosen(result, chosen):
                    yield result

    for _ in write_reports(reports(), out / "reports", ref, formats, paper, letterhead):
        pass
    tables.close()
    write_text(out / "cohort" / "sites.tsv", "".join(tally.lines()))
    lines = ["\t".join(PROBLEM_COLUMNS) + "\n"]
    for failure in failures:
        lines += problem_lines(failure)
    write_text(out / "cohort" / "problems.tsv", "".join(lines))
    if count:
        write_cohort_page(out / "cohort", ref, language)
    return count, failures


def write_report_files(
    reports: Iterable[PatientReport],
    out: Path,
    formats: Sequence[str],
    ref: Reference,
    manifest: Path | None,
    chosen: str = "all",
    paper: str = "a4",
    letterhead: Letterhead | None = None,
) -> int:
    """Render the reports that are chosen; list the files written."""
    lines = ["sample_id\tfile\n"]
    count = 0
    wanted = (r for r in reports if is_chosen(r, chosen))
    for sample_id, files in write_reports(wanted, out, ref, formats, paper, letterhead):
        count += 1
        lines += [f"{sample_id}\t{path.relative_to(out).as_posix()}\n" for path in files]
    if manifest is not None:
        write_text(manifest, "".join(lines))
    return count


def write_cohort(
    predicted: Path, out: Path, ref: Reference, language: str, chosen: str = "all"
) -> None:
    """Join the results of all batches into tables.

    Raises
    ------
    InputError
        If a sample stands in two batches.
    """
    tables = CohortTables(out, ref, language, chosen)
    seen: set[str] = set()
    for path in sorted(predicted.glob("*.jsonl.gz")):
        for report in read_results(path):
            sample = report.patient.sample_id
            if sample in seen:
                raise InputError.one(
                    "sample-once", file=str(path), found="a sample of an earlier batch",
                    expected="each sample once",
                    fix="Remove the results of an earlier run from the folder.",
                )
            seen.add(sample)
            tables.add(report)
    tables.close()
    lines = ["\t".join(PROBLEM_COLUMNS) + "\n"]
    for path in sorted(predicted.glob("*.problems.tsv")):
        lines += path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]
    write_text(out / "problems.tsv", "".join(lines))
    tally = SiteTally()
    for path in sorted(predicted.glob("*.sites.tsv")):
        tally.add_table(path)
    write_text(out / "sites.tsv", "".join(tally.lines()))
    write_cohort_page(out, ref, language)


def count_outcome(table: Path, problems: Path) -> tuple[str, int]:
    """Return a sentence on the run's outcome, and how many patients have no report."""

    def count(path: Path) -> set[str]:
        with path.open(encoding="utf-8", newline="") as handle:
            rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
            return {row["sample_id"] for row in rows}

    done, failed = count(table), count(problems)
    text = f"{len(done)} patients have a report\n"
    if failed:
        text += f"{len(failed)} patients have none: see {problems}\n"
    return text, len(failed)
