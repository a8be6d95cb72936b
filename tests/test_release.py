"""The release script: what it refuses, what it builds, and that it tags only when it is told to."""

import doctest
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import epilepsy_pgx

ROOT = Path(__file__).resolve().parents[1]
VERSION = epilepsy_pgx.__version__
NEEDED = ("CHANGELOG.md", "CITATION.cff", "workflow/conda/recipe.yaml")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release_script", ROOT / "release/release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of the files that state a version."""
    top = tmp_path / "checkout"
    for name in (*NEEDED, "src/epilepsy_pgx/__init__.py"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, top / name)
    git(tmp_path, "init", "-q", str(top))
    git(top, "add", "-A")
    git(top, "commit", "-qm", "First")
    return top


def test_the_examples(script: ModuleType) -> None:
    assert doctest.testmod(script) == (0, 1)


def test_this_version_can_be_released(script: ModuleType, checkout: Path) -> None:
    assert script.faults(checkout, VERSION) == []


def test_every_fault_is_named_at_once(script: ModuleType, checkout: Path) -> None:
    git(checkout, "tag", "v9.9.9")
    (checkout / "new.txt").write_text("new")
    found = "\n".join(script.faults(checkout, "9.9.9"))
    for name in (*NEEDED, "src/epilepsy_pgx/__init__.py"):
        assert name in found
    assert "changes that are in no commit" in found
    assert "the tag v9.9.9 exists" in found


@pytest.mark.parametrize("version", ["1", "v1.0.0", "1.0", "1.0.0-beta", ""])
def test_a_version_has_three_numbers(script: ModuleType, checkout: Path, version: str) -> None:
    assert any("found no version such as" in f for f in script.faults(checkout, version))


def test_a_folder_with_files_is_refused(script: ModuleType, checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/old.whl").write_text("")
    with pytest.raises(script.ReleaseError, match="expected an empty folder"):
        script.release(checkout, VERSION, tmp_path / "dist", tag=True)
    assert git(checkout, "tag") == ""


def test_the_citation_names_this_version() -> None:
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert said["version"] == VERSION
    assert {"cff-version", "message", "title", "authors"} <= set(said)


@pytest.mark.slow
def test_a_dry_run_builds_and_tags_nothing_and_then_the_tag_is_made(tmp_path: Path) -> None:
    top = tmp_path / "checkout"
    git(tmp_path, "clone", "-q", str(ROOT), str(top))
    who = {"GIT_COMMITTER_NAME": "Nobody", "GIT_COMMITTER_EMAIL": "nobody@example.org"}
    env = os.environ | {"PYTHONPATH": str(top / "src")} | who

    def make(*more: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "release/release.py", VERSION, "--out", str(tmp_path / "dist")]
        return subprocess.run([*words, *more], cwd=top, env=env, capture_output=True, text=True)

    dry = make()
    assert dry.returncode == 0, dry.stderr
    assert git(top, "tag", "--list", f"v{VERSION}") == ""
    notes = (tmp_path / "dist/NOTES.md").read_text(encoding="utf-8")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert wheel.name in notes
    assert git(top, "rev-parse", "HEAD").strip() in notes
    again = make("--tag")
    assert again.returncode == 2
    assert "expected an empty folder" in again.stderr
    shutil.rmtree(tmp_path / "dist")
    assert make("--tag").returncode == 0
    assert git(top, "tag", "--list", f"v{VERSION}").strip() == f"v{VERSION}"
