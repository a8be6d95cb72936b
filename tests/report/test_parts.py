"""Parts that patients share: the same bytes as of each patient alone."""

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.parts import JsonParts, PartsReader, SharedParts
from epilepsy_pgx.report.said import Filler
from epilepsy_pgx.report.serialise import report_from_json, report_to_json
from epilepsy_pgx.report.tables import PatientTables
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.tsv import line
from tests.report.examples import NAMES, example_reports


@pytest.fixture(scope="module")
def shared() -> dict[str, PatientReport]:
    """Return the examples, read anew, with the parts that they share."""
    parts = SharedParts()
    read = {name: report_from_json(report_to_json(r)) for name, r in example_reports().items()}
    return {name: parts.report(report) for name, report in read.items()}


@pytest.mark.parametrize("language", ["en", "es"])
def test_json_of_parts_is_json_of_the_whole(shared, language):
    wording = Wording(load_reference(), language)
    parts, filler = JsonParts(Filler(wording)), Filler(wording)
    # Twice, so that what was kept of the first time is used.
    for name in (*NAMES, *NAMES):
        whole = report_to_json(filler.report(example_reports()[name])).encode()
        assert parts.render(shared[name]) == whole, name


@pytest.mark.parametrize("compact", [True, False])
def test_json_without_words_too(shared, compact):
    parts = JsonParts(None)
    for name in (*NAMES, *NAMES):
        whole = report_to_json(example_reports()[name], compact=compact).encode()
        assert parts.render(shared[name], compact=compact) == whole, name


def test_empty_and_missing_parts_are_written_like_in_the_whole(shared):
    report = shared[NAMES[0]]
    said = replace(report.interpretation, drugs=(), urgent=())
    bare = replace(report, genes=(), coverage=(), citations=(), quality=None, interpretation=said)
    for compact in (True, False):
        whole = report_to_json(bare, compact=compact).encode()
        assert JsonParts(None).render(bare, compact=compact) == whole


def test_equal_parts_become_one_object_and_nothing_changes(shared):
    ones = {name: {id(d) for d in r.interpretation.drugs} for name, r in shared.items()}
    first, *others = ones.values()
    assert any(first & other for other in others)
    for name, report in shared.items():
        assert report == example_reports()[name]
        again = SharedParts().report(report)
        assert all(getattr(again, f.name) == getattr(report, f.name) for f in fields(again))


def test_equal_lists_become_one_object_and_a_part_more_makes_another(shared):
    report = next(r for r in shared.values() if len(r.genes) > 1)
    parts = SharedParts()
    one, again = (parts.report(replace(report, genes=tuple([*report.genes]))) for _ in range(2))
    assert one.genes is again.genes
    fewer = parts.report(replace(report, genes=report.genes[:-1]))
    assert fewer.genes == report.genes[:-1]
    assert parts.report(replace(report, genes=())).genes == ()
    assert parts.report(report).genes is one.genes


def test_numbers_that_are_equal_and_written_otherwise_stay_apart(shared):
    report = next(r for r in shared.values() if r.genes)
    one, two = (
        replace(report, genes=(replace(report.genes[0], activity_scores=(Decimal(x),)),))
        for x in ("1.0", "1.00")
    )
    assert one.genes == two.genes
    parts = SharedParts()
    told = [str(parts.report(r).genes[0].activity_scores[0]) for r in (one, two)]
    assert told == ["1.0", "1.00"]


def test_rows_of_tables_are_those_of_each_patient_alone(shared):
    texts = Wording(load_reference())
    kept = PatientTables(texts)
    for name in (*NAMES, *NAMES):
        for table in ("genes", "variants", "drugs", "quality"):
            alone = PatientTables(texts).rows(table, example_reports()[name])
            alone = list(alone)
            assert list(kept.rows(table, shared[name])) == alone, (name, table)
            assert kept.lines(table, shared[name]) == "".join(map(line, alone)), (name, table)


def packed(name: str) -> bytes:
    return report_to_json(example_reports()[name], compact=True).encode()


def test_lines_are_read_like_reports_alone_and_share_what_is_alike():
    reader = PartsReader()
    first = [reader.read(packed(name)) for name in NAMES]
    for name, report in zip(NAMES, first, strict=True):
        alone = report_from_json(packed(name))
        assert report == alone
        assert report.content == alone.content
        again = reader.read(packed(name))
        assert all(x is y for x, y in zip(report.genes, again.genes, strict=True))
        assert again.interpretation.drugs[0] is report.interpretation.drugs[0]
        assert again == report
    drugs = [{id(d) for d in r.interpretation.drugs} for r in first]
    assert any(drugs[0] & other for other in drugs[1:])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"tier":"act"', b'"tier":"none"'),
        (b'"sample_id":"EX01"', b'"sample_id":"EX02"'),
        (b'"schema_version":"2.1"', b'"schema_version":"1.0"'),
        (b'"genes":[', b'"gones":['),
        (b'"interpretation":{', b'"interpretation":[{'),
        (b'"tier":"act"', b'"tier":"acts"'),
    ],
)
def test_a_line_that_was_changed_is_not_read(before, after):
    line = packed("EX01")
    assert before in line
    reader = PartsReader()
    reader.read(line)
    with pytest.raises(ValueError):  # noqa: PT011
        reader.read(line.replace(before, after, 1))


def test_numbers_that_are_written_otherwise_are_read_apart(shared):
    report = next(r for r in shared.values() if r.genes)
    reader = PartsReader()
    for text in ("1.0", "1.00"):
        one = replace(report, genes=(replace(report.genes[0], activity_scores=(Decimal(text),)),))
        read = reader.read(report_to_json(one, compact=True).encode())
        assert str(read.genes[0].activity_scores[0]) == text
