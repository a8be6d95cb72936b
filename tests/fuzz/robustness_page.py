"""docs/robustness.md, written from the counts in docs/robustness.tsv."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE, TABLE = ROOT / "docs/robustness.md", ROOT / "docs/robustness.tsv"
COLUMNS = ("date", "commit", "seed", "seconds", "kind", "read", "refused", "broken")
KINDS = {
    "bcf": "head of a BCF",
    "bed": "BED of callable regions",
    "classes": "table of a laboratory's classes",
    "clinvar": "head of a copy of ClinVar",
    "hla": "HLA typings, our form and programs' own",
    "ledger": "ledger (SQLite)",
    "logo": "logo of a letterhead",
    "outside": "star alleles of other programs",
    "packet": "phenopacket",
    "records": "VCF records cut by region",
    "report": "report as JSON",
    "results": "results between two stages",
    "sheet": "sample sheet",
    "table": "curated table",
    "vcf": "head and whole of a VCF",
    "xlsx": "spreadsheet of curated tables",
}
START = """# Robustness

Written by `python -m tests.fuzz --seconds N --seed S --write` from `docs/robustness.tsv`.

A file that something broke must be read or refused by one clear line. The mutator changes bytes,
cells, lines, words of the format, encodings and compression of files that are right; each mutated
file goes through a reader in the same process. A traceback, more than 20 seconds of CPU for one
file, or more than 1,000 MB is counted as *broken*. The same seed tries the same files. A file that
broke a reader is kept in `tests/fuzz/crashes`, and tried by each run of the tests.

"""
END = """
## What broke a reader, and is mended

- A BCF of a few hundred bytes with `IDX=242193529` in its header: htslib took four gigabytes.
- A BCF whose contigs are numbered with gaps, a damaged ledger, a damaged spreadsheet and a curated
  table with a lone carriage return: a traceback.

These were found by trial runs and by one that was stopped for it; the table has complete runs only.

## The rest

- `tests/fuzz/test_readers.py` tries 100,000 files of the kinds that a laboratory sends, and
  `tests/fuzz/test_command.py` 2,000 through the command, where the reports of all other patients
  must stay byte for byte the same. Both are among the long tests (`make test-full`).
- What a reader hands to htslib is mutated too, but htslib is not instrumented; no coverage-guided
  fuzzer (atheris, libFuzzer) has been run.
- 20,000 files through the command have not been run in one go.
"""


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the page."""
    total = sum(int(r[w]) for r in rows for w in ("read", "refused", "broken"))
    broken = sum(int(r["broken"]) for r in rows)
    said = [f"**{total:,} mutated files so far, {broken:,} of which broke a reader.**\n\n"]
    said.append("| date | commit | seed | seconds | files | read | refused | broken |\n")
    said.append("|---|---|---|---|---|---|---|---|\n")
    runs: dict[tuple[str, ...], Counter[str]] = {}
    for row in rows:
        run = runs.setdefault(tuple(row[c] for c in COLUMNS[:4]), Counter())
        run.update({w: int(row[w]) for w in ("read", "refused", "broken")})
    for names, count in runs.items():
        numbers = (sum(count.values()), count["read"], count["refused"], count["broken"])
        said.append(f"| {' | '.join(names)} | {' | '.join(f'{n:,}' for n in numbers)} |\n")
    said.append("\n## By kind of file\n\n| kind | what | read | refused | broken |\n")
    said.append("|---|---|---|---|---|\n")
    for kind in sorted({r["kind"] for r in rows}):
        own = [r for r in rows if r["kind"] == kind]
        numbers = (sum(int(r[w]) for r in own) for w in ("read", "refused", "broken"))
        said.append(f"| `{kind}` | {KINDS[kind]} | {' | '.join(f'{n:,}' for n in numbers)} |\n")
    return START + "".join(said) + END
