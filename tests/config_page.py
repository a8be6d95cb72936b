"""The page beside the configuration: every key of it, and every column of the sample sheet."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
INTRODUCTION = """# Configuration

Written by `python -m tests.test_docs` from `workflow/schemas/config.schema.yaml` and
`docs/sample-sheet.md`.

The workflow reads `config/config.yaml` of the folder it runs in. Only `samples` is needed; a key
that is left out is as the table says. A misspelt key is refused. Paths are seen from the working
folder, those in the sheet from the sheet.

1. `epilepsy-pgx init DIR` writes a configuration, a sheet and profiles into a new folder. Or deploy
   the workflow with `snakedeploy deploy-workflow`, import it as a `module:` (with `prefix:` or
   without), or start it from anywhere with `snakemake -s PATH/workflow/Snakefile -d DIR`.
   `snakedeploy` from a clone of your own writes its path without the file: complete it in
   `workflow/Snakefile` as `snakefile: "CLONE/workflow/Snakefile"`. What it brings has no sheet:
   `epilepsy-pgx init NEW` makes one, in another folder.
2. Fill in the sheet, and name it as `samples`.
3. `snakemake -n`, then `snakemake --cores all`, or on a cluster
   `snakemake --workflow-profile PATH/profiles/slurm`. Until the plan has run, `-n` shows the
   joined jobs alone, also after a change of the sheet or of a table. `epilepsy-pgx workflow` in
   place of `snakemake` goes on with a run that was killed.

The tables are those that came with the software unless `reference_dir` names others. Patients
without a report are named in the last lines on the terminal, with file, reason and what to do, and
in `results/cohort/problems.tsv`; Snakemake then ends with exit code 1, and the other patients are
done. Tables, a sheet or a configuration that cannot be used end with exit code 2, and nothing is
run. `results/run.json` says what a run did: patients, versions, digests, and for each stage the
jobs, seconds and most memory.

## Keys of `config.yaml`
"""


def _keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, rule in schema["properties"].items():
        yield f"{prefix}{name}", rule
        if "properties" in rule:
            yield from _keys(rule, f"{prefix}{name}.")


def _word(value: object) -> str:
    return "null" if value is None else value if isinstance(value, str) else json.dumps(value)


def _values(rule: Mapping[str, Any]) -> str:
    words = rule.get("enum") or rule.get("items", {}).get("enum")
    if words:
        return ", ".join(f"`{_word(w)}`" for w in words)
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    low, high = rule.get("minimum"), rule.get("maximum")
    span = f" {low} to {high}" if high is not None else f" from {low}" if low is not None else ""
    return " or ".join({"string": "text", "array": "list"}.get(k, k) for k in kinds) + span


def key_lines() -> list[str]:
    """Return a table line for each key of the configuration."""
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    lines = ["| key | value | left out | meaning |", "|---|---|---|---|"]
    for name, rule in _keys(schema):
        usual = "must be given" if name == "samples" else f"`{_word(rule['default'])}`"
        if "properties" in rule:
            usual = "the keys below"
        lines.append(f"| `{name}` | {_values(rule)} | {usual} | {rule['description']} |")
    return lines


def column_lines() -> list[str]:
    """Return a table line for each column of the sample sheet, with the links taken out."""
    page = (ROOT / "docs/sample-sheet.md").read_text(encoding="utf-8")
    lines = ["| column | meaning |", "|---|---|"]
    for line in page.splitlines():
        if re.match(r"\| `\w+` \| (?!`)", line) or re.match(r"\| `\w+` \| `(?!\w+=)", line):
            said = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line).replace(
                "See quality", "See docs/quality"
            )
            lines.append(said.replace("(below)", "(docs/sample-sheet.md)"))
    return lines


def page() -> str:
    """Return the text of config/README.md."""
    columns = "\n## Columns of the sample sheet\n\nTab-separated, one patient a row.\n"
    parts = [INTRODUCTION, *key_lines(), columns, *column_lines()]
    return "\n".join(parts) + "\n"
