"""A new folder holds what a run needs, and nothing that is there is written over."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError, InputError
from epilepsy_pgx.intake.sheet import CLINICAL_COLUMNS, IDENTITY_COLUMNS, INPUT_COLUMNS, read_sheet
from epilepsy_pgx.pipeline.starter import COLUMNS, sheet_text, start_folder
from epilepsy_pgx.reference.package import Reference

FILES = {
    "README.md",
    "config/README.md",
    "config/config.yaml",
    "config/samples.tsv",
    "profiles/default/config.yaml",
    "profiles/kubernetes/config.yaml",
    "profiles/kubernetes/job.sh",
    "profiles/pbs/config.yaml",
    "profiles/slurm/config.yaml",
    "workflow/Snakefile",
}


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_what_is_written(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "a" / "run"
    start_folder(folder, sheet_text())
    assert names(folder) == FILES
    assert len((folder / "README.md").read_text().splitlines()) == 5
    shipped = yaml.safe_load((root / "config/config.yaml").read_text())
    config = yaml.safe_load((folder / "config/config.yaml").read_text())
    assert config == shipped | {"samples": "config/samples.tsv"}
    assert (folder / config["samples"]).is_file()


def test_a_new_sheet_asks_for_rows_alone(tmp_path: Path, reference: Reference) -> None:
    assert set(COLUMNS) <= {*INPUT_COLUMNS, *IDENTITY_COLUMNS, *CLINICAL_COLUMNS}
    (tmp_path / "s.tsv").write_text(sheet_text())
    with pytest.raises(InputError) as caught:
        read_sheet(tmp_path / "s.tsv", reference)
    assert [p.check for p in caught.value.problems] == ["sheet-rows"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigError) as caught:
        start_folder(tmp_path, sheet_text())
    assert [p.file for p in caught.value.problems] == [str(tmp_path / name)]
    assert names(tmp_path) == {name}
    assert (tmp_path / name).read_text() == "mine"


def test_the_command(tmp_path: Path, root: Path, reference: Reference) -> None:
    words = ["init", str(tmp_path / "run"), "--from", str(root / "examples/vcf")]
    done = CliRunner().invoke(commands, words)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("In the sheet: 11 samples of ")
    sheet = read_sheet(tmp_path / "run/config/samples.tsv", reference)
    assert len(sheet.rows) == 11
    assert not sheet.faulty
    again = CliRunner().invoke(commands, words[:2])
    assert again.exit_code == 2
    assert len(again.output.splitlines()) == len(FILES)
