"""Time zone and locale change no byte of a run; each run of the tests draws a seed of hashes."""

import hashlib
import locale
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import few_records, run

ZONES = ("America/St_Johns", "Pacific/Kiritimati")


@pytest.fixture(autouse=True)
def _put_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    old = locale.setlocale(locale.LC_ALL)
    yield
    monkeypatch.undo()
    time.tzset()
    locale.setlocale(locale.LC_ALL, old)


def locales() -> list[str]:
    """Return locales of this machine that write numbers or letters otherwise, and the plain one."""
    found = ["C"]
    for name in ("tr_TR.UTF-8", "es_ES.UTF-8", "de_DE.UTF-8", "C.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        found.append(name)
    return found


def test_no_byte_depends_on_zone_or_locale(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vcf = few_records(root / "examples/vcf/EX01.vcf.gz", tmp_path / "few.vcf")
    names = locales()
    found = set()
    for number, zone in enumerate(ZONES):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        locale.setlocale(locale.LC_ALL, names[number % len(names)])
        out = tmp_path / f"out{number}"
        words = ("run", vcf, "--build", "GRCh38", "--out", out, "--date", "2026-11-22")
        done = run(*words, "--formats", "html,json,tsv", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        whole = hashlib.sha256()
        for path in sorted((out / "reports").rglob("*.*")):
            whole.update(path.name.encode() + path.read_bytes())
        found.add(whole.hexdigest())
    assert len(found) == 1


def test_seeds_of_hashes_are_drawn_so_that_goldens_prove_them() -> None:
    """A run of the tests with a fixed seed would prove nothing of the others."""
    assert sys.flags.hash_randomization == 1
