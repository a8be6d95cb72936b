"""The artefact between the stages predict and report: a line of JSON for each patient."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.files import open_output, write_text
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.pipeline.failures import PROBLEM_COLUMNS, Failure, Result, problem_lines
from epilepsy_pgx.report.authorise import LARGEST
from epilepsy_pgx.report.parts import JsonParts, PartsReader, SharedParts
from epilepsy_pgx.report.serialise import OtherFormError
from epilepsy_pgx.tsv import line


def write_results(results: Iterable[Result], path: Path, problems: Path) -> tuple[int, int]:
    """Write reports as JSON lines and failures as a table; return how many of each."""
    done = failed = 0
    lines = [line(PROBLEM_COLUMNS)]
    shared, parts = SharedParts(), JsonParts(None)
    with (
        open_output(path) as raw,
        gzip.GzipFile("", "wb", compresslevel=4, fileobj=raw, mtime=0) as packed,
    ):
        for result in results:
            if isinstance(result, Failure):
                failed += 1
                lines += problem_lines(result)
            else:
                done += 1
                packed.write(parts.render(shared.report(result), compact=True))
    write_text(problems, "".join(lines))
    return done, failed


def read_results(path: Path) -> Iterator[PatientReport]:
    """Read reports back from JSON lines.

    Raises
    ------
    InputError
        If a line is no report of this version, or the file is no whole gzip.
    """
    number, reader = 0, PartsReader()
    with gzip.open(path, "rb") as handle:
        while True:
            number += 1
            try:
                line = handle.readline(LARGEST + 1)
                if not line:
                    return
                if len(line) > LARGEST:
                    raise ValueError("a line without end")
                report = reader.read(line)
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
