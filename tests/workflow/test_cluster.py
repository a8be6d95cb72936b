"""The profiles: that of Slurm on a Slurm, the others as far as a dry run goes."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tests.workflow import slurm
from tests.workflow.test_workflow import results

PROFILES = Path("workflow/profiles")
GENERIC = "snakemake_executor_plugin_cluster_generic"
GIVEN = ("samples=s.tsv", "batch_size=1", "report_date=2026-11-22", "report_formats=[json]")
SMALL = ("slurm_partition=main", "slurm_account=none", "mem_mb=400*attempt", "runtime=20*attempt")
FASTER = (
    *("--latency-wait", "5", "--seconds-between-status-checks", "1"),
    *("--slurm-init-seconds-before-status-checks", "2"),
)
"""A node of this machine has less memory than a cluster's, and no network file system."""
LONG = 900.0


def write_sheet(folder: Path, root: Path) -> None:
    lines = ["sample_id\tvcf\tbuild"]
    for name in ("EX01", "EX02"):
        lines.append(f"{name}\t{root}/examples/vcf/{name}.vcf.gz\tGRCh38")
    (folder / "s.tsv").write_text("\n".join(lines) + "\n")


def words_of(root: Path, *more: str) -> list[str]:
    own = [sys.executable, "-m", "snakemake", "-s", f"{root}/Snakefile", *more]
    return [*own, "--config", *GIVEN]


def environment(root: Path, more: dict[str, str] | None = None) -> dict[str, str]:
    found = {**os.environ, **(more or {})}
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), found["PATH"]])
    return found


def listing(root: Path) -> set[str]:
    return {p.name for p in (root / "examples/vcf").iterdir()}


@pytest.mark.slow
def test_the_profile_on_a_slurm_where_jobs_are_killed(tmp_path: Path, root: Path) -> None:
    if reason := slurm.lacking():
        pytest.skip(reason)
    alone, spread = tmp_path / "alone", tmp_path / "spread"
    before = listing(root)
    for folder in (alone, spread):
        folder.mkdir()
        write_sheet(folder, root)
    with slurm.running(tmp_path / "slurm") as cluster:
        profile = words_of(
            root, "--profile", f"{root}/{PROFILES}/slurm", *FASTER, "--default-resources", *SMALL
        )
        env = environment(root, cluster.environment)

        def run(*more: str) -> "subprocess.Popen[str]":
            place = profile.index("--config")
            return subprocess.Popen(
                [*profile[:place], *more, *profile[place:]],
                cwd=spread,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        # A job that is killed and not tried again ends the run, and leaves its batch undone.
        first = run("--retries", "0")
        cluster.cancel("predict", LONG)
        said, _ = first.communicate(timeout=LONG)
        assert first.returncode == 1, said
        assert "Error in rule predict" in said
        assert len(list((spread / "results/predict").glob("*.jsonl.gz"))) < 2
        # The run after it takes what was finished, and a job that is killed now runs again.
        second = run()
        cluster.cancel("predict", LONG)
        said, _ = second.communicate(timeout=LONG)
        assert second.returncode == 0, said
        assert "rule extract:" not in said
        # It was given more.
        memory = re.findall(r"^rule predict:.*?mem_mb=(\d+).*?runtime=(\d+)", said, re.M | re.S)
        assert ("800", "40") in memory, memory
        assert not cluster.jobs()
    done = subprocess.run(
        words_of(root, "--cores", "2"),
        cwd=alone,
        env=environment(root),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert results(spread) == results(alone)
    # Whoever may not write beside an input can run it all the same.
    assert listing(root) == before


def profiles() -> dict[str, dict[str, object]]:
    root = Path(__file__).resolve().parents[2]
    found = sorted((root / PROFILES).glob("*/config.yaml"))
    return {p.parent.name: yaml.safe_load(p.read_text(encoding="utf-8")) for p in found}


@pytest.mark.parametrize("name", [n for n in profiles() if n != "default"])
def test_what_is_tried_again_gets_more(name: str) -> None:
    """Memory and time scale with the attempt, for every rule that a profile names."""
    profile = profiles()[name]
    given = [str(entry) for entry in profile["default-resources"]]  # type: ignore[attr-defined]
    for resource in ("mem_mb", "runtime"):
        (line,) = (entry for entry in given if entry.startswith(f"{resource}="))
        assert re.fullmatch(rf"{resource}=\d+ \* attempt", line)
    assert int(profile["retries"]) >= 1  # type: ignore[call-overload]
    rules = "\n".join(p.read_text() for p in Path(PROFILES).parent.glob("rules/*.smk"))
    for rule, resources in profile.get("set-resources", {}).items():  # type: ignore[attr-defined]
        assert re.search(rf"^(?:rule|checkpoint) {rule}:", rules, re.MULTILINE), rule
        for resource in {"mem_mb", "runtime"} & {*resources}:
            assert str(resources[resource]).endswith("* attempt"), (rule, resource)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kubernetes", "pbs"])
def test_a_profile_is_accepted(tmp_path: Path, root: Path, name: str) -> None:
    if find_spec(GENERIC) is None:
        pytest.skip("no plugin for other clusters: pip install 'epilepsy-pgx[kubernetes]'")
    write_sheet(tmp_path, root)
    done = subprocess.run(
        words_of(root, "-n", "--profile", f"{root}/{PROFILES}/{name}"),
        cwd=tmp_path,
        env=environment(root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "mem_mb=4000" in done.stdout + done.stderr


FAKE = """#!/bin/sh
echo "$@" >> {folder}/said
case $1 in
create) cat > {folder}/job.yaml; echo created ;;
get) {answer} ;;
esac
"""


def ask_kubernetes(root: Path, folder: Path, answer: str, *words: str) -> str:
    """Run the script of the profile with a kubectl that answers so."""
    (folder / "kubectl").write_text(FAKE.format(folder=folder, answer=answer))
    (folder / "kubectl").chmod(0o755)
    own = {"PGX_IMAGE": "i.example.org/pgx:1", "PGX_CLAIM": "runs", "PGX_MOUNT": "/data"}
    done = subprocess.run(
        ["sh", f"{root}/{PROFILES}/kubernetes/job.sh", *words],
        cwd=folder,
        env={**os.environ, **own, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_job_of_kubernetes(tmp_path: Path, root: Path) -> None:
    words = ("submit", "check_reference", "1", "4000", "240", f"{tmp_path}/job.sh")
    name = ask_kubernetes(root, tmp_path, "", *words).strip()
    job = yaml.safe_load((tmp_path / "job.yaml").read_text())
    assert job["metadata"]["name"] == name
    assert re.fullmatch(r"pgx-check-reference-[0-9a-f]{12}", name)
    assert job["spec"]["activeDeadlineSeconds"] == 240 * 60
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["sh", f"{tmp_path}/job.sh"]
    assert container["workingDir"] == str(tmp_path)
    assert container["resources"]["limits"] == {"memory": "4000M"}
    assert container["volumeMounts"] == [{"name": "run", "mountPath": "/data"}]
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "runs"}
    assert ask_kubernetes(root, tmp_path, "", *words).strip() != name
    ask_kubernetes(root, tmp_path, "", "cancel", "a", "b")
    assert (tmp_path / "said").read_text().splitlines()[-1] == "delete job --wait=false a b"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("printf 1,", "success"),
        ("printf ,1", "failed"),
        ("printf ,", "running"),
        ("echo 'Error (NotFound): no such job' >&2; exit 1", "failed"),
        ("echo 'no route to host' >&2; exit 1", "running"),
    ],
)
def test_the_state_of_a_job_of_kubernetes(
    tmp_path: Path, root: Path, answer: str, state: str
) -> None:
    assert ask_kubernetes(root, tmp_path, answer, "status", "pgx-x").strip() == state
