"""A folder to start a run in: configuration, sheet, profiles, and a workflow of six lines."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from epilepsy_pgx.errors import ConfigError, Problem
from epilepsy_pgx.files import make_folder, write_text, writing_to
from epilepsy_pgx.intake.sheet import INPUT_COLUMNS
from epilepsy_pgx.pipeline.finding import Found
from epilepsy_pgx.reference.package import shipped_folder

SHEET = "config/samples.tsv"
_NAMED = "samples: examples/samples.tsv"
"""The line of the shipped configuration that names the sheet."""
SNAKEFILE = """# The workflow of the installed package, with the configuration of this folder.
from epilepsy_pgx.reference.package import shipped_folder


configfile: "config/config.yaml"


module epilepsy_pgx:
    snakefile:
        str(shipped_folder("workflow") / "Snakefile")
    config:
        config


use rule * from epilepsy_pgx
"""
README = """1. Fill in `config/samples.tsv`, one patient a row; `config/README.md` has all columns.
2. Look through `config/config.yaml`; every key has a default but `samples`.
3. See what would be done: `snakemake -n` (needs `pip install 'epilepsy-pgx[workflow]'`).
4. Do it: `snakemake`, or on a Slurm cluster `snakemake --workflow-profile profiles/slurm`.
5. Read `results/reports/` and `results/cohort/`; who has no report is named at the end.
"""
_NOTES = """# A row for each patient, tab-separated; . is missing, and a line like this is a note.
# sample_id and vcf are needed, and build (GRCh37 or GRCh38) unless config.yaml has genome_build.
# Paths are seen from the folder of this sheet. README.md beside it has all columns.
# current_drugs, failed_drugs and planned_drugs are joined with |, such as valproate|lamotrigine.
"""
COLUMNS = (
    *("sample_id", "vcf", "vcf_sample", "build", "callable", "hla", "outside_calls"),
    *("classifications", "affected", "sex", "age_years", "weight_kg", "syndromes"),
    *("pregnancy_potential", "current_drugs", "failed_drugs", "planned_drugs", "entry_date"),
)
"""Columns of a new sheet."""


def sheet_text(found: Sequence[Found] = (), notes: Iterable[str] = ()) -> str:
    """Return a sheet to be filled in, with a row for each sample that was found."""
    lines = [_NOTES.removesuffix("\n"), *(f"# {note}" for note in notes), "\t".join(COLUMNS)]
    for one in found:
        known = dict(zip(INPUT_COLUMNS, one.cells, strict=False))
        lines.append("\t".join(known.get(column, ".") for column in COLUMNS))
    return "\n".join(lines) + "\n"


def start_files(sheet: str) -> dict[str, str]:
    """Return the text of each file of a new folder, by its place within."""
    config, workflow = shipped_folder("config"), shipped_folder("workflow")
    profiles = {
        f"profiles/{path.parent.name}/{path.name}": path.read_text(encoding="utf-8")
        for path in sorted((workflow / "profiles").glob("*/*.*"))
    }
    settings = (config / "config.yaml").read_text(encoding="utf-8")
    return {
        "README.md": README,
        "config/README.md": (config / "README.md").read_text(encoding="utf-8"),
        "config/config.yaml": settings.replace(_NAMED, f"samples: {SHEET}"),
        SHEET: sheet,
        **profiles,
        "workflow/Snakefile": SNAKEFILE,
    }


def start_folder(folder: Path, sheet: str) -> list[Path]:
    """Write the files of a new folder; return them.

    Raises
    ------
    ConfigError
        With every file that is there already: nothing is written then.
    PlaceError
        If the folder cannot be written.
    """
    texts = {folder / name: text for name, text in start_files(sheet).items()}
    there = [path for path in texts if path.exists() or path.is_symlink()]
    if there:
        fix = "Name a new folder, or move the file away."
        raise ConfigError(
            Problem(str(path), 0, ".", "init-new", "a file", "no such file yet", fix)
            for path in there
        )
    for path, text in texts.items():
        with writing_to(path):
            make_folder(path.parent)
            write_text(path, text)
    return list(texts)
