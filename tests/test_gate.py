"""What the project asks of a run of its tests: no silent skips, a receipt that can be believed."""

import os
import subprocess
import sys

import pytest

from tests import receipt, skips


@pytest.mark.parametrize(
    ("reason", "required", "wrong"),
    [
        ("Skipped: no chromium", "1", True),
        ("no chromium", "1", True),
        ("Skipped: no chromium", None, False),
        ("Skipped: no chromium", "", False),
        ("Skipped: no real data: set a variable", "1", False),
        ("not in CI: a large program", "1", False),
    ],
)
def test_a_skip_for_want_of_a_program(reason, required, wrong):
    assert (skips.fault(reason, required) is not None) == wrong


def test_such_a_skip_fails_in_pytest(root, tmp_path):
    (tmp_path / "conftest.py").write_text("from tests.skips import *\n")
    (tmp_path / "test_one.py").write_text(
        "import pytest\n\ndef test_a():\n    pytest.skip('no chromium')\n\n"
        "def test_b():\n    pytest.skip('no real data: none')\n"
    )
    (tmp_path / "test_two.py").write_text(
        "import pytest\n\npytest.importorskip('no_such_module')\n"
    )
    for value, faults in (("", 0), ("1", 2)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--continue-on-collection-errors", tmp_path],
            env={**os.environ, skips.VARIABLE: value, "PYTHONPATH": str(root)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) == (faults == 0), done.stdout
        assert done.stdout.count(f"{skips.VARIABLE} is set") >= faults, done.stdout
        assert f"{3 - faults} skipped" in done.stdout


@pytest.fixture
def checkout(tmp_path):
    """A repository with a receipts file, all of it committed."""
    (tmp_path / "receipts.tsv").write_text("\t".join(receipt.COLUMNS) + "\n")
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "Begin"),
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_run_on_a_commit_leaves_one_line(checkout):
    file = checkout / "receipts.tsv"
    made = receipt.Receipt(file)
    assert made.write({"passed": [1, 2], "error": [1], "failed": [1], "": [1]}).startswith("rec")
    head, row = file.read_text().splitlines()
    found = dict(zip(head.split("\t"), row.split("\t"), strict=True))
    assert (found["passed"], found["skipped"], found["failed"]) == ("2", "0", "2")
    assert found["commit"] == receipt.state(checkout)[0]


@pytest.mark.parametrize("when", ["before", "during"])
def test_a_run_on_changed_files_leaves_none(checkout, when):
    file = checkout / "receipts.tsv"
    if when == "before":
        (checkout / "new.py").write_text("")
    made = receipt.Receipt(file)
    (checkout / "new.py").write_text("")
    assert made.write({"passed": [1]}).startswith("no receipt")
    assert len(file.read_text().splitlines()) == 1


def test_the_receipts_have_their_columns(root):
    lines = (root / "docs/receipts.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "\t".join(receipt.COLUMNS)
    assert {len(x.split("\t")) for x in lines} == {len(receipt.COLUMNS)}
