"""Links in folders that others may write to, and what a page may not load."""

import ast
import os
from pathlib import Path

import pytest

from epilepsy_pgx import files
from epilepsy_pgx.errors import PlaceError
from epilepsy_pgx.files import open_to_add, trusted_owners, write_text
from tests.syntax import nodes


def test_a_link_that_another_user_planted_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("stays")
    planted = tmp_path / "report.html"
    planted.symlink_to(precious)
    monkeypatch.setattr(files, "trusted_owners", lambda: frozenset({os.geteuid() + 1}))
    with pytest.raises(PlaceError, match="another user"):
        write_text(planted, "gone")
    assert precious.read_text() == "stays"
    monkeypatch.undo()
    write_text(planted, "a link of one's own is followed")
    assert planted.is_symlink()


def test_a_folder_that_is_a_link_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / "out").symlink_to(precious)
    monkeypatch.setattr(files, "trusted_owners", lambda: frozenset({os.geteuid() + 1}))
    for path in ("out/report.html", "out/reports/EX01/report.html"):
        with pytest.raises(PlaceError, match="another user"):
            write_text(tmp_path / path, "gone")
    assert not any(precious.iterdir())
    monkeypatch.undo()
    write_text(tmp_path / "out/report.html", "a folder of one's own")
    assert (precious / "report.html").is_file()


def test_links_of_the_user_and_of_root_are_followed() -> None:
    assert trusted_owners() == {os.geteuid(), 0}


def test_a_link_planted_while_a_file_is_written_is_replaced_and_not_followed(
    tmp_path: Path,
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("stays")
    target = tmp_path / "report.html"
    with files.open_output(target) as handle:
        target.symlink_to(precious)
        handle.write(b"whole")
    assert precious.read_text() == "stays"
    assert not target.is_symlink()
    assert target.read_bytes() == b"whole"


OF_TABLES = {
    "files.py",
    "pipeline/sequences.py",
    "reference/history.py",
    "reference/install.py",
    "reference/web.py",
    "report/pages.py",
}
"""Modules that make folders by themselves: of tables and of templates, never of a patient."""


def test_every_folder_of_a_patient_is_made_in_one_place() -> None:
    """There it gets the permissions that are configured."""
    source = Path(files.__file__).parent
    makers = {"mkdir", "makedirs", "copytree"}
    found = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in makers
    }
    assert found == OF_TABLES


def test_a_file_that_grows_is_for_whom_other_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(files.ACCESS, raising=False)
    before = os.umask(0o022)
    try:
        for line in ("one\n", "two\n"):
            with open_to_add(tmp_path / "log.tsv") as handle:
                handle.write(line)
    finally:
        os.umask(before)
    assert (tmp_path / "log.tsv").read_bytes() == b"one\ntwo\n"
    assert (tmp_path / "log.tsv").stat().st_mode & 0o777 == 0o640
