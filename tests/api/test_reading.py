"""The functions read what the commands read, and never leave anything out in silence."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from click.testing import CliRunner

import epilepsy_pgx as pgx
from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError, PgxError
from epilepsy_pgx.tsv import read_table


def rows(frame):
    filled = frame.astype("string").fillna(".")
    return filled.to_dict("records")


def written(tmp_path, words):
    done = CliRunner().invoke(commands, [*map(str, words), "--out", str(tmp_path / "table.tsv")])
    assert done.exit_code == 0, done.output
    return list(read_table(tmp_path / "table.tsv"))


def words(command, given):
    return (
        command,
        *("--vcf", given["vcf"], "--build", given["build"]),
        *("--callable", given["callable_regions"]),
    )


def test_call_gives_the_table_of_the_command(calls, given, tmp_path):
    assert rows(calls.to_frame()) == written(tmp_path, words("call", given))


def test_annotate_gives_the_table_of_the_command(annotations, given, tmp_path):
    assert rows(annotations.to_frame()) == written(tmp_path, words("annotate", given))


def test_report_gives_the_tables_of_the_command(reports, given, tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(
        commands, [*map(str, words("run", given)), "--formats", "json", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    for table in ("cohort", "genes", "variants", "drugs", "quality"):
        ours, theirs = rows(reports.to_frame(table)), list(read_table(out / f"cohort/{table}.tsv"))
        for row in (*ours, *theirs):
            row.pop("report", None)  # the folder of a report that is not written
        assert ours == theirs, table


def test_a_position_that_is_not_covered_is_not_normal(reports, given):
    def complete(found):
        return {g.gene for g in found["EX01"].coverage if g.status == "complete"}

    silent = pgx.report(given["vcf"], build="GRCh38")
    assert complete(reports) - complete(silent)


@pytest.mark.parametrize("function", [pgx.call, pgx.annotate, pgx.report])
def test_nothing_read_is_an_error_with_every_problem(function, tmp_path):
    with pytest.raises(PgxError) as caught:
        function([tmp_path / "a.vcf", tmp_path / "b.vcf"], build="GRCh38")
    assert {Path(p.file).name for p in caught.value.problems} == {"a.vcf", "b.vcf"}


@pytest.mark.parametrize("function", [pgx.call, pgx.annotate, pgx.report])
def test_a_file_that_fails_beside_another_is_told(function, given, tmp_path):
    with pytest.warns(UserWarning, match="left out"):
        found = function(
            [given["vcf"], tmp_path / "gone.vcf"],
            build="GRCh38",
            callable_regions=given["callable_regions"],
        )
    assert list(found) == ["EX01"]
    told = found.failures if isinstance(found, pgx.Reports) else found.problems
    assert len(told) == 1


@pytest.mark.parametrize("function", [pgx.call, pgx.annotate, pgx.report])
@pytest.mark.parametrize(
    ("vcf", "build", "check"), [([], "GRCh38", "vcf"), ("x.vcf", "hg38", "build")]
)
def test_what_cannot_be_asked_is_one_line(function, vcf, build, check):
    with pytest.raises(ConfigError) as caught:
        function(vcf, build=build)
    assert [p.check for p in caught.value.problems] == [check]
    assert str(caught.value).count("\n") == 0


def test_a_wrong_build_is_refused(given):
    with pytest.raises(PgxError, match="GRCh38"):
        pgx.call(given["vcf"], build="GRCh37")


def test_what_is_returned_cannot_be_changed(calls, annotations, reports):
    for found in (calls, annotations, reports):
        for name in ("by_sample", "by_patient"):
            if hasattr(found, name):
                with pytest.raises(FrozenInstanceError):
                    setattr(found, name, {})
                with pytest.raises(TypeError):
                    getattr(found, name)["EX01"] = ()


@pytest.mark.parametrize("before", ["", "import epilepsy_pgx.report.write"])
def test_report_is_a_function_and_a_package_in_either_order(before):
    """A part of the package has the function's name; loading it must not hide the function."""
    program = (
        f"import epilepsy_pgx as pgx, sys\n{before}\n"
        "assert callable(pgx.report)\n"
        "try:\n    pgx.report([], build='GRCh38')\n"
        "except Exception as error:\n    assert type(error).__name__ == 'ConfigError', error\n"
        "else:\n    sys.exit('no error')\n"
        "from epilepsy_pgx.report.write import PAGE\n"
        "assert callable(pgx.report) and 'pandas' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_names_are_found_by_a_reader():
    assert set(pgx.__all__) <= set(dir(pgx))
    with pytest.raises(AttributeError, match="nothing"):
        _ = pgx.nothing


def test_types_are_shipped():
    assert (Path(pgx.__file__).parent / "py.typed").is_file()
