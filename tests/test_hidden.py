"""No text that was entered turns the direction of what stands beside it."""

import logging
from dataclasses import replace

import click
import pytest
from click.testing import CliRunner

from epilepsy_pgx.cli import commands
from epilepsy_pgx.cli.ledgersettings import act
from epilepsy_pgx.cli.logs import set_up_log
from epilepsy_pgx.errors import Problem
from epilepsy_pgx.report.parts import JsonParts
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.tables import cell
from epilepsy_pgx.report.write import render_report
from epilepsy_pgx.statement import Message, Value
from tests.ledger.bench import example, tables

TURNS = [
    *map(chr, (0x1B, 0x7F, 0x9B, 0x061C, 0x200E, 0x200F)),
    *map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
]


def turned():
    text = "200 mg " + " ".join(TURNS) + " daily"
    report = example()
    return replace(
        report,
        patient=replace(report.patient, name=text, requester=text, specimen=text),
        warnings=(Message("not-considered-entered", (Value("word", (text,)),)),),
    )


@pytest.mark.parametrize("form", ["html", "tsv", "pdf", "json", "fhir", "hl7"])
def test_none_reaches_a_page_or_message(form, tmp_path):
    if form == "pdf":
        pytest.importorskip("typst", reason="needs the extra pdf")
        from tests.report.test_pdf import pages_of

        text = "".join(pages_of(render_report(turned(), form, tables()), tmp_path))
    else:
        text = render_report(turned(), form, tables()).decode()
    assert not [t for t in TURNS if t in text or f"\\{ord(t):x} " in text]
    if form == "json":
        assert "\\u202e" in text
        assert report_from_json(text) == replace(turned(), content=report_from_json(text).content)
    elif form not in ("tsv",):
        assert "[U+202E]" in text
    # As a draft of a run is written, part by part.
    parts = JsonParts(None).render(turned()).decode() if form == "json" else ""
    assert not [t for t in TURNS if t in parts]


def test_none_is_entered_with_a_name():
    given = act("Ada \u202ezyx", "Head\x1b[31m", "2026-11-23", "typed \u2066anew")
    assert not [t for t in TURNS if t in given.name + given.role + given.reason]


HOSTILE = "EX01\u202egm\x1b[31m\u2066\u200f\nEX02: all well"


def commands_of(group, above=()):
    """Yield every command, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands_of(found, (*above, name))
        else:
            yield (*above, name), found


# What 'workflow' is given goes to Snakemake; 'validate' works for minutes whatever it is given.
COMMANDS = {w: c for w, c in commands_of(commands) if w[0] not in ("workflow", "validate")}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_line_on_an_error_turns_or_forges_anything(words, tmp_path, monkeypatch):
    """Whether an argument, an option or its name came with such letters."""
    monkeypatch.chdir(tmp_path)
    options = [
        max(p.opts, key=len)
        for p in COMMANDS[words].params
        if isinstance(p, click.Option) and not p.is_flag and not p.count
    ]
    for more in ([], [x for o in options[:2] for x in (o, HOSTILE)], [f"--{HOSTILE}"]):
        done = CliRunner().invoke(commands, [*words, *more, HOSTILE])
        assert not [t for t in TURNS if t in done.stderr], (more, done.stderr)


def test_no_line_of_a_problem_or_of_the_log_turns_or_forges_anything(capsys):
    problem = Problem(HOSTILE, 3, HOSTILE, "check", HOSTILE, HOSTILE, HOSTILE)
    assert "\n" not in str(problem)
    assert not [t for t in TURNS if t in str(problem)]
    set_up_log()
    logging.getLogger("epilepsy_pgx.x").warning("%s", problem)
    logging.getLogger("epilepsy_pgx.x").warning("%s", HOSTILE)
    said = capsys.readouterr().err
    assert "[U+202E]" in said
    assert not [t for t in TURNS if t in said]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('"=1+1"', '\'"=1+1"'),
        ("'=1+1", "''=1+1"),
        ('""@SUM(A1)', '\'""@SUM(A1)'),
        ("-12.5", "-12.5"),
        ("c.-1A>G", "c.-1A>G"),
        ("'quoted'", "'quoted'"),
        ("\u202e=1", "[U+202E]=1"),
    ],
)
def test_a_cell_runs_nothing_and_turns_nothing(text, written):
    assert cell(text) == written
