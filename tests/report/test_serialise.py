"""The JSON form: round trip, schema, stable bytes."""

import json
from pathlib import Path

import jsonschema
import pytest

from epilepsy_pgx.report.serialise import report_from_json, report_to_json, schema
from tests.report.examples import NAMES, example_reports

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("compact", [True, False])
def test_round_trip(name, compact):
    report = example_reports()[name]
    text = report_to_json(report, compact=compact)
    assert text.endswith("}\n")
    assert report_from_json(text) == report
    assert report_to_json(report_from_json(text), compact=compact) == text


def test_published_schema_is_that_of_the_types():
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("name", NAMES)
def test_reports_follow_the_published_schema(name):
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    data = json.loads(report_to_json(example_reports()[name]))
    jsonschema.Draft202012Validator(published).validate(data)


def test_schema_finds_a_wrong_word():
    data = json.loads(report_to_json(example_reports()["EX07"]))
    data["interpretation"]["drugs"][0]["tier"] = "shout"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json.loads(json.dumps(schema()))).validate(data)


def test_half_a_report_is_refused():
    text = report_to_json(example_reports()["EX07"])
    with pytest.raises(ValueError, match="truncated"):
        report_from_json(text[: len(text) // 2])
