"""The form has every column of the sheet, and each thing that may be said of a drug."""

import pytest

from epilepsy_pgx.clinical_entry import COLUMNS
from epilepsy_pgx.intake.cells import words_of
from epilepsy_pgx.reference.rows import Drug, OntologyTerm
from epilepsy_pgx.report.entryform.schema import HEADINGS, KEYS, LISTS, form_schema


@pytest.fixture(scope="module", params=["en", "es"])
def schema(request, reference):
    return form_schema(reference, request.param)


def fields(schema):
    return {f["name"]: f for group in schema["groups"] for f in group["fields"]}


def test_every_column_is_on_the_form(schema):
    assert set(fields(schema)) == {column.name for column in COLUMNS}
    assert set(KEYS) == set(LISTS)


def test_every_group_has_a_title(schema):
    assert {column.heading for column in COLUMNS} == set(HEADINGS)


def test_every_key_of_a_drug_is_on_the_form(schema):
    for name, keys in KEYS.items():
        assert [key["name"] for key in fields(schema)[name]["keys"]] == list(keys)


def test_the_words_are_those_of_the_tables(schema, reference):
    for column in COLUMNS:
        options = fields(schema)[column.name].get("options")
        if column.table:
            known = words_of(reference, column.table, column.name)
            assert {o["word"]: o["alone"] for o in options} == known
        elif column.choices:
            assert [o["word"] for o in options] == [word for word, _ in column.choices]


def test_every_title_and_word_is_translated(reference):
    english, spanish = (fields(form_schema(reference, language)) for language in ("en", "es"))
    same = [n for n, f in english.items() if f["title"] == spanish[n]["title"]]
    assert not same
    for name, field in english.items():
        if field["kind"] in ("word", "choice"):
            labels = [o["label"] for o in field["options"]]
            assert labels != [o["label"] for o in spanish[name]["options"]], name


def test_a_term_that_is_written_says_just_what_was_entered(schema, reference):
    terms = {row.term: row for row in reference.rows(OntologyTerm)}
    written = 0
    for field in fields(schema).values():
        for option in field.get("options", ()):
            for code, label in filter(None, (option.get("feature"), option.get("disease"))):
                assert terms[code].words == (option["word"],)
                assert terms[code].label == label
                written += 1
    assert written > 50


def test_a_drug_with_several_codes_is_written_without_one(schema, reference):
    single = {row.drug: row.atc[0] for row in reference.rows(Drug) if len(row.atc) == 1}
    assert schema["drugs"]["atc"] == single
