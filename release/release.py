"""Make a release: build the packages, check them, write the notes and, with `--tag`, the tag.

    python release/release.py VERSION --out DIST [--tag]

Nothing is uploaded. Without `--tag` the repository stays as it is.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELD = ("config/config.yaml", "reference/datapackage.json", "workflow/Snakefile")
"""What a wheel holds of what is no Python, below `epilepsy_pgx/data`."""


class ReleaseError(Exception):
    """Why there is no release: every fault that was found."""


def run(*words: str, cwd: Path) -> str:
    """Run a program and return what it printed; its errors end the release."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout.strip()


def section(changelog: str, version: str) -> str | None:
    """Return what the changelog says of a version, without its heading; None if it has no section.

    Examples
    --------
    >>> section("## 1.1.0 (2026-12-01)\\n\\nNew.\\n\\n## 1.0.0\\n\\nOld.\\n", "1.1.0")
    'New.'
    """
    found = re.search(
        rf"^## {re.escape(version)}(?: \([^)]*\))?\n(.*?)(?=^## |\Z)", changelog, re.M | re.S
    )
    return found[1].strip() if found else None


def faults(root: Path, version: str) -> list[str]:
    """Return why a checkout cannot be released as a version."""
    found = []
    if not re.fullmatch(r"\d+\.\d+\.\d+(?:rc\d+)?", version):
        found.append(f"{version}: found no version such as 1.2.0 or 1.2.0rc1")
    stated = {
        "src/epilepsy_pgx/__init__.py": r'^__version__ = "(.*)"$',
        "CITATION.cff": r"^version: (.*)$",
        "workflow/conda/recipe.yaml": r'^  version: "(.*)"$',
    }
    for name, pattern in stated.items():
        said = re.search(pattern, (root / name).read_text(encoding="utf-8"), re.M)
        if said is None or said[1] != version:
            found.append(f"{name}: found {said[1] if said else 'no version'}, expected {version}")
    if not section((root / "CHANGELOG.md").read_text(encoding="utf-8"), version):
        found.append(f"CHANGELOG.md: found no section ## {version}")
    if find_spec("hatchling") is None:
        found.append(f"{sys.executable} has no hatchling: use the checkout's own environment")
    if run("git", "status", "--porcelain", cwd=root):
        found.append("the checkout has changes that are in no commit")
    if run("git", "tag", "--list", f"v{version}", cwd=root):
        found.append(f"the tag v{version} exists")
    return found


def build(root: Path, out: Path) -> tuple[Path, Path]:
    """Build sdist and wheel, the wheel from what the sdist holds, and look at both."""
    out.mkdir(parents=True)
    run(sys.executable, "-m", "hatchling", "build", "-d", str(out), "-t", "sdist", cwd=root)
    (sdist,) = out.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as source, tarfile.open(sdist) as archive:
        archive.extractall(source, filter="data")
        (top,) = Path(source).iterdir()
        run(sys.executable, "-m", "hatchling", "build", "-d", str(out), "-t", "wheel", cwd=top)
    (wheel,) = out.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    lacking = [name for name in HELD if f"epilepsy_pgx/data/{name}" not in names]
    if lacking:
        raise ReleaseError(f"{wheel.name} lacks {', '.join(lacking)}")
    return sdist, wheel


def notes(root: Path, version: str, files: tuple[Path, ...]) -> str:
    """Return the notes: what changed, the tables, and the digests of the files."""
    said = section((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    described = json.loads((root / "reference/datapackage.json").read_text(encoding="utf-8"))
    sums = "".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files)
    commit = run("git", "rev-parse", "HEAD", cwd=root)
    made = f"Commit {commit}, tables {described['version']}."
    return f"# {version}\n\n{said}\n\n{made}\n\n```\n{sums}```\n"


def release(root: Path, version: str, out: Path, *, tag: bool) -> list[str]:
    """Make the release and return the lines that say so.

    Raises
    ------
    ReleaseError
        With every reason why there is none; nothing is tagged then.
    """
    found = faults(root, version)
    if out.exists() and any(out.iterdir()):
        found.append(f"{out}: found files, expected an empty folder")
    if found:
        raise ReleaseError("\n".join(found))
    run(sys.executable, "-m", "epilepsy_pgx.cli", "reference", "check", "reference", cwd=root)
    if out.exists():
        out.rmdir()
    files = build(root, out)
    (out / "NOTES.md").write_text(notes(root, version, files), encoding="utf-8")
    if tag:
        run("git", "tag", "-a", f"v{version}", "-m", f"Version {version}", cwd=root)
    said = f"tagged v{version}" if tag else f"not tagged: add --tag to make v{version}"
    return [*(str(f) for f in files), str(out / "NOTES.md"), said]


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("version")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is made")
    parser.add_argument("--tag", action="store_true", help="also make the tag")
    given = parser.parse_args()
    try:
        for line in release(ROOT, given.version, given.out.resolve(), tag=given.tag):
            print(line)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
