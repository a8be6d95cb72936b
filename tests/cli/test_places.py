"""Where files are written: links, devices, full and forbidden places, one run in a folder."""

import gzip
import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields

import click
import pytest

from epilepsy_pgx.cli import commands
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.files import ACCESS, LOCK, locked, open_output, write_text
from epilepsy_pgx.pipeline.artefact import OPTIONS
from epilepsy_pgx.variants.record import Thresholds
from tests.command import few_records, run, table

BUILD = ("--build", "GRCh38")


@pytest.fixture
def vcf(root, tmp_path):
    return few_records(root / "examples/vcf/EX01.vcf.gz", tmp_path / "a.vcf")


PUT = """
import sys
from pathlib import Path
from epilepsy_pgx.files import write_text
write_text(Path(sys.argv[1]), "sample_id\\tgene\\nEX01\\tCYP2C9\\n")
"""
"""Writes as the commands do, without their work."""


def shell(line, folder):
    given = 'pgx() { "$PYTHON" -m epilepsy_pgx.cli "$@"; }; put() { "$PYTHON" -c "$PUT" "$1"; }; '
    return subprocess.run(
        ["bash", "-c", given + line],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHON": sys.executable, "PUT": PUT},
    )


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.tsv"
    link.symlink_to("there/real.tsv")
    for text in ("one\n", "two\n"):
        write_text(link, text)
        assert link.is_symlink()
        assert (tmp_path / "there/real.tsv").read_text() == text
    assert sorted(p.name for p in (tmp_path / "there").iterdir()) == ["real.tsv"]


def test_a_folder_behind_a_link_is_written_into(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write_text(tmp_path / "link/new/a.tsv", "x")
    assert (tmp_path / "real/new/a.tsv").read_text() == "x"
    assert (tmp_path / "link").is_symlink()


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.tsv"
    write_text(path, "old")

    def fail():
        with open_output(path) as handle:
            handle.write(b"half")
            raise ZeroDivisionError

    pytest.raises(ZeroDivisionError, fail)
    assert [p.name for p in tmp_path.iterdir()] == ["a.tsv"]
    assert path.read_text() == "old"


def test_a_file_that_is_written_again_keeps_its_permissions(tmp_path):
    ours = tmp_path / "ours"
    write_text(ours, "")
    ours.chmod(0o604)
    write_text(ours, "x")
    assert ours.stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize(
    ("command", "place"),
    [
        # A command hands the place on as it is: one of them shows it.
        ("pgx call a.vcf --build GRCh38 --out", "-"),
        ("put", "-"),
        ("put", "/dev/stdout"),
        ("put", "/dev/fd/1"),
        ("put", "/proc/self/fd/1"),
    ],
)
def test_standard_output(vcf, tmp_path, command, place):
    line = f"{{ {command} {place}; echo last; }}"
    done = shell(f"{line} | cat", tmp_path)
    assert done.stdout.startswith("sample_id\tgene")
    assert done.stdout.endswith("last\n")
    done = shell(f"{line} > to_file", tmp_path)
    assert (tmp_path / "to_file").read_text().endswith("last\n")
    assert "CYP2C9" in (tmp_path / "to_file").read_text()


def test_a_named_pipe_and_nothing(vcf, tmp_path):
    done = shell(
        f"mkfifo p; cat p > got & pgx call {vcf} --build GRCh38 --out p && wait; "
        f"ls -l p | cut -c1; put /dev/null; "
        "ls -l /dev/null | cut -c1",
        tmp_path,
    )
    assert done.stdout.split() == ["p", "c"]
    assert "CYP2C9" in (tmp_path / "got").read_text()


@pytest.mark.parametrize(
    ("out", "named"),
    [
        ("/dev/full", "/dev/full"),
        ("file/x.tsv", "/file: "),
        ("folder", "folder: "),
        ("/proc/none/x.tsv", "/proc/none: "),
    ],
)
def test_a_place_that_cannot_be_written_is_one_line(vcf, tmp_path, out, named):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    done = run("call", vcf, *BUILD, "--out", out, cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert named in line
    assert "[place-" in line
    assert "a.vcf:" not in line


def test_run_into_a_file_and_a_full_scratch_folder(root, vcf, tmp_path):
    done = run("run", vcf, *BUILD, "--out", vcf / "x")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    vcf.write_bytes(gzip.open(root / "examples/vcf/EX01.vcf.gz").read())
    done = shell(f"ulimit -f 8; pgx call {vcf} --build GRCh38 --out o.tsv", tmp_path)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "[place-full]" in line
    assert str(vcf) not in line


def test_a_lock_ends_with_its_process(vcf, tmp_path):
    code = (
        f"import time;from pathlib import Path;from epilepsy_pgx.files import locked\n"
        f"with locked(Path({str(tmp_path / 'o')!r})): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        done = run("run", vcf, *BUILD, "--out", tmp_path / "o", "--formats", "json")
        assert done.returncode == 2
        assert "[folder-in-use]" in done.stderr
        assert f"process {holder.pid} on " in done.stderr
        assert " since 20" in done.stderr
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    assert (tmp_path / "o" / LOCK).exists()
    time.sleep(0.1)
    done = run("run", vcf, *BUILD, "--out", tmp_path / "o", "--formats", "json")
    assert done.returncode == 0, done.stderr


def test_a_lock_file_of_another_user(tmp_path, monkeypatch):
    """It may not be written, but it can be locked."""
    (tmp_path / LOCK).write_text("")
    plain = os.open

    def refuse(path, flags, *more, **given):
        if flags & os.O_RDWR and str(path).endswith(LOCK):
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path, flags, *more, **given)

    monkeypatch.setattr(os, "open", refuse)
    with locked(tmp_path):
        with pytest.raises(Exception, match="folder-in-use"), locked(tmp_path, shared=True):
            pass
    (tmp_path / LOCK).unlink()
    with pytest.raises(Exception, match="place-writable"), locked(tmp_path):
        pass


def test_run_is_refused_where_jobs_of_a_workflow_write(vcf, tmp_path):
    for part in ("reports", "cohort"):
        with locked(tmp_path / "o" / part, shared=True):
            done = run("run", vcf, *BUILD, "--out", tmp_path / "o", "--formats", "json")
        assert done.returncode == 2
        assert "[folder-in-use]" in done.stderr


def test_jobs_of_one_workflow_share_a_folder(tmp_path):
    with locked(tmp_path, shared=True), locked(tmp_path, shared=True):
        with pytest.raises(Exception, match="folder-in-use"), locked(tmp_path):
            pass
    with locked(tmp_path):
        pass


def test_files_as_arguments(root, tmp_path):
    for name in ("EX01", "EX02"):
        (tmp_path / f"{name}.vcf.gz").write_bytes(
            (root / f"examples/vcf/{name}.vcf.gz").read_bytes()
        )
    files = ("EX01.vcf.gz", "EX02.vcf.gz", "--vcf", "EX01.vcf.gz")
    done = run("run", *files, *BUILD, "--out", "o", "--formats", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {r["sample_id"] for r in table(tmp_path / "o/cohort/cohort.tsv")} == {"EX01", "EX02"}
    assert run("call", *BUILD, "--out", tmp_path / "x").returncode == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_sample_of_two_files_is_read_in_neither(root, tmp_path, order):
    text = gzip.open(root / "examples/vcf/EX01.vcf.gz", "rt").read()
    twice = [tmp_path / "a.vcf", tmp_path / "b.vcf"]
    for path in twice:
        path.write_text(text)
    other = root / "examples/vcf/EX02.vcf.gz"
    done = run(
        "run",
        *(twice[i] for i in order),
        other,
        *BUILD,
        "--out",
        tmp_path / "o",
        "--formats",
        "json",
    )
    assert done.returncode == 3
    assert [r["sample_id"] for r in table(tmp_path / "o/cohort/cohort.tsv")] == ["EX02"]
    done = run("call", *(twice[i] for i in order), other, *BUILD, "--out", tmp_path / "g.tsv")
    assert done.returncode == 3
    assert {r["sample_id"] for r in table(tmp_path / "g.tsv")} == {"EX02"}


def test_failed_patients_are_named(root, tmp_path):
    good = gzip.open(root / "examples/vcf/EX01.vcf.gz", "rt").read()
    (tmp_path / "good.vcf").write_text(good)
    for number in range(25):
        (tmp_path / f"bad{number:02d}.vcf").write_text(
            good.replace("\tEX01\n", f"\tP{number:02d}\n") + "chr10\t9\t.\tA"
        )
    done = run(
        "run", *sorted(tmp_path.glob("*.vcf")), *BUILD, "--out", tmp_path / "o", "--formats", "json"
    )
    assert done.returncode == 3
    rows = table(tmp_path / "o/cohort/problems.tsv")
    assert [r["sample_id"] for r in rows] == [f"P{n:02d}" for n in range(25)]
    assert done.stderr.count("[vcf-complete]") == 20
    assert done.stderr.splitlines()[-1] == "and 5 more"


def test_annotate_names_genes_that_it_could_not_read(vcf, tmp_path):
    done = run("annotate", vcf, *BUILD, "--out", tmp_path / "v.tsv")
    unread = [r["gene"] for r in table(tmp_path / "v.tsv") if r["sample_id"] == "."]
    assert "SCN2A" in unread
    assert "SCN1A" not in unread
    # Genes of which listed variants are read are no more than counted there.
    named = {gene for gene in unread if re.search(rf"\b{gene}\b", done.stderr)}
    assert "CHRNA2" in named
    assert f"{len(named)} not at all" in done.stderr


def _all_commands():
    context = click.Context(commands)
    for name in commands.list_commands(context):
        found = commands.get_command(context, name)
        yield from getattr(found, "commands", {name: found}).values()


ALL_COMMANDS = tuple(_all_commands())


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=lambda command: command.name)
def test_each_option_reaches_its_command(command):
    """A command whose function asks for more than its options give cannot run at all."""
    given = {p.name for p in command.params if p.expose_value}
    function = command.callback
    while hasattr(function, "__wrapped__"):
        if "gives" in vars(function):
            assert set(function.takes) <= given
            given = given - set(function.takes) | {function.gives}
        function = function.__wrapped__
    wanted = set(inspect.signature(function).parameters)
    assert wanted - {"ctx"} == given
    assert len(wanted) <= 6
    # A file that may not be read is its patient's problem, not a wrong command line.
    assert not any(getattr(p.type, "readable", False) for p in command.params)


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=lambda command: command.name)
def test_each_command_can_be_told_how_much_to_say(command):
    assert {"-v", "-q"} <= {option for p in command.params for option in p.opts}


def test_each_threshold_of_the_extraction_can_be_checked_by_predict():
    known = {f.name for f in fields(Thresholds)}
    assert set(OPTIONS) <= known
    found = {command.name: command for command in ALL_COMMANDS}
    for name in ("extract", "predict"):
        options = {o for p in found[name].params for o in p.opts}
        assert {f"--{o}" for o in OPTIONS.values()} <= options
    assert {o for p in found["extract"].params for o in p.opts if o.startswith("--min-")} == {
        f"--{o}" for o in OPTIONS.values() if o.startswith("min-")
    }


def test_what_was_used_is_what_is_printed(root, tmp_path):
    sheet = tmp_path / "s.tsv"
    sheet.write_text(f"sample_id\tvcf\nEX01\t{root}/examples/vcf/EX01.vcf.gz\n")
    words = ("--samples", sheet, "--batch", "batch00001", *BUILD)
    used = (
        "--min-quality",
        "33",
        "--min-depth",
        "11",
        "--min-balance",
        "0.25",
        "--min-gencall",
        "0.3",
        "--class-field",
        "MINE",
    )
    assert run("extract", *words, *used, "--out", tmp_path / "x").returncode == 0
    ends = (
        "--extracted",
        tmp_path / "x",
        "--out",
        tmp_path / "r.gz",
        "--problems",
        tmp_path / "p.tsv",
    )
    for more in ((), used):
        done = run("predict", *words, *ends, *more)
        assert done.returncode == 0, done.stderr
        report = json.loads(gzip.open(tmp_path / "r.gz", "rt").readline())
        assert report["provenance"]["parameters"][:3] == [
            ["genotype quality at least", "33"],
            ["depth at least", "11"],
            ["allele balance at least", "0.25"],
        ]
        assert ["class field", "MINE"] in report["provenance"]["parameters"]
    for option, value in zip(used[::2], ("20", "8", "0.2", "0.15", "CLNSIG"), strict=True):
        done = run("predict", *words, *ends, option, value)
        assert done.returncode == 2
        assert f"{option}: found {value}" in done.stderr
    sheet.write_text(f"sample_id\tvcf\nEX01\t{root}/examples/vcf/EX02.vcf.gz\n")
    done = run("predict", *words, *ends)
    assert done.returncode == 2
    assert "[extract-groups]" in done.stderr


@pytest.mark.parametrize(
    ("access", "mask", "modes"),
    [
        (None, 0o022, (0o640, 0o750)),
        ("group", 0o002, (0o660, 0o770)),
        ("owner", 0o022, (0o600, 0o700)),
        ("all", 0o022, (0o644, 0o755)),
        ("all", 0o077, (0o600, 0o700)),
    ],
)
def test_what_is_written_is_for_owner_and_group(access, mask, modes, tmp_path, monkeypatch):
    monkeypatch.delenv(ACCESS, raising=False)
    if access is not None:
        monkeypatch.setenv(ACCESS, access)
    before = os.umask(mask)
    try:
        new = tmp_path / "a" / "b" / "new.json"
        write_text(new, "text")
    finally:
        os.umask(before)
    assert new.stat().st_mode & 0o777 == modes[0]
    assert [p.stat().st_mode & 0o777 for p in (new.parent, new.parent.parent)] == [modes[1]] * 2


def test_an_unknown_word_of_who_may_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(ACCESS, "everybody")
    with pytest.raises(ConfigError, match="owner, group, all"):
        write_text(tmp_path / "x", "text")
