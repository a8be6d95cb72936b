"""No text that was entered turns the direction of what stands beside it."""

from dataclasses import replace

import pytest

from epilepsy_pgx.report.tables import cell
from epilepsy_pgx.report.write import render_report
from epilepsy_pgx.statement import Message, Value
from tests.ledger.bench import example, tables

TURNS = [chr(n) for n in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


def turned():
    text = "200 mg " + "".join(TURNS) + " daily"
    report = example()
    return replace(
        report,
        patient=replace(report.patient, name=text, requester=text, specimen=text),
        warnings=(Message("not-considered-entered", (Value("word", (text,)),)),),
    )


@pytest.mark.parametrize("form", ["html", "tsv", "pdf"])
def test_none_reaches_a_page(form, tmp_path):
    if form == "pdf":
        pytest.importorskip("typst", reason="needs the extra pdf")
        from tests.report.test_pdf import pages_of

        text = "".join(pages_of(render_report(turned(), form, tables()), tmp_path))
    else:
        text = render_report(turned(), form, tables()).decode()
    assert not [t for t in TURNS if t in text or f"\\{ord(t):x} " in text]
    assert form == "tsv" or "[U+202E]" in text


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
