"""A run that is ended leaves no genotype behind, and one out of room tears nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from epilepsy_pgx.files import LOCK

PGX = [sys.executable, "-m", "epilepsy_pgx.cli"]


def start(folder: Path, vcf: Path) -> "subprocess.Popen[bytes]":
    scratch = folder / "scratch"
    scratch.mkdir()
    words = [*PGX, "run", str(vcf), "--build", "GRCh38", "--out", str(folder / "o")]
    return subprocess.Popen(
        words,
        env={**os.environ, "TMPDIR": str(scratch)},
        # A shell's `nohup` is inherited, and would be kept.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_genotype(tmp_path: Path, root: Path, number: signal.Signals) -> None:
    run = start(tmp_path, root / "examples/vcf/EX01.vcf.gz")
    scratch = tmp_path / "scratch"
    end = time.monotonic() + 60
    # As soon as genotypes lie there.
    while not list(scratch.rglob("*.vcf")) + list(scratch.rglob("*.bcf")):
        assert run.poll() is None
        assert time.monotonic() < end
        time.sleep(0.001)
    run.send_signal(number)
    assert run.wait(60) == 128 + number
    assert list(scratch.iterdir()) == []
    assert not list((tmp_path / "o").rglob("*.html"))


FULL = """
mount -t tmpfs -o size={size}k none {out} || exit 99
{run} > {log} 2>&1
code=$?
cp -r {out} {kept}
mount -o remount,size=100m {out} || exit 99
{run} > {log}.again 2>&1 && cp -r {out} {whole}
exit $code
"""
"""A run into a small file system of its own, and the same once it has room."""


def in_little_room(folder: Path, vcfs: list[Path], size: int) -> int:
    """Run into so many kilobytes; leave what was written as `kept`, and with room as `whole`."""
    out = folder / "out"
    out.mkdir(parents=True)
    run = [*PGX, "run", *map(str, vcfs), "--build", "GRCh38", "--out", str(out), "--date"]
    text = FULL.format(
        size=size,
        out=out,
        run=" ".join([*run, "2026-11-22"]),
        log=folder / "log",
        kept=folder / "kept",
        whole=folder / "whole",
    )
    words = ["unshare", "-rm", "sh", "-c", text]
    return subprocess.run(words, check=False, capture_output=True).returncode


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != LOCK
    }


@pytest.mark.slow
def test_a_full_disk_tears_nothing_and_keeps_who_was_finished(tmp_path: Path, root: Path) -> None:
    vcfs = [root / f"examples/vcf/EX0{n}.vcf.gz" for n in (1, 2)]
    if in_little_room(tmp_path / "room", vcfs, 50_000) == 1:
        pytest.skip("not in CI: this system lets nobody mount a file system of their own")
    whole = files_of(tmp_path / "room/whole")
    total = sum(len(data) for data in whole.values()) // 1024
    finished = set()
    for part in (0.05, 0.5, 0.85):
        folder = tmp_path / str(part)
        assert in_little_room(folder, vcfs, max(4, int(part * total))) == 2
        (line,) = (folder / "log").read_text().splitlines()[-1:]
        assert "[place-full]" in line
        left = files_of(folder / "kept")
        reports = {name: data for name, data in left.items() if name.startswith("reports/")}
        assert reports == {name: whole[name] for name in reports}
        finished.add(len({name.split("/")[1] for name in reports}))
        # A run with room goes on to the same bytes, and puts aside what was left alone.
        again = files_of(folder / "whole")
        assert {n: d for n, d in again.items() if not n.startswith("superseded/")} == whole
    assert max(finished) > min(finished)
