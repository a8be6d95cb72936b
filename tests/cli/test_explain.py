"""`explain` and `reference diff --reports`: from a word to what a report would say."""

import shutil

import pytest

from tests.command import run


def test_a_drug_with_assumed_results():
    done = run("explain", "Epanutin", "--gene", "CYP2C9=*3/*3")
    assert done.returncode == 0
    assert done.stdout.startswith("phenytoin: adjust dose (tier act")
    assert "drug_rules: cyp2c9-phenytoin-pm-cpic" in done.stdout
    assert "PMID:32779747" in done.stdout


def test_the_context_counts():
    done = run("explain", "carbamazepine", "--context", "syndromes=dravet")
    assert "avoid as maintenance" in done.stdout.splitlines()[0]


def test_a_diplotype():
    done = run("explain", "CYP2C19", "*2/*17")
    assert done.returncode == 0
    assert "Intermediate Metabolizer" in done.stdout
    assert "phenotypes.tsv" in done.stdout


def test_a_row():
    done = run("explain", "cyp2c9-phenytoin-pm-cpic")
    assert done.returncode == 0
    assert "drug_rules" in done.stdout


def test_an_unknown_word_is_one_clear_line():
    done = run("explain", "nonsense")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_which_example_reports_an_edit_changes(root, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(root / "reference", old)
    shutil.copytree(root / "reference", new)
    rules = new / "drug_rules.tsv"
    lines = rules.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [x for x in lines if not x.startswith("cyp2c19-clobazam-pm")]
    assert len(kept) < len(lines)
    rules.write_text("".join(kept), encoding="utf-8")
    done = run("reference", "diff", old, new, "--reports")
    assert done.returncode == 0
    assert "EX04" in done.stdout
    assert "EX03" not in done.stdout.split("Example reports")[1]
