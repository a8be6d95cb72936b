"""A run that is killed at random moments goes on to the same bytes."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.test_workflow import results

ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
}
GIVEN = ("samples=s.tsv", "batch_size=1", "report_date=2026-11-22", "report_formats=[json]")
WORDS = [sys.executable, "-m", "epilepsy_pgx.cli", "workflow", "--cores", "2", "--config", *GIVEN]


def start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        WORDS,
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_kills_at_random_moments(tmp_path: Path, root: Path) -> None:
    draw = random.Random(18)
    lines = ["sample_id\tvcf\tbuild"]
    for name in ("EX01", "EX02"):
        lines.append(f"{name}\t{root}/examples/vcf/{name}.vcf.gz\tGRCh38")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
        (folder / "s.tsv").write_text("\n".join(lines) + "\n")
    run = start(whole)
    _, errors = run.communicate()
    assert run.returncode == 0, errors
    killed = 0
    for _ in range(5):
        run = start(cut)
        try:
            run.wait(timeout=draw.uniform(4, 14))
        except subprocess.TimeoutExpired:
            run.send_signal(draw.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
            killed += 1
        run.communicate()
    assert killed
    run = start(cut)
    _, errors = run.communicate()
    assert run.returncode == 0, errors
    assert results(cut) == results(whole)
    assert not list((cut / "results").rglob(".*.tmp*"))
