"""Every command that a document writes down exists, with every option that it names."""

import re
from pathlib import Path

import click
import pytest

from epilepsy_pgx.cli import commands as program
from tests.first_hours.pages import ROOT, commands

PAGES = [ROOT / "README.md", ROOT / "config/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = {page: list(commands(page)) for page in PAGES if page.name != "commands.md"}


def walk(line: str) -> tuple[click.Command, list[str]]:
    """Return the command of a line, and its other words."""
    words = re.sub(r"[|>;&)].*", "", line).split()[1:]
    command: click.Command = program
    context = click.Context(program)
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("page", [p for p, lines in WRITTEN.items() if lines], ids=lambda p: p.stem)
def test_commands_and_options_exist(page: Path) -> None:
    for line in WRITTEN[page]:
        if line.split()[1].startswith((".", "<", "COMMAND")):
            continue
        command, words = walk(line)
        known = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        known |= {"--help", "-h", "--version"}
        # What goes to another program is known there.
        for word in () if any(p.type is click.UNPROCESSED for p in command.params) else words:
            option = word.partition("=")[0].rstrip(",.'\"")
            if re.fullmatch(r"--?[a-z][\w-]*", option):
                assert option in known, f"{page.name}: {line}"


def test_the_documents_are_read() -> None:
    assert sum(map(len, WRITTEN.values())) > 60
