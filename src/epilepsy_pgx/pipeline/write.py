"""Write what the commands produce: reports, tables, problems."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.cohort.summary import CohortTables
from epilepsy_pgx.errors import InputError, PgxError, Problem
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.extract import Extraction, extract_group, load_targets
from epilepsy_pgx.pipeline.run import (
    PROBLEM_COLUMNS,
    Failure,
    problem_lines,
    read_results,
    write_text,
)
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.write import write_reports
from epilepsy_pgx.variants.decode import Thresholds
from epilepsy_pgx.vocabulary import GenomeBuild

Listing = tuple[Path, tuple[str, ...], Callable[[Extraction], Iterator[tuple[str, ...]]]]


def write_listing(
    vcfs: Sequence[Path],
    build: str,
    covers: str | None,
    fasta: Path | None,
    ref: Reference,
    thresholds: Thresholds,
    listings: Sequence[Listing],
    report: Callable[[Iterable[Problem]], None],
) -> int:
    """Write plain tables over some files; return the exit code.

    A file that cannot be read is reported and the others go on. A sample that two files hold
    is read in the first alone.
    """
    targets = load_targets(ref, GenomeBuild(build), fasta)
    handles = []
    for path, columns, _ in listings:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.with_name(f".{path.name}").open("w", encoding="utf-8")
        handle.write("\t".join(columns) + "\n")
        handles.append(handle)
    seen: set[str] = set()
    done = failed = 0
    for vcf in vcfs:
        try:
            extraction = extract_group([vcf], None, covers, targets, ref, thresholds)
            _check_new(vcf, extraction.store.samples, seen)
        except PgxError as error:
            report(error.problems)
            failed += 1
            continue
        done += 1
        for handle, (_, _, rows) in zip(handles, listings, strict=True):
            handle.writelines("\t".join(row) + "\n" for row in rows(extraction))
    for handle, (path, _, _) in zip(handles, listings, strict=True):
        handle.close()
        temporary = path.with_name(f".{path.name}")
        if done:
            temporary.replace(path)
        else:
            temporary.unlink()
    return 0 if not failed else 3 if done else 2


def _check_new(vcf: Path, samples: Sequence[str], seen: set[str]) -> None:
    twice = [s for s in samples if s in seen]
    if twice:
        raise InputError.one(
            "sample-once", file=str(vcf), found=f"{len(twice)} sample(s) of an earlier file",
            expected="each sample in one file",
            fix="Join region files of one sample with 'bcftools concat', or use a sample sheet.",
        )
    seen.update(samples)


def write_run(
    results: Iterable[PatientReport | Failure],
    out: Path,
    formats: Sequence[str],
    ref: Reference,
    language: str,
) -> tuple[int, list[Failure]]:
    """Write reports and tables while patients come in; return how many, and who failed."""
    failures: list[Failure] = []
    tables = CohortTables(out / "cohort", ref, language)

    def reports() -> Iterator[PatientReport]:
        for result in results:
            if isinstance(result, Failure):
                failures.append(result)
            else:
                tables.add(result)
                yield result

    done = sum(1 for _ in write_reports(reports(), out / "reports", ref, formats))
    tables.close()
    lines = ["\t".join(PROBLEM_COLUMNS) + "\n"]
    for failure in failures:
        lines += problem_lines(failure)
    write_text(out / "cohort" / "problems.tsv", "".join(lines))
    return done, failures


def write_report_files(
    reports: Iterable[PatientReport],
    out: Path,
    formats: Sequence[str],
    ref: Reference,
    manifest: Path | None,
) -> int:
    """Render reports; list the files written."""
    lines = ["sample_id\tfile\n"]
    count = 0
    for sample_id, files in write_reports(reports, out, ref, formats):
        count += 1
        lines += [f"{sample_id}\t{path.relative_to(out).as_posix()}\n" for path in files]
    if manifest is not None:
        write_text(manifest, "".join(lines))
    return count


def write_cohort(predicted: Path, out: Path, ref: Reference, language: str) -> None:
    """Join the results of all batches into tables.

    Raises
    ------
    InputError
        If a sample stands in two batches.
    """
    tables = CohortTables(out, ref, language)
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
