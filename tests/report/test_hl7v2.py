"""The message is one of version 2.5.1, and says what the report says, once."""

import base64
from dataclasses import replace

import pytest

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.report.authorise import authorise_report
from epilepsy_pgx.report.formats import FORMATS
from epilepsy_pgx.report.hl7v2 import MOST_PDF, escape, report_to_hl7, time_of
from tests.ledger.bench import example, tables

hl7 = pytest.importorskip("hl7", reason="hl7 is not installed")
pytest.importorskip("hl7apy", reason="hl7apy is not installed")

NAMES = [f"EX{n:02}" for n in range(1, 12)]


def made(report, pdf=b""):
    return report_to_hl7(report, tables(), pdf)


def parsed(data):
    return hl7.parse(data.decode())


def observations(data, code=None):
    rows = parsed(data).segments("OBX")
    return [r for r in rows if code is None or str(r[3][0][0]) == code]


def is_valid(data):
    from hl7apy.parser import parse_message

    message = parse_message(data.decode(), find_groups=True)
    assert message.version == "2.5.1"
    return message.validate()


@pytest.mark.parametrize("name", ["EX01", "EX05"])
def test_a_message_is_valid_with_and_without_pages(name):
    for pdf in (b"", b"%PDF-1.7 pages"):
        assert is_valid(made(example(name), pdf))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_example_is_valid(name):
    assert is_valid(made(example(name)))


@pytest.mark.parametrize("name", NAMES)
def test_each_thing_that_is_said_is_an_observation(name):
    report = example(name)
    data = made(report)
    rows = observations(data)
    assert [str(r[1]) for r in rows] == [str(n + 1) for n in range(len(rows))]
    codes = {str(r[3][0][0]) for r in rows}
    asked = {
        s.statement_id
        for d in report.interpretation.drugs
        for s in d.statements
        if s.tier in ("act", "consider")
    }
    assert {escape(i) for i in asked} <= codes
    flags = [str(r[8]) for r in rows if str(r[8])]
    assert flags == sorted(flags, key=["AA", "A"].index)
    assert ("AA" in flags) == bool(report.interpretation.urgent)
    assert made(report) == data


def test_status_follows_the_table_of_states():
    report = example()
    draft = parsed(made(report))
    assert (str(draft.segment("OBR")[25]), str(draft.segment("OBX")[11])) == ("R", "R")
    final = authorise_report(report, "Dr R. Release", "geneticist", "2026-11-23")
    data = made(final)
    assert str(parsed(data).segment("OBR")[25]) == "F"
    assert {str(r[11]) for r in observations(data)} == {"F"}
    is_final = FORMATS["hl7"].is_final
    assert (is_final(data), is_final(made(report))) == (True, False)
    stopped = replace(report, not_reportable=report.limits[:1], status="not reportable")
    rows = observations(made(stopped))
    assert {str(r[11]) for r in rows} == {"X"}
    assert {str(r[3][0][0]) for r in rows} == {"conclusion"}


def test_pages_are_carried_whole_and_have_a_limit():
    pages = bytes(range(256)) * 40
    (row,) = observations(made(example(), pages), "PDF")
    value = row[5][0]
    assert [str(c[0]) for c in value[1:4]] == ["AP", "PDF", "Base64"]
    assert base64.b64decode(str(value[4][0])) == pages
    with pytest.raises(ConfigError, match="at most 10 MB"):
        made(example(), b"x" * (MOST_PDF + 1))


def test_separators_in_a_text_stay_text():
    odd = "a|b^c&d~e\\f\rMSH|x"
    patient = replace(example().patient, name=odd, record_number="7|8", requester="W^x")
    message = parsed(made(replace(example(), patient=patient)))
    assert len(message.segments("MSH")) == 1
    name = message.unescape(str(message.segment("PID")[5]))
    assert name == "a|b^c&d~e\\f MSH|x"
    assert message.unescape(str(message.segment("PID")[3][0][0])) == "7|8"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23", "20261123"),
        ("2026-11-23T09:00:00+00:00", "20261123090000+0000"),
        ("2026-11-23T09:00:00Z", "20261123090000"),
        ("soon", ""),
        (None, ""),
    ],
)
def test_times_are_written_as_version_2_has_them(text, expected):
    assert time_of(text) == expected
