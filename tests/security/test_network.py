"""No part of a run needs, or asks for, a network: proved where there is none."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.syntax import nodes
from tests.test_layers import MODULES

NETWORK = ("http", "requests", "socket", "ssl", "urllib.request", "urllib3", "ftplib", "smtplib")
ALLOWED = {"files.py", "intake/remote.py", "ledger/send.py", "reference/web.py"}
"""A lock names the host it was made on; files at URLs are read where the sheet names them; a
released report is sent where its command is told to; curators ask other services. No run of files
imports the last three."""
ALONE = ("unshare", "--net", "--map-root-user")


def test_few_modules_speak_to_the_network() -> None:
    found = {
        path.as_posix().partition("epilepsy_pgx/")[2]
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        )
        if name in NETWORK or str(name).split(".")[0] in NETWORK
    }
    assert found == ALLOWED


def test_a_run_does_not_import_what_speaks_to_the_network() -> None:
    code = (
        "import sys, epilepsy_pgx.pipeline.run_files, epilepsy_pgx.report.write\n"
        "own = ('intake.remote', 'reference.web', 'ledger.send')\n"
        "asked = [f'epilepsy_pgx.{name}' for name in own] + ['urllib.request']\n"
        "print([m for m in asked if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stderr


def alone() -> bool:
    """Say whether this machine lets a process have a network of its own."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*ALONE, "true"], capture_output=True, timeout=20, check=False)
    return tried.returncode == 0


@pytest.mark.slow
def test_a_run_without_any_network_writes_its_reports(root: Path, tmp_path: Path) -> None:
    if not alone():
        pytest.skip("no network namespace: unshare is absent or not allowed")
    probe = "import socket; socket.create_connection(('192.0.2.1', 80), 3)"
    closed = subprocess.run(
        [*ALONE, sys.executable, "-c", probe], capture_output=True, timeout=60, check=False
    )
    assert closed.returncode != 0
    assert b"unreachable" in closed.stderr
    words = ["run", str(root / "examples/vcf/EX01.vcf.gz"), "--build", "GRCh38", "--out", "out"]
    done = subprocess.run(
        [*ALONE, sys.executable, "-m", "epilepsy_pgx.cli", *words, "--formats", "html,json,tsv"],
        cwd=tmp_path,
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(list((tmp_path / "out").rglob("EX01.html"))) == 1
