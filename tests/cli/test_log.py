"""What the commands log: counts of the stages, never who or what."""

import csv
import logging
import os
import re
from unittest.mock import patch

import pytest

from epilepsy_pgx.files import LOCK
from epilepsy_pgx.intake.sheet import CLINICAL_COLUMNS, IDENTITY_COLUMNS
from epilepsy_pgx.pipeline.earlier import STATE
from epilepsy_pgx.progress import count, detail, stage
from tests import command
from tests.command import run_process, table
from tests.sharing import made_once

LINE = re.compile(r"[a-z]+(?: group)?:(?: in| out)?(?: [a-z_]+=\d+)*(?: seconds=\d+\.\d)?")
BUILD = ("--build", "GRCh38")


def run(*words, variable=None, start=command.run):
    with patch.dict(os.environ):
        os.environ.pop("EPILEPSY_PGX_VERBOSE", None)
        if variable is not None:
            os.environ["EPILEPSY_PGX_VERBOSE"] = variable
        done = start(*words)
    assert "Traceback" not in done.stderr
    return done


def logged(done):
    return [line for line in done.stderr.splitlines() if LINE.fullmatch(line)]


@pytest.fixture(scope="module")
def runs(root):
    """Every stage over the example patients with -vv, some without, and the tables they wrote."""
    return made_once("log", lambda folder: run_all(root, folder))


def run_all(root, folder):
    sheet = root / "examples/samples.tsv"
    batch = ("--samples", sheet, "--batch", "batch00001")
    found = {}
    for loud in ((), ("-vv",)):
        out = folder / ("loud" if loud else "quiet")
        out.mkdir()
        words = {
            "extract": (*batch, "--out", out / "x/batch00001"),
            "identify": ("--samples", sheet, "--extracted", out / "x", "--out", out / "i.tsv"),
            "predict": (
                *batch,
                "--extracted",
                out / "x/batch00001",
                "--out",
                out / "p/batch00001.jsonl.gz",
                "--problems",
                out / "p/batch00001.problems.tsv",
                "--date",
                "2026-11-22",
            ),
            "report": (
                out / "p/batch00001.jsonl.gz",
                "--identity",
                out / "i.tsv",
                "--out",
                out / "reports",
                "--formats",
                "json,tsv",
            ),
            "cohort": (
                "--predicted",
                out / "p",
                "--samples",
                sheet,
                "--out",
                out / "cohort",
                "--reports-folder",
                out / "reports",
            ),
            "run": (
                root / "examples/vcf/EX01.vcf.gz",
                root / "examples/vcf/EX02.vcf.gz",
                *BUILD,
                "--samples",
                sheet,
                "--out",
                out / "run",
                "--formats",
                "json",
                "--date",
                "2026-11-22",
            ),
            "call": (root / "examples/vcf/clinic.GRCh38.vcf.gz", *BUILD, "--out", out / "g.tsv"),
            "annotate": (root / "examples/vcf/EX01.vcf.gz", *BUILD, "--out", out / "v.tsv"),
        }
        chosen = words if loud else ("run", "annotate")
        found[bool(loud)] = {name: run(name, *words[name], *loud) for name in chosen}, out
    return found


def test_the_log_has_counts_of_each_stage(runs):
    for name, done in runs[True][0].items():
        assert logged(done), name
    assert "extract: in groups=6 patients=11" in logged(runs[True][0]["extract"])
    assert any(
        re.fullmatch(r"predict: out done=11 failed=0 seconds=\d+\.\d", line)
        for line in logged(runs[True][0]["predict"])
    )
    names = {line.split(":")[0] for done in runs[True][0].values() for line in logged(done)}
    assert names == {
        "sheet",
        "inspect",
        "extract",
        "extract group",
        "identify",
        "predict",
        "predict group",
        "report",
        "cohort",
        "tables",
    }


def test_logging_changes_neither_results_nor_other_lines(runs):
    (quiet, one), (loud, two) = runs[False], runs[True]
    for name, done in quiet.items():
        assert not logged(done), name
        assert done.returncode == loud[name].returncode, name
        rest = [line for line in loud[name].stderr.splitlines() if not LINE.fullmatch(line)]
        assert [x.replace(str(one), "") for x in done.stderr.splitlines()] == [
            x.replace(str(two), "") for x in rest
        ], name
        assert done.stdout.replace(str(one), "") == loud[name].stdout.replace(str(two), "")
    files = sorted(p.relative_to(one) for p in one.rglob("*.*") if p.is_file())
    assert len(files) > 10
    for file in files:
        if file.name not in (LOCK, STATE):
            assert (one / file).read_bytes() == (two / file).read_bytes(), file


def secrets(root, out):
    """Who the patients are, what is said of them, and what was found."""
    with (root / "examples/samples.tsv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            for column in ("sample_id", "vcf_sample", *IDENTITY_COLUMNS, *CLINICAL_COLUMNS):
                yield row.get(column) or "."
    for row in table(out / "cohort/genes.tsv"):
        yield from (row["diplotype"], row["phenotype"])
    for row in table(out / "cohort/variants.tsv"):
        yield from (row["pos"], row["hgvs_c"], row["hgvs_p"], row["gene"])


def test_no_line_of_the_log_names_a_patient_a_genotype_or_a_variant(runs, root):
    commands, out = runs[True]
    told = {w for w in secrets(root, out) if len(w) > 3}
    assert {"EX01", "Ada Nonsense", "2021-06-01", "MRN-1001", "*1/*3", "valproate"} <= {
        part for w in told for part in (w, w.split("[")[0])
    }
    for name, done in commands.items():
        for line in logged(done):
            assert not [w for w in told if w in line], (name, line)


@pytest.mark.parametrize("write", [count, detail])
def test_a_text_cannot_be_logged_as_a_count(write, caplog):
    log = logging.getLogger("epilepsy_pgx.test")
    with caplog.at_level(logging.DEBUG, "epilepsy_pgx.test"):
        with pytest.raises(ValueError, match="format code 'd'"):
            write(log, "extract", patients="*1/*3")
        with pytest.raises(ValueError, match="format code 'd'"), stage(log, "extract") as made:
            made["patients"] = "*1/*3"
    assert [r.getMessage() for r in caplog.records] == ["extract: in"]


def annotate(root, tmp_path, *words, first=(), variable=None):
    return run(
        *first,
        "annotate",
        root / "examples/vcf/EX01.vcf.gz",
        *BUILD,
        "--out",
        tmp_path / "v.tsv",
        *words,
        variable=variable,
    )


@pytest.mark.parametrize(
    ("first", "last", "variable", "lines"),
    [
        ((), (), None, 0),
        ((), ("-v",), None, 2),
        (("-v",), (), None, 2),
        ((), (), "1", 2),
        ((), ("-q",), "2", 0),
        (("-q",), ("-vv",), None, 0),
    ],
)
def test_where_the_level_is_given(root, tmp_path, first, last, variable, lines):
    done = annotate(root, tmp_path, *last, first=first, variable=variable)
    assert done.returncode == 0
    assert len(logged(done)) == lines
    assert ("not read for want of" in done.stderr) == ("-q" not in (*first, *last))
    # What is read, and what an option would add, as every run says it.
    assert ("genes read for rare variants" in done.stderr) == ("-q" not in (*first, *last))
    assert done.stdout == ""


def test_errors_are_printed_also_when_quiet(root, tmp_path):
    none = tmp_path / "none.vcf"
    for words in ((), (root / "examples/vcf/EX01.vcf.gz",)):
        out = ("--out", tmp_path / "o", "--formats", "json")
        done = run(
            "run", none, *words, *BUILD, *out, "-q", start=command.run if words else run_process
        )
        assert done.returncode == (3 if words else 2)
        assert f"{none}: found no file at this path" in done.stderr
        assert done.stdout == (f"1 report in {tmp_path / 'o/reports'}\n" if words else "")
