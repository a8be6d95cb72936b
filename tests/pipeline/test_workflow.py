"""What the workflow makes of its configuration: overlay and copy of ClinVar reach the commands."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from epilepsy_pgx.errors import InputError, TableError
from epilepsy_pgx.pipeline.workflow import load_run
from tests.intake.test_clinvar import text
from tests.reference.overlays import BASE, own_rule, write_overlay


@pytest.fixture
def config(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((root / "config/config.yaml").read_text())
    return found | {"samples": str(root / "examples/samples.tsv"), "reference_dir": str(BASE)}


CONTACT = {"role": "Genetics laboratory", "contact": "extension 123", "hours": "."}


def test_the_overlay_goes_to_every_command(config: dict[str, Any], tmp_path: Path) -> None:
    own = write_overlay(tmp_path, {"contacts": [CONTACT]})
    run, plain = load_run(config | {"reference_overlay": str(own)}), load_run(config)
    for name in ("extract", "identify", "predict", "report", "cohort"):
        assert f"--overlay {own}" in getattr(run, f"{name}_options")
        assert "--overlay" not in getattr(plain, f"{name}_options")
    assert set(run.tables) - set(plain.tables) == {f"{own}/contacts.tsv"}


def test_an_overlay_that_softens_stops_the_run(config: dict[str, Any], tmp_path: Path) -> None:
    own = write_overlay(tmp_path, {"drug_rules": [own_rule(response="standard dosing")]})
    with pytest.raises(TableError, match="overlay-softens"):
        load_run(config | {"reference_overlay": str(own)})


def test_no_copy_of_clinvar(config: dict[str, Any]) -> None:
    run = load_run(config)
    assert run.clinvar == ()
    assert "--clinvar" not in run.predict_options


@pytest.mark.parametrize("several", [False, True])
def test_a_copy_of_clinvar_is_given_to_predict(
    config: dict[str, Any], tmp_path: Path, several: bool
) -> None:
    path = tmp_path / "c.vcf"
    path.write_text(text("2025-01-01"))
    run = load_run(config | {"clinvar": [str(path)] if several else str(path)})
    assert run.clinvar == (str(path),)
    assert f"--clinvar {path}" in run.predict_options


def test_a_copy_that_cannot_be_used_stops_the_run(config: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "c.vcf"
    path.write_text(text("2025-01-01", build="GRCh36"))
    with pytest.raises(InputError, match="no build"):
        load_run(config | {"clinvar": str(path)})
