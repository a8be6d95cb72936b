"""The first hours of four kinds of user, replayed from an empty folder and an empty environment."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.first_hours.pages import ROOT, TUTORIALS, Block, blocks

MARK = "@@@ block"
REPLAYED = [*TUTORIALS, ROOT / "docs/how-to/install.md"]


def script(parts: list[Block]) -> str:
    """Return the blocks as one script that says where each begins."""
    return "set -euo pipefail\nexec 2>&1\n" + "".join(
        f"echo '{MARK} {number}'\n{part.script}" for number, part in enumerate(parts)
    )


def replay(parts: list[Block], folder: Path, checkout: Path) -> str:
    """Run the blocks of a page with nothing but a system's programs, and return what came out."""
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "LANG", "LC_"))}
    done = subprocess.run(
        ["bash", "-c", script(parts)],
        cwd=folder,
        env=kept
        | {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "CHECKOUT": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_there_is_a_tutorial_for_each_of_four_users() -> None:
    assert [p.stem for p in TUTORIALS] == ["ci", "cluster", "curator", "laboratory"]


@pytest.mark.parametrize("page", REPLAYED, ids=lambda p: p.stem)
def test_a_page_begins_with_an_empty_environment(page: Path) -> None:
    first, *_ = (b.script for b in blocks(page) if b.script.strip())
    assert first.startswith("python3 -m venv env\n")
    assert '"$CHECKOUT/constraints.txt"' in first


@pytest.mark.slow
@pytest.mark.parametrize("page", REPLAYED, ids=lambda p: p.stem)
def test_the_commands_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    checkout, folder = tmp_path / "checkout", tmp_path / "empty"
    folder.mkdir()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
    parts = blocks(page)
    printed = replay(parts, folder, checkout)
    for number, part in enumerate(parts):
        said = printed.partition(f"{MARK} {number}\n")[2].partition(MARK)[0]
        for line in part.expected:
            assert line in said, f"{page.name}: {part.script}"
