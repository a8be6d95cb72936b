"""Help text, documents and schemas agree.

`python -m tests.test_docs` writes what is made of them again: see `made`.
"""

import inspect
import json
import re
import tomllib
from pathlib import Path

import click
import yaml

from epilepsy_pgx.cli import commands
from epilepsy_pgx.clinical_entry import COLUMNS as CLINICAL_ENTRY
from epilepsy_pgx.clinical_entry import ENTRY_WORDS
from epilepsy_pgx.cohort.summary import COHORT_COLUMNS
from epilepsy_pgx.intake.drug_details import CURRENT_KEYS, FAILED_KEYS
from epilepsy_pgx.intake.result_files.registry import READERS
from epilepsy_pgx.intake.sheet import CLINICAL_COLUMNS, IDENTITY_COLUMNS, INPUT_COLUMNS
from epilepsy_pgx.reference.conditions.registry import KINDS
from epilepsy_pgx.reference.locators import evidence_page
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.reference.rows import EntryWord, OutsideCaller, Sign
from epilepsy_pgx.report import serialise
from epilepsy_pgx.report.formats import DEFAULTS, FORMATS
from tests import api_page, config_page, mission_page, prediction_page

EXTRAS = {
    "fhir": "reports as FHIR bundles",
    "parquet": "`epilepsy-pgx parquet`",
    "pdf": "reports as PDF, pictures as PNG",
    "xlsx": "tables through a spreadsheet",
    "sign": "signed entries of a ledger",
    "frames": "frames of the [Python interface](python.md)",
    "notebook": "the notebook",
    "workflow": "the Snakemake workflow",
    "slurm": "the workflow on a Slurm cluster",
    "kubernetes": "the workflow on Kubernetes, PBS and their like",
    "all": "everything that users need",
    "docs": "this site",
    "test": "the tests",
}
ROOT = Path(__file__).resolve().parents[1]
INTRODUCTION = """# Commands

Every command prints this with `--help`. Exit codes: 0: done; 2: invalid input, nothing was run;
3: some patients failed, the others were completed; 1: internal error, nothing was completed.
"""


def walk(command: click.Command, name: str):
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            if found is not None and not found.hidden:
                yield from walk(found, f"{name} {word}")


def render() -> str:
    parts = [INTRODUCTION]
    for name, command in walk(commands, "epilepsy-pgx"):
        # click keeps the help option of the first context that a command ever saw.
        command._help_option = None
        context = click.Context(
            command,
            info_name=name,
            max_content_width=100,
            terminal_width=100,
            help_option_names=["-h", "--help"],
        )
        text = command.get_help(context).rstrip()
        command._help_option = None
        parts.append(f"## {name}\n\n```\n{text}\n```\n")
    return "\n".join(parts)


def render_kinds() -> str:
    """Return the table of the kinds of condition, as the classes describe themselves."""
    lines = ["| kind | subject | operators | value | holds if |", "|---|---|---|---|---|"]
    for kind in KINDS.values():
        said = inspect.getdoc(type(kind)).partition("\n\n")[0].replace("\n", " ").rstrip(".")
        operators = " ".join(f"`{o}`" for o in kind.operators)
        said = said[0].lower() + said[1:]
        lines.append(f"| `{kind.name}` | {kind.subject} | {operators} | {kind.value} | {said} |")
    return "\n".join(lines) + "\n"


def around_kinds() -> tuple[str, str, str]:
    """Return docs/response.md in three parts: before, the table of kinds, and behind."""
    page = (ROOT / "docs/response.md").read_text(encoding="utf-8")
    before, heading, rest = page.partition("## Conditions\n")
    table, end, behind = rest.partition("\n\n")
    return before + heading, table + "\n", end[1:] + behind


def format_table() -> str:
    lines = ["| format | file | what | made by |", "|---|---|---|---|"]
    for form in FORMATS.values():
        needs = f" (extra `{form.extra}`)" if form.extra else ""
        module = form.renderer.__module__.split(".", 1)[1].replace(".", "/")
        lines.append(
            f"| `{form.name}` | `{form.file_name('ID')}` | {form.summary}{needs} | `{module}.py` |"
        )
    return "".join(f"{line}\n" for line in lines)


def program_table() -> str:
    lines = ["| program | column | file | samples |", "|---|---|---|---|"]
    for name in sorted(READERS, key=str.casefold):
        reader = READERS[name]
        lines.append(f"| {name} | `{reader.kind}` | {reader.file} | {reader.samples} |")
    return "".join(f"{line}\n" for line in lines)


def column_table() -> str:
    """Return the columns of the clinical entry with their answers and meanings."""
    lines = ["| column | meaning |", "|---|---|"]
    for column in CLINICAL_ENTRY:
        words = [f"`{word}`" for word, _ in column.choices]
        said = column.meaning
        if words:
            answers = f"{', '.join(words[:-1])} or {words[-1]}"
            said = f"{answers}: {said}" if said else f"{answers}."
        elif column.table == ENTRY_WORDS:
            said = f"{', '.join(f'`{w}`' for w in words_of(column.name))}. {said}".strip()
        elif column.table and not said:
            said = f"Words of the table `reference/{column.table}.tsv`, joined with `\\|`."
        lines.append(f"| `{column.name}` | {said} |")
    return "".join(f"{line}\n" for line in lines)


def words_of(column: str) -> list[str]:
    """Return the words by which a column of the clinical entry is answered."""
    rows = load_reference(ROOT / "reference").rows(EntryWord)
    return [row.word for row in rows if row.column == column]


def key_table() -> str:
    """Return the keys that may stand behind a drug of a list."""
    lines = ["| column | key | meaning |", "|---|---|---|"]
    for column, keys in (("current_drugs", CURRENT_KEYS), ("failed_drugs", FAILED_KEYS)):
        for key, detail in keys.items():
            words = ", ".join(f"`{w}`" for w in words_of(key))
            said = f"{detail.meaning} {words}." if words else detail.meaning
            lines.append(f"| `{column}` | `{key}=` | {said} |")
    return "".join(f"{line}\n" for line in lines)


def word_table() -> str:
    """Return the words of the clinical entry, each with what it means."""
    lines = ["| column | word | meaning |", "|---|---|---|"]
    for row in load_reference(ROOT / "reference").rows(EntryWord):
        lines.append(f"| {row.column} | `{row.word}` | {row.name} |")
    return "".join(f"{line}\n" for line in lines)


def extra_table() -> str:
    """Return the extras of the package, each with what it is for and what it brings."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = declared["optional-dependencies"]
    lines = ["| extra | for | brings |", "|---|---|---|"]
    for name, needed in extras.items():
        brought = ", ".join(f"`{n}`" for n in needed) if name != "test" else "see `pyproject.toml`"
        lines.append(f"| `{name}` | {EXTRAS[name]} | {brought} |")
    return "".join(f"{line}\n" for line in lines)


def cohort_table() -> str:
    """Return the columns of the table of patients with their meanings."""
    lines = ["| column | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in COHORT_COLUMNS.items()]
    return "".join(f"{line}\n" for line in lines)


def between(text: str, start: str, end: str, new: str) -> str:
    """Return a text with what stands between two marks replaced."""
    assert text.count(start) == text.count(end) == 1
    return text.partition(start)[0] + start + new + end + text.partition(end)[2]


def made() -> dict[str, str]:
    """Return the files that are written, in whole or in part, from the code's registries."""
    report, schema = "docs/report.md", "workflow/schemas/config.schema.yaml"
    sheet, model = "docs/sample-sheet.md", "docs/scn1a-prediction.md"
    pipeline, install = "docs/pipeline.md", "docs/how-to/install.md"
    names = (report, schema, sheet, model, pipeline, install)
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}
    words = f"\n      enum: [{', '.join(FORMATS)}]\n"
    start, end = "  report_formats:\n    type: array\n    items:", "    minItems: 1\n"
    first, _, last = around_kinds()
    return {
        "config/README.md": config_page.page(),
        "docs/api.md": api_page.page(),
        "docs/commands.md": render(),
        install: between(
            texts[install],
            "<!-- extras: written by python -m tests.test_docs -->\n",
            "<!-- end of extras -->\n",
            extra_table(),
        ),
        "docs/mission.md": mission_page.page(),
        "docs/evidence.md": evidence_page(load_reference(ROOT / "reference")),
        "docs/response.md": first + render_kinds() + last,
        report: between(
            texts[report],
            "<!-- formats: written by python -m tests.test_docs -->\n",
            "<!-- end of formats -->\n",
            format_table(),
        ),
        sheet: between(
            between(
                between(
                    between(
                        texts[sheet],
                        "<!-- keys: written by python -m tests.test_docs -->\n",
                        "<!-- end of keys -->\n",
                        key_table(),
                    ),
                    "<!-- words: written by python -m tests.test_docs -->\n",
                    "<!-- end of words -->\n",
                    word_table(),
                ),
                "<!-- programs: written by python -m tests.test_docs -->\n",
                "<!-- end of programs -->\n",
                program_table(),
            ),
            "<!-- clinical columns: written by python -m tests.test_docs -->\n",
            "<!-- end of clinical columns -->\n",
            column_table(),
        ),
        pipeline: between(
            texts[pipeline],
            "<!-- cohort columns: written by python -m tests.test_docs -->\n",
            "<!-- end of cohort columns -->\n",
            cohort_table(),
        ),
        schema: between(texts[schema], start, end, words),
        model: between(
            texts[model],
            "<!-- numbers: written by python -m tests.test_docs -->\n",
            "<!-- end of numbers -->\n",
            prediction_page.numbers(load_reference(ROOT / "reference")),
        ),
        "docs/report.schema.json": json.dumps(serialise.schema(), indent=1, ensure_ascii=False)
        + "\n",
    }


def test_what_is_made_from_commands_and_formats_is_up_to_date():
    for name, text in made().items():
        written = (ROOT / name).read_text(encoding="utf-8")
        assert text == written, f"{name}: run python -m tests.test_docs"


def test_the_configuration_names_the_formats_written_by_default():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    assert schema["properties"]["report_formats"]["items"]["enum"] == list(FORMATS)
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert config["report_formats"] == list(DEFAULTS)


def test_every_command_and_option_has_help():
    for name, command in walk(commands, "epilepsy-pgx"):
        assert command.help, name
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help or "--help" in option.opts, f"{name} {option.opts}"


def test_every_sheet_column_is_documented():
    text = (ROOT / "docs/sample-sheet.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert named == {*INPUT_COLUMNS, *IDENTITY_COLUMNS, *CLINICAL_COLUMNS}


def test_every_program_is_documented_with_its_column():
    text = (ROOT / "docs/sample-sheet.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| (\w[\w-]*) \| `(hla|outside_calls)` \|", text, re.MULTILINE))
    assert named == {
        row.caller: "hla" if row.calls.startswith("HLA") else "outside_calls"
        for row in load_reference(ROOT / "reference").rows(OutsideCaller)
    }


def keys(schema, prefix=""):
    for name, rule in schema.get("properties", {}).items():
        assert rule.get("description"), f"{prefix}{name} has no description"
        assert schema.get("additionalProperties") is False
        yield f"{prefix}{name}"
        yield from keys(rule, f"{prefix}{name}.")


def flat(config, prefix=""):
    for name, value in config.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")


def usual(schema):
    return {
        name: usual(rule) if "properties" in rule else rule["default"]
        for name, rule in schema["properties"].items()
        if "default" in rule
    }


def test_configuration_and_schema_name_the_same_keys():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    assert set(keys(schema)) == set(flat(config))
    assert {k: v for k, v in config.items() if k != "samples"} == usual(schema)


def test_the_page_beside_the_configuration_has_every_key_and_column():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    first = {line.split("|")[1].strip(" `") for line in config_page.key_lines()[2:]}
    assert first == set(keys(schema))
    columns = [line.split("|")[1].strip(" `") for line in config_page.column_lines()[2:]]
    assert sorted(columns) == sorted({*INPUT_COLUMNS, *IDENTITY_COLUMNS, *CLINICAL_COLUMNS})


def test_every_link_in_the_documents_leads_somewhere():
    tops = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "config/README.md")
    for page in [*(ROOT / name for name in tops), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_table_of_situations_names_rows_that_exist():
    ref = load_reference()
    keys = {
        "drug_rules": "rule_id",
        "clinical_context": "context_id",
        "drug_safety": "fact_id",
        "gene_therapy": "therapy_id",
        "drug_interactions": "interaction_id",
        "texts": "id",
    }
    known = {row[column] for table, column in keys.items() for row in ref.table(table)}
    page = (ROOT / "docs" / "response.md").read_text(encoding="utf-8")
    table = page.partition("## Situations")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z0-9]+(?:-[a-z0-9*]+)+)`", table)
    assert len(named) > 50
    for name in named:
        pattern = re.compile(re.escape(name).replace(r"\*", ".+"))
        assert any(pattern.fullmatch(key) for key in known), name


def test_every_sign_is_documented_with_its_terms():
    told = {
        cells[0]: tuple(t for t in cells[2].split(", ") if t.startswith("HP:"))
        for line in (ROOT / "docs" / "sample-sheet.md").read_text(encoding="utf-8").splitlines()
        if len(cells := [c.strip() for c in line.strip("|").split("|")]) == 3
    }
    for row in load_reference().rows(Sign):
        assert told[row.sign] == row.hpo


if __name__ == "__main__":
    for name, text in made().items():
        (ROOT / name).write_text(text, encoding="utf-8")
