"""The software for the rules: image, apptainer definition, conda environment and recipe."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import rattler_build
import yaml

import epilepsy_pgx

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "workflow/containers"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def definition() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return header and sections of the apptainer definition."""
    lines = (FOLDER / "epilepsy-pgx.def").read_text(encoding="utf-8").splitlines()
    head: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in (text for text in lines if text.strip() and not text.startswith("#")):
        if line.startswith("%"):
            current = sections.setdefault(line[1:].split()[0], [])
        elif current is not None:
            current.append(line.strip())
        else:
            key, _, value = line.partition(": ")
            head[key] = value
    return head, sections


def test_the_apptainer_definition_installs_what_the_image_has() -> None:
    head, sections = definition()
    assert head["Bootstrap"] == "debootstrap"
    assert {"files", "post", "environment", "test", "runscript"} == set(sections)
    image = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    wheels = (FOLDER / "build.sh").read_text(encoding="utf-8")
    assert any("/source[all]" in line for line in sections["post"])
    assert "epilepsy-pgx[all]" in image
    assert "[all]" in wheels
    assert head["OSVersion"] in wheels
    for package in head["Include"].split():
        assert package in wheels


def test_no_image_of_anybody_else_is_used() -> None:
    image = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (.+)$", image, re.MULTILINE) == ["scratch"]


def test_the_image_runs_as_a_plain_user() -> None:
    (user,) = re.findall(r"^USER (\d+):\d+$", (FOLDER / "Containerfile").read_text(), re.MULTILINE)
    assert user != "0"


def test_the_script_is_correct_shell_and_says_what_is_lacking(tmp_path: Path) -> None:
    script = FOLDER / "build.sh"
    assert os.access(script, os.X_OK)
    for tool in ("bash", "dirname", "realpath"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = subprocess.run(
        ["bash", str(script)], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "build.sh: buildah not found: install the package buildah\n"


def test_the_conda_environment_is_read() -> None:
    text = (ROOT / "workflow/envs/epilepsy-pgx.yaml").read_text(encoding="utf-8")
    environment = yaml.safe_load(text)
    assert set(environment) == {"channels", "dependencies"}
    assert f"python {PROJECT['requires-python']}" in environment["dependencies"]


def recipe() -> rattler_build.RenderedVariant:
    source = rattler_build.Stage0Recipe.from_file(ROOT / "workflow/conda/recipe.yaml")
    (made,) = source.render(rattler_build.VariantConfig())
    return made


def test_the_conda_recipe_is_rendered_for_this_version() -> None:
    made = recipe().recipe
    assert str(made.package.name) == "epilepsy-pgx"
    assert str(made.package.version) == epilepsy_pgx.__version__


def test_the_conda_recipe_needs_what_the_package_needs() -> None:
    text = yaml.safe_load((ROOT / "workflow/conda/recipe.yaml").read_text(encoding="utf-8"))
    asked = {r.replace(" ", "") for r in text["requirements"]["run"]} - {"python>=3.11"}
    assert asked == set(PROJECT["dependencies"])
    assert text["build"]["python"]["entry_points"] == [
        f"{name} = {target}" for name, target in PROJECT["scripts"].items()
    ]
    for name in text["about"]["license_file"]:
        assert (ROOT / name).is_file()


def test_every_rule_names_environment_and_image() -> None:
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"^rule ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            assert "conda:\n" in rule, rule.partition(":")[0]
            assert "container:\n        CONTAINER" in rule, rule.partition(":")[0]


CONDA = """#!/bin/sh
case "$*" in
  *--version*) echo "conda 25.1.0" ;;
  *info*) echo '{"conda_prefix": "/nowhere", "conda_version": "25.1.0", "platform": "linux-64"}' ;;
  *config*) echo '{"get": {"channel_priority": "strict"}}' ;;
esac
"""
APPTAINER = "#!/bin/sh\necho 'apptainer version 1.3.4'\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "program", "text", "said"),
    [
        ("conda", "conda", CONDA, "rules/../envs/epilepsy-pgx.yaml will be created"),
        ("apptainer", "apptainer", APPTAINER, "Singularity image docker://epilepsy-pgx will be"),
    ],
)
def test_a_dry_run_names_the_software_of_the_rules(
    way: str, program: str, text: str, said: str, tmp_path: Path
) -> None:
    """The program that would make it answers as the real one does, and makes nothing."""
    stub = tmp_path / "bin" / program
    stub.parent.mkdir()
    stub.write_text(text)
    stub.chmod(0o755)
    words = [sys.executable, "-m", "snakemake", "-n", "--sdm", way, "-s", f"{ROOT}/Snakefile"]
    keys = [f"samples={ROOT}/examples/samples.tsv", "container=docker://epilepsy-pgx"]
    done = subprocess.run(
        [*words, "-d", str(tmp_path), "--config", *keys],
        env=os.environ | {"PATH": f"{stub.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout + done.stderr
