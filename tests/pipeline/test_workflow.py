"""The workflow hands the hospital's overlay to every command, and reruns when it changes."""

from pathlib import Path

import pytest
import yaml

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.pipeline.workflow import load_run
from tests.reference.overlays import BASE, own_rule, write_overlay


def config(root: Path, overlay: Path | None) -> dict[str, object]:
    found = yaml.safe_load((root / "config/config.yaml").read_text(encoding="utf-8"))
    named = None if overlay is None else str(overlay)
    places = {"samples": str(root / "examples/samples.tsv"), "reference_dir": str(BASE)}
    return found | places | {"reference_overlay": named}


def test_the_overlay_goes_to_every_command(root: Path, tmp_path: Path) -> None:
    own = write_overlay(tmp_path, {"drug_rules": [own_rule()]})
    run, plain = load_run(config(root, own)), load_run(config(root, None))
    for name in ("extract", "identify", "predict", "report", "cohort"):
        assert f"--overlay {own}" in getattr(run, f"{name}_options")
        assert "--overlay" not in getattr(plain, f"{name}_options")
    assert set(run.tables) - set(plain.tables) == {f"{own}/drug_rules.tsv"}


def test_an_overlay_that_softens_stops_the_run(root: Path, tmp_path: Path) -> None:
    own = write_overlay(tmp_path, {"drug_rules": [own_rule(response="standard dosing")]})
    with pytest.raises(TableError, match="overlay-softens"):
        load_run(config(root, own))
