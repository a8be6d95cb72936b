"""Results that another version wrote, or that are damaged, are named and never half read."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import InputError
from epilepsy_pgx.pipeline.results import read_results
from epilepsy_pgx.report.serialise import report_to_json
from tests.report.examples import example_reports


def whole() -> str:
    return report_to_json(example_reports()["EX07"], compact=True)


def older() -> str:
    return json.dumps({**json.loads(whole()), "schema_version": "1.0"}) + "\n"


def edited() -> str:
    return whole().replace('"sample_id":"EX07"', '"sample_id":"EX08"')


DAMAGED = {
    "edited": lambda: gzip.compress((whole() + edited()).encode()),
    "older": lambda: gzip.compress((whole() + older()).encode()),
    "half a line": lambda: gzip.compress((whole() + whole()[:200]).encode()),
    "another thing": lambda: gzip.compress((whole() + "[]\n").encode()),
    "half a file": lambda: gzip.compress(whole().encode())[:-60],
    "no gzip": lambda: whole().encode(),
}


def test_whole_results_are_read(tmp_path: Path) -> None:
    path = tmp_path / "batch00001.jsonl.gz"
    path.write_bytes(gzip.compress((whole() * 2).encode()))
    assert list(read_results(path)) == [example_reports()["EX07"]] * 2


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_no_whole_result_is_a_clear_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "batch00001.jsonl.gz"
    path.write_bytes(DAMAGED[name]())
    with pytest.raises(InputError) as caught:
        list(read_results(path))
    problem = caught.value.problems[0]
    assert (problem.check, problem.file) == ("results-readable", str(path))
    assert example_reports()["EX07"].patient.sample_id not in str(problem)
    result = CliRunner().invoke(
        commands,
        [
            "report",
            "--formats",
            "json",
            "--out",
            str(tmp_path / "out"),
            "--superseded",
            str(tmp_path / "old"),
            "--manifest",
            str(tmp_path / "m.tsv"),
            str(path),
        ],
    )
    assert isinstance(result.exception, (InputError, SystemExit))
