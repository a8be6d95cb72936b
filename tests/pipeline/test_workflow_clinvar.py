"""What the workflow makes of its configuration."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.pipeline.workflow import load_run
from tests.intake.test_clinvar import text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(ROOT)
    found: dict[str, Any] = yaml.safe_load(Path("config/config.yaml").read_text())
    return found


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
