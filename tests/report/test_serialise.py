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


def fields_of(value, place=()):
    """Yield the place of every field of a report's JSON, one of each kind."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in pairs:
        if isinstance(value, dict):
            yield (*place, name)
        if isinstance(inner, (dict, list)):
            yield from fields_of(inner, (*place, name))


def kinds_of(data):
    """Return a place of each kind of field, by its names without the positions in lists."""
    return {tuple(n for n in p if isinstance(n, str)): p for p in fields_of(data)}


def shortened(value, seen, names=()):
    """Return a report's JSON without those items of lists that have no new kind of field."""
    if isinstance(value, dict):
        seen.update((*names, name) for name in value)
        return {name: shortened(inner, seen, (*names, name)) for name, inner in value.items()}
    if not isinstance(value, list):
        return value
    kept = []
    for item in value:
        before = len(seen)
        short = shortened(item, seen, names)
        if len(seen) > before or not isinstance(item, dict):
            kept.append(short)
    return kept


def test_a_report_without_one_of_its_fields_is_refused():
    """What was cut out would else read as something that nobody said, such as no action."""
    long = json.loads(report_to_json(example_reports()["EX05"]))
    whole = json.dumps(shortened(long, set()))
    kinds = kinds_of(json.loads(whole))
    assert len(kinds) > 100
    assert set(kinds) == set(kinds_of(long))
    for place in kinds.values():
        data = json.loads(whole)
        inner = data
        for name in place[:-1]:
            inner = inner[name]
        del inner[place[-1]]
        with pytest.raises(ValueError, match=f"without|missing required field `{place[-1]}`"):
            report_from_json(json.dumps(data))


@pytest.mark.parametrize("depth", [300, 1000, 20_000])
@pytest.mark.parametrize("field", ["limits", "of_no_report"])
def test_messages_nested_too_deep_are_refused(depth, field):
    data = json.loads(report_to_json(example_reports()["EX07"]))
    data[field] = "HERE"
    value = '{"name":"x","items":[],"kind":"plain","join":"comma","messages":'
    opening = '[{"text_id":"limit-callability","text":"","values":[' + value
    deep = opening * depth + "[]" + "}]}]" * depth
    with pytest.raises(ValueError, match="nested deeper"):
        report_from_json(json.dumps(data).replace('"HERE"', deep))


def test_another_form_is_refused_in_one_line():
    with pytest.raises(ValueError, match="a report of form 9 x, where") as caught:
        report_from_json('{"schema_version": "9\\nx"}')
    assert "\n" not in str(caught.value)
