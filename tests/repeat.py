"""The same reports from other interpreters and versions of libraries, byte for byte.

    python -m tests.repeat NAME=PYTHON ... [--write]

PYTHON is an interpreter that has the libraries; it runs this checkout's `src`. The others are
compared with the first one. `--write` writes docs/repeatability.md.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/repeatability.md"
SECONDS = 900
CIRCUMSTANCES = (
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
)
FILES = ("EX01.vcf.gz", "EX02.vcf.gz", "EX07.g.vcf.gz", "EX08.vcf")
NAMES = (*("click", "cyvcf2", "jinja2", "jsonschema", "msgspec", "numpy", "pysam"),)
"""Libraries that every run needs."""
TEXT = """# Repeatability

Written by `python -m tests.repeat NAME=PYTHON ... --write` on {day} at {commit}.

Reports (HTML, JSON, TSV) of example patients, made by several interpreters and versions of
libraries, each twice with another hash seed, time zone and locale. The digest is one of all files:
where it is the same, every byte is. A report names the version of the software and the digest of
the tables that made it; `epilepsy-pgx validate` records Python and libraries.

| name | Python | libraries | digest of both runs | same as the first |
|---|---|---|---|---|
{table}
The extras at the lower ends of their ranges (fhir.resources 8.0.0, pyarrow 20.0.0, typst 0.15.0,
openpyxl 3.1.0, cryptography 42.0.0, pandas 2.2.0) were tried by hand at 0017e30 (2026-11-28):
a run that wrote every format, Parquet tables and frames. The reports of the lowest libraries that
every run needs had the bytes of the pinned ones then, too.

Not proved: Python 3.14, and any other version of a library than those above. The default tests vary
time zone and locale (`tests/properties/test_circumstances.py`), and compare the golden reports
under a hash seed that is drawn anew each time.
"""
TELL = (
    "import json,platform,importlib.metadata as m;"
    f"print(json.dumps([platform.python_version(), {{n: m.version(n) for n in {NAMES!r}}}]))"
)


def run(python: str, out: Path, circumstances: dict[str, str]) -> str:
    """Run the example patients with an interpreter; return one digest of all reports."""
    words = [python, "-m", "epilepsy_pgx.cli", "run"]
    words += [w for name in FILES for w in ("--vcf", str(ROOT / "examples/vcf" / name))]
    words += ["--build", "GRCh38", "--out", str(out), "--date", "2026-11-22"]
    words += ["--formats", "html,json,tsv"]
    subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **circumstances, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    files = sorted((out / "reports").rglob("*.*"))
    if not files:
        raise SystemExit(f"{python}: no report was written")
    whole = hashlib.sha256(str(len(files)).encode())
    for path in files:
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def page(rows: Sequence[Sequence[str]], commit: str) -> str:
    """Return the page."""
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return TEXT.format(day=date.today(), commit=commit, table=table)


def main() -> int:
    """Run the command; the exit code is 1 if a byte differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.repeat", description=__doc__)
    parser.add_argument("pythons", nargs="+", metavar="NAME=PYTHON")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows: list[list[str]] = []
    first = ""
    for text in given.pythons:
        name, _, python = text.partition("=")
        told = subprocess.run(
            [python, "-c", TELL], capture_output=True, text=True, check=True, timeout=60
        )
        version, libraries = json.loads(told.stdout)
        with tempfile.TemporaryDirectory() as folder:
            found = {run(python, Path(folder) / str(i), c) for i, c in enumerate(CIRCUMSTANCES)}
        digest = ", ".join(sorted(found))
        first = first or digest
        said = ", ".join(f"{n} {v}" for n, v in libraries.items())
        rows.append([name, version, said, digest, "yes" if digest == first else "NO"])
        print(*rows[-1])
    words = ["git", "-C", str(ROOT), "describe", "--always", "--exclude=*"]
    commit = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    if given.write:
        PAGE.write_text(page(rows, commit), encoding="utf-8")
    return 0 if all(r[-1] == "yes" and "," not in r[3] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
