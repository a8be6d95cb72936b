"""Descriptions of the curated tables, read from `reference/schemas/<table>.json`.

The files are Table Schemas of the Data Package standard (https://datapackage.org/standard/
table-schema/) with three additions that other tools ignore: `listDelimiter` on a field whose
cells are lists, `items` for what holds of each part of such a cell (`pattern`, `enum`,
`foreignKey`), and `title` and `description` of the table itself.
"""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Required, TypedDict

import msgspec

from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.frozen import dataclass


class _Key(TypedDict):
    fields: str | list[str]
    reference: "_Reference"


class _Reference(TypedDict, total=False):
    resource: str
    fields: Required[str | list[str]]


class _Items(TypedDict, total=False):
    pattern: str
    enum: list[Any]
    foreignKey: _Reference


class _Constraints(TypedDict, total=False):
    required: bool
    unique: bool
    pattern: str
    enum: list[Any]
    minimum: int | float
    maximum: int | float


class _Field(TypedDict, total=False):
    name: Required[str]
    title: str
    type: str
    description: str
    constraints: _Constraints
    listDelimiter: str
    items: _Items
    example: Any


class _Shape(TypedDict, total=False):
    """Which value a schema file holds at each place; what is unknown is refused apart from it."""

    title: str
    description: str
    fields: Required[list[_Field]]
    primaryKey: str | list[str]
    foreignKeys: list[_Key]
    missingValues: list[str]


SCHEMA_KEYS = frozenset(
    {"title", "description", "fields", "primaryKey", "foreignKeys", "missingValues"}
)
FIELD_KEYS = frozenset(
    {"name", "title", "type", "description", "constraints", "listDelimiter", "items", "example"}
)
CONSTRAINT_KEYS = frozenset({"required", "unique", "pattern", "enum", "minimum", "maximum"})
ITEM_KEYS = frozenset({"pattern", "enum", "foreignKey"})
TYPES = frozenset({"string", "integer", "number", "boolean", "date"})

_INTEGER = re.compile(r"[+-]?\d+\Z")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values must be those of a row of another table."""

    fields: tuple[str, ...]
    table: str
    """Name of the other table; empty for the same table."""
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemRule:
    """What holds of each part of a list, or of the value of a plain column."""

    pattern: "re.Pattern[str] | None" = None
    enum: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a curated table."""

    name: str
    type: str
    """`string`, `integer`, `number`, `boolean` (`yes`, `no`) or `date` (ISO)."""
    description: str
    required: bool
    unique: bool
    rule: ItemRule
    """Holds of the whole cell."""
    items: ItemRule
    """Holds of each part of a list."""
    delimiter: str | None
    """Separator of a list; None for a plain value."""
    minimum: Decimal | None
    maximum: Decimal | None

    def parts(self, value: str) -> tuple[str, ...]:
        """Split a cell into its values."""
        return tuple(value.split(self.delimiter)) if self.delimiter else (value,)

    def has_type(self, value: str) -> bool:
        """Say whether one value has the type of the column."""
        if self.type == "integer":
            return _INTEGER.match(value) is not None
        if self.type == "number":
            return to_decimal(value) is not None
        if self.type == "boolean":
            return value in ("yes", "no")
        if self.type == "date":
            return _DATE.match(value) is not None
        return True


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The description of one curated table."""

    table: str
    title: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    raw: Mapping[str, Any]
    """The file as it stands."""

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)


def to_decimal(value: str) -> Decimal | None:
    """Return a finite decimal number, or None if the text is none."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _as_tuple(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _item_rule(raw: Mapping[str, Any]) -> ItemRule:
    pattern = raw.get("pattern")
    enum = raw.get("enum")
    return ItemRule(
        re.compile(rf"(?:{pattern})\Z") if pattern else None,
        frozenset(str(e) for e in enum) if enum else None,
    )


def _foreign_key(fields: Any, reference: Mapping[str, Any]) -> ForeignKey:
    return ForeignKey(
        _as_tuple(fields), str(reference.get("resource", "")), _as_tuple(reference["fields"])
    )


def _column(raw: Mapping[str, Any]) -> Column:
    constraints = raw.get("constraints", {})
    low, high = constraints.get("minimum"), constraints.get("maximum")
    return Column(
        name=str(raw["name"]),
        type=str(raw.get("type", "string")),
        description=str(raw.get("description", "")),
        required=bool(constraints.get("required", False)),
        unique=bool(constraints.get("unique", False)),
        rule=_item_rule(constraints),
        items=_item_rule(raw.get("items", {})),
        delimiter=raw.get("listDelimiter"),
        minimum=None if low is None else Decimal(str(low)),
        maximum=None if high is None else Decimal(str(high)),
    )


def _faults(raw: Any) -> list[tuple[str, str, str]]:
    """Return (place, found, expected) for each fault of a schema file."""
    try:
        msgspec.convert(raw, _Shape)
    except msgspec.ValidationError as error:
        return [(".", f"another form ({error})", "a Table Schema with 'fields'")]
    faults: list[tuple[str, str, str]] = []

    def refuse_unknown(place: str, value: Any, known: frozenset[str]) -> None:
        for key in sorted(set(value) - known):
            faults.append((place, f"unknown key '{key}'", " | ".join(sorted(known))))

    refuse_unknown(".", raw, SCHEMA_KEYS)
    for key in ("title", "description"):
        if not raw.get(key):
            faults.append((".", f"no {key}", f"a {key} of the table"))
    names = [f.get("name") for f in raw["fields"]]
    for field in raw["fields"]:
        place = str(field.get("name", "?"))
        refuse_unknown(place, field, FIELD_KEYS)
        refuse_unknown(place, field.get("constraints", {}), CONSTRAINT_KEYS)
        refuse_unknown(place, field.get("items", {}), ITEM_KEYS)
        if not field.get("description"):
            faults.append((place, "no description", "what the column means"))
        if field.get("type") not in TYPES:
            faults.append((place, f"type '{field.get('type')}'", " | ".join(sorted(TYPES))))
        if "items" in field and "listDelimiter" not in field:
            faults.append((place, "items without listDelimiter", "a listDelimiter"))
        for holder in (field.get("constraints", {}), field.get("items", {})):
            try:
                re.compile(holder.get("pattern", ""))
            except re.error as error:
                faults.append((place, f"pattern that is no regular expression ({error})", "."))
    for name in sorted({n for n in names if names.count(n) > 1 and n}):
        faults.append((name, "the name of two columns", "one column of a name"))
    primary = _as_tuple(raw.get("primaryKey"))
    if not primary or set(primary) - set(names):
        faults.append(("primaryKey", " | ".join(primary) or "nothing", "columns of this table"))
    if raw.get("missingValues") != ["."]:
        faults.append(("missingValues", str(raw.get("missingValues")), '["."]'))
    for foreign in raw.get("foreignKeys", []):
        fields = _as_tuple(foreign.get("fields"))
        if set(fields) - set(names) or "reference" not in foreign:
            faults.append(("foreignKeys", " | ".join(fields), "columns of this table"))
    return faults


def read_schema(path: Path) -> TableSchema:
    """Read the description of one table.

    Raises
    ------
    TableError
        If the file is no Table Schema of the form this package uses.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise TableError.one(
            "schema-form",
            file=str(path),
            found=f"a file that is not JSON ({error})",
            expected="a Table Schema",
            fix="Correct the file.",
        ) from None
    faults = _faults(raw)
    if faults:
        raise TableError(
            Problem(str(path), 0, place, "schema-form", found, expected, "Mend the schema file.")
            for place, found, expected in faults
        )
    keys = [_foreign_key(f["fields"], f["reference"]) for f in raw.get("foreignKeys", [])]
    for field in raw["fields"]:
        if "foreignKey" in field.get("items", {}):
            keys.append(_foreign_key(field["name"], field["items"]["foreignKey"]))
    return TableSchema(
        table=path.stem,
        title=raw["title"],
        description=raw["description"],
        columns=tuple(_column(f) for f in raw["fields"]),
        primary_key=_as_tuple(raw["primaryKey"]),
        foreign_keys=tuple(keys),
        raw=raw,
    )


def read_schemas(folder: Path) -> tuple[dict[str, TableSchema], tuple[Problem, ...]]:
    """Read every description of a package, and every problem met on the way."""
    schemas: dict[str, TableSchema] = {}
    problems: list[Problem] = []
    for path in sorted((folder / "schemas").glob("*.json")):
        try:
            schemas[path.stem] = read_schema(path)
        except TableError as error:
            problems += error.problems
    return schemas, tuple(problems)
