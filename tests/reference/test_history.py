"""The log of changes against git, and the difference between two states in words."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli.reference import reference
from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.check import run_checks
from epilepsy_pgx.reference.diff import (
    changed_reports,
    diff_json,
    diff_states,
    diff_text,
    open_state,
    state_folder,
)
from epilepsy_pgx.reference.history import read_at
from tests.toy.package import Row, toy_tables, write_package


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [
            "git",
            "-C",
            str(folder),
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.org",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=/dev/null",
            *arguments,
        ],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with the small package committed under `data/reference`."""
    root = tmp_path / "repository"
    package = write_package(root / "data" / "reference")
    git(tmp_path, "init", "-q", str(root))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return package


LOG = {"date": "2026-11-02", "version": "2026.11.1", "reason": "invented", "source": "invented"}


def allele(tables: dict[str, list[Row]], name: str) -> Row:
    """Return the row of an allele of TOY2."""
    return next(r for r in tables["alleles"] if (r["gene"], r["allele"]) == ("TOY2", name))


def faster(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Change the function of `*2`."""
    allele(tables, "*2")["function"] = "Normal function"
    return tables


def problems(package: Path, check: str = "changes-logged") -> list[str]:
    return [p.found for p in run_checks(package, "HEAD") if p.check == check]


def test_nothing_changed(repository: Path) -> None:
    assert run_checks(repository, "HEAD") == ()


def test_changed_row_needs_log_and_version(repository: Path) -> None:
    write_package(repository, faster(toy_tables()))
    assert problems(repository) == ["changed row 'TOY2 *2' without a log row", "version 2026.11.0"]


def test_logged_change_with_a_version_passes(repository: Path) -> None:
    tables = faster(toy_tables())
    tables["CHANGES"].append(LOG | {"table": "alleles", "key": "TOY2 *2", "change": "changed"})
    write_package(repository, tables, version="2026.11.1")
    assert problems(repository) == []


def test_star_covers_a_table(repository: Path) -> None:
    tables = faster(toy_tables())
    tables["CHANGES"].append(LOG | {"table": "alleles", "key": "*", "change": "changed"})
    write_package(repository, tables, version="2026.11.1")
    assert problems(repository) == []


@pytest.mark.parametrize(
    ("key", "covers"),
    [
        ("TOYR, TOY2 *2", True),
        ("TOY2", True),
        ("TOY2 *", True),
        ("TOY*", True),
        ("TOY", False),
        ("TOYR, TOY2 *1", False),
        ("TOYR*", False),
    ],
)
def test_a_log_row_may_name_a_group(repository: Path, key: str, covers: bool) -> None:
    tables = faster(toy_tables())
    tables["CHANGES"].append(LOG | {"table": "alleles", "key": key, "change": "changed"})
    write_package(repository, tables, version="2026.11.1")
    assert (problems(repository) == []) is covers


def test_old_log_row_does_not_cover_a_new_change(repository: Path) -> None:
    tables = toy_tables()
    next(r for r in tables["genes"] if r["gene"] == "TOYR")["inheritance"] = "AD"
    write_package(repository, tables, version="2026.11.1")
    assert problems(repository) == ["changed row 'TOYR' without a log row"]


def test_log_is_append_only(repository: Path) -> None:
    tables = toy_tables()
    tables["CHANGES"] = []
    write_package(repository, tables)
    assert problems(repository) == ["1 log row(s) of HEAD gone"]


def test_versions_compare_as_numbers(repository: Path) -> None:
    tables = faster(toy_tables())
    tables["CHANGES"].append(LOG | {"table": "alleles", "key": "*", "change": "changed"})
    write_package(repository, tables, version="2026.9.5")
    assert problems(repository) == ["version 2026.9.5"]


def test_first_commit_of_a_package_needs_no_log(repository: Path) -> None:
    other = write_package(repository.parent / "second", faster(toy_tables()))
    assert read_at(other, "HEAD") is None
    assert run_checks(other, "HEAD") == ()


@pytest.mark.parametrize("ref", ["no-such-branch", "--all", "HEAD~7"])
def test_unknown_ref(repository: Path, ref: str) -> None:
    with pytest.raises(TableError, match="git-ref"):
        run_checks(repository, ref)


def test_folder_without_git(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="git-ref"):
        run_checks(write_package(tmp_path / "toy"), "HEAD")


def test_diff_in_words(repository: Path, tmp_path: Path) -> None:
    tables = faster(toy_tables())
    gone = {"id": "rule-toy-poor", "language": "es"}
    tables["texts"] = [r for r in tables["texts"] if r.items() & gone.items() != gone.items()]
    tables["alleles"].append(
        allele(tables, "*3") | {"allele": "*9", "function": "Uncertain function"}
    )
    new = write_package(tmp_path / "new", tables)
    before, after = open_state("HEAD", repository), open_state(str(new), repository)
    changes = diff_states(before, after)
    assert [c.sentence for c in changes] == [
        "allele TOY2 *2: function from 'Decreased function' to 'Normal function'",
        "allele TOY2 *9 added (function 'Uncertain function', tier 'rare')",
        "wording rule-toy-poor es removed",
    ]
    assert [c.clinical for c in changes] == [True, True, False]
    text = diff_text(before, after, changes, ["rapid"])
    assert text.index("May change") < text.index("Other:")
    assert text.endswith("Example reports that change: rapid\n")
    data = json.loads(diff_json(before, after, changes))
    assert data["old"]["version"] == "2026.11.0"
    assert data["reports"] is None


def test_diff_of_equal_states(repository: Path) -> None:
    state = open_state("HEAD", repository)
    assert diff_states(state, state) == ()
    assert "No row differs." in diff_text(state, state, ())


def test_changed_reports_ignore_versions(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    told = {
        old: {"a": "version 1\ndose 100", "b": "dose 50", "gone": "x"},
        new: {"a": "version 2\ndose 100", "b": "dose 75"},
    }
    assert changed_reports(old, new, told.__getitem__, ignore=["version"]) == ("b", "gone")


def test_diff_command(repository: Path, tmp_path: Path) -> None:
    new = write_package(tmp_path / "new", faster(toy_tables()))
    run = CliRunner()
    done = run.invoke(reference, ["diff", str(repository), str(new)])
    assert done.exit_code == 0
    assert "allele TOY2 *2: function" in done.output
    assert json.loads(
        run.invoke(reference, ["diff", str(repository), str(new), "--format", "json"]).output
    )["changes"]
    assert run.invoke(reference, ["diff", "no-such-state", str(new)]).exit_code == 2
    assert run.invoke(reference, ["diff", str(repository), str(new), "--reports"]).exit_code == 2


def test_diff_command_against_the_repository_of_the_folder(repository: Path) -> None:
    write_package(repository, faster(toy_tables()))
    done = CliRunner().invoke(reference, ["diff", "HEAD", str(repository)])
    assert done.exit_code == 0, done.output
    assert "allele TOY2 *2: function" in done.output


def test_diff_command_names_changed_reports(repository: Path, tmp_path: Path) -> None:
    new = write_package(tmp_path / "new", faster(toy_tables()))

    def make(package: Path) -> dict[str, str]:
        return {
            "rapid": (package / "alleles.tsv").read_text("utf-8"),
            "other": (package / "sequences/GRCh38/toy.fa").read_text("ascii"),
        }

    done = CliRunner().invoke(
        reference, ["diff", str(repository), str(new), "--reports"], obj={"make_reports": make}
    )
    assert done.exit_code == 0
    assert done.output.endswith("Example reports that change: rapid\n")


def test_state_of_a_commit_is_a_whole_package(repository: Path) -> None:
    (repository / "genes.tsv").unlink()
    with state_folder("HEAD", repository) as folder:
        assert run_checks(folder) == ()
        kept = folder
    assert not kept.exists()


def reworded(tables: dict[str, list[Row]], *languages: str) -> dict[str, list[Row]]:
    """Change a text in some languages."""
    for text in tables["texts"]:
        if text["id"] == "rule-toy-rare" and text["language"] in languages:
            text["text"] = text["text"].replace("{drug}", "{drug}, {drug}")
    return tables


@pytest.mark.parametrize(
    ("languages", "logged", "stale"),
    [
        (("en",), ("rule-toy-rare en",), True),
        (("en",), ("*",), True),
        (("en", "es"), ("rule-toy-rare en", "rule-toy-rare es"), False),
        # A correction of the translation alone asks for nothing.
        (("es",), ("rule-toy-rare es",), False),
        # The log may say that it still holds.
        (("en",), ("rule-toy-rare en", "rule-toy-rare es"), False),
        (("en",), ("rule-toy-rare en, rule-toy-rare es",), False),
    ],
)
def test_a_text_does_not_change_without_its_translation(
    repository: Path, languages: tuple[str, ...], logged: tuple[str, ...], stale: bool
) -> None:
    tables = reworded(toy_tables(), *languages)
    for key in logged:
        tables["CHANGES"].append({**LOG, "table": "texts", "key": key, "change": "changed"})
    write_package(repository, tables, version="2026.11.1")
    problems = run_checks(repository, "HEAD", ["translation-stale"])
    assert bool(problems) is stale
    if stale:
        assert "rule-toy-rare" in problems[0].found
        assert (
            problems[0].line
            == 1
            + [
                (r["id"], r["language"])
                for r in sorted(tables["texts"], key=lambda r: (r["id"], r["language"]))
            ].index(("rule-toy-rare", "es"))
            + 1
        )
