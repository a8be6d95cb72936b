"""A kept record is read back as it was written, or not at all."""

import json
from pathlib import Path

import msgspec
import pytest

from epilepsy_pgx.records import (
    DamagedRecordError,
    file_digest,
    read_record,
    record_text,
    text_digest,
)


class Kept(msgspec.Struct, frozen=True):
    name: str
    count: int = 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.json"


def test_a_record_comes_back(path: Path) -> None:
    text = record_text(Kept("a", 2))
    path.write_text(text, encoding="ascii")
    assert read_record(path, Kept) == read_record(path, Kept, text_digest(text)) == Kept("a", 2)
    assert file_digest(path) == text_digest(text)


def test_one_record_has_one_text() -> None:
    assert record_text(Kept("é", 1)) == '{"count": 1, "name": "\\u00e9"}\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"name": "a"',
        "[]",
        '{"count": 1}',
        '{"name": 1, "count": 1}',
        '{"name": "a", "count": "1"}',
        '{"name": "a"}',
        '{"name": "a", "count": 1, "more": 2}',
    ],
)
def test_anything_else_is_damaged(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")
    with pytest.raises(DamagedRecordError):
        read_record(path, Kept)


def test_a_file_that_is_gone_is_damaged(path: Path) -> None:
    with pytest.raises(DamagedRecordError):
        read_record(path, Kept)


def test_another_value_of_the_right_type_is_found_by_the_digest(path: Path) -> None:
    digest = text_digest(record_text(Kept("a", 2)))
    path.write_text(record_text(Kept("a", 3)), encoding="ascii")
    with pytest.raises(DamagedRecordError):
        read_record(path, Kept, digest)


def test_fields_of_others_pass_only_where_that_is_asked(path: Path) -> None:
    path.write_text(json.dumps({"name": "a", "count": 1, "more": 2}), encoding="ascii")
    assert read_record(path, Kept, in_part=True) == Kept("a", 1)
