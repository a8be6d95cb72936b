"""docs/robustness.md, written from the counts in docs/robustness.tsv."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE, TABLE = ROOT / "docs/robustness.md", ROOT / "docs/robustness.tsv"
WORDS = ("read", "refused", "broken")
COLUMNS = ("date", "commit", "seed", "seconds", "way", "kind", *WORDS)
KINDS = {
    "answer": "acknowledgement of an HL7 version 2 message",
    "api": "VCF through the Python interface",
    "bcf": "head of a BCF",
    "bed": "BED of callable regions",
    "classes": "table of a laboratory's classes",
    "clinvar": "head of a copy of ClinVar",
    "controls": "expected results of control samples",
    "entries": "clinical entries beside orders",
    "fasta": "FASTA of pieces of a genome",
    "hla": "HLA typings, our form and programs' own",
    "index": "index of a VCF (TBI, CSI)",
    "ledger": "ledger (SQLite)",
    "logo": "logo of a letterhead",
    "manifest": "manifest of files and accessions",
    "model": "table for a published prediction model",
    "name": "name of a variant",
    "orders": "orders of a laboratory",
    "outside": "star alleles of other programs",
    "packet": "phenopacket",
    "panel": "genotypes of another test",
    "record": "what a run left for the next one",
    "records": "VCF records cut by region",
    "report": "report as JSON",
    "results": "results between two stages",
    "schema": "description of a curated table",
    "sheet": "sample sheet",
    "table": "curated table",
    "vcf": "head and whole of a VCF",
    "xlsx": "spreadsheet of curated tables",
}
THROUGH = {
    "rows": "rows of a sheet",
    "side-files": "typings, star alleles, classes, phenopackets",
    "vcfs": "VCF, BCF, their indexes, BED",
}
START = """# Robustness

Written by `python -m tests.fuzz ... --write` from `docs/robustness.tsv`.

A file that something broke must be read or refused by one clear line. The mutator changes bytes,
cells, lines, words of the format, encodings and compression of files that are right.

- *readers*: `python -m tests.fuzz --files N --seed S --write`. Each file goes through a reader in a
  forked process, which is made anew after 250 files and when a file kills it. A traceback, a death,
  more than 20 seconds of CPU for one file, or more than 1,000 MB is counted as *broken*.
- *guided*: `python -m tests.fuzz.guided KIND --files N --seed S --write`. As above, but atheris
  chooses the changes by which lines of our Python they reach.
- *command*: `python -m tests.fuzz --command --files N --seed S --write`. Many patients with changed
  files go through `epilepsy-pgx run` together. *Broken* is a traceback, another exit code than 0, 2
  or 3 or one that does not fit, a patient without report or word, a problem that is not one whole
  line, and a byte of the report of a patient whose files were left as they are.

The same seed tries the same files. A file that broke a reader is kept in `tests/fuzz/crashes`, and
tried by each run of the tests.

"""
END = """
## What broke a reader, and is mended

- A BCF of a few hundred bytes with `IDX=242193529` in its header: htslib took four gigabytes.
- A BCF whose contigs are numbered with gaps, a damaged ledger, a damaged spreadsheet and a curated
  table with a lone carriage return: a traceback.
- A description of a table with a key of another kind of value, or without the name of a column: a
  traceback.

These were found by trial runs and by one that was stopped for it; the table has complete runs only.

## The rest

- `tests/fuzz/test_readers.py` tries 100,000 files of the kinds that a laboratory sends, and
  `tests/fuzz/test_command.py` 2,000 through the command. Both are among the long tests
  (`make test-full`).
- What a reader hands to htslib, SQLite, zlib and the parser of XML is mutated too, but those
  libraries are not instrumented.
- Time is shared equally by the kinds, so that those that are slow to read have fewer files.
"""


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the page."""
    alone = [r for r in rows if r["way"] != "command"]
    whole = [r for r in rows if r["way"] == "command"]
    said = [
        f"**{_total(alone):,} mutated files through readers so far, {_broken(alone):,} of which "
        f"broke one, and {_total(whole):,} through the command, {_broken(whole):,} faults.**\n\n",
        "| date | commit | seed | seconds | way | files | read | refused | broken |\n",
        "|---|---|---|---|---|---|---|---|---|\n",
    ]
    runs: dict[tuple[str, ...], Counter[str]] = {}
    for row in rows:
        run = runs.setdefault(tuple(row[c] for c in COLUMNS[:5]), Counter())
        run.update({w: int(row[w]) for w in WORDS})
    for names, count in runs.items():
        numbers = (sum(count.values()), *(count[w] for w in WORDS))
        said.append(f"| {' | '.join(names)} | {' | '.join(f'{n:,}' for n in numbers)} |\n")
    said += ["\n## By kind of file\n", *_by_kind(alone, KINDS)]
    if whole:
        said += ["\nThrough the command:\n", *_by_kind(whole, THROUGH)]
    if not any(r["way"] == "guided" for r in rows):
        said.append("\nNo guided run has been counted yet.\n")
    return START + "".join(said) + END


def _total(rows: Sequence[Mapping[str, str]]) -> int:
    return sum(int(r[w]) for r in rows for w in WORDS)


def _broken(rows: Sequence[Mapping[str, str]]) -> int:
    return sum(int(r["broken"]) for r in rows)


def _by_kind(rows: Sequence[Mapping[str, str]], kinds: Mapping[str, str]) -> Iterator[str]:
    yield "\n| kind | what | read | refused | broken |\n|---|---|---|---|---|\n"
    for kind in sorted({r["kind"] for r in rows}):
        own = [r for r in rows if r["kind"] == kind]
        numbers = (sum(int(r[w]) for r in own) for w in WORDS)
        yield f"| `{kind}` | {kinds[kind]} | {' | '.join(f'{n:,}' for n in numbers)} |\n"
