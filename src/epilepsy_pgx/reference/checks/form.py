"""Checks of form: does each file say what its description promises?"""

import codecs
import re
from collections.abc import Callable, Iterator

from epilepsy_pgx.errors import Problem
from epilepsy_pgx.reference.checks.registry import Found, Package, check
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.reference.schema import Column, ItemRule, to_decimal

FREE_TABLES = frozenset({"CHANGES"})
"""Tables kept in the order of writing."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]")

Each = Callable[[Package, str, Row, Column, str], Found]


def _always(column: Column) -> bool:
    return True


def _each_value(
    package: Package, test: Each, concerns: Callable[[Column], bool] = _always
) -> Found:
    """Test each value of the columns that a test concerns."""
    for name, schema in package.schemas.items():
        if name not in package.tables:
            continue
        columns = package.tables[name].columns
        present = [c for c in schema.columns if c.name in columns and concerns(c)]
        if not present:
            continue
        for row in package.tables[name]:
            for column in present:
                value = row[column.name]
                if value is not None:
                    yield from test(package, name, row, column, value)


@check("file-text", "Tables are UTF-8 text with Unix line ends and no stray control characters.")
def check_text(package: Package) -> Found:
    """Look at the bytes of each table; what the whole file has in common is said once."""
    for path in sorted(package.path.glob("*.tsv")):
        for line, found, expected, fix in _faults_of_text(path.read_bytes()):
            yield Problem(package.file(path.stem), line, ".", "file-text", found, expected, fix)


def _faults_of_text(data: bytes) -> Iterator[tuple[int, str, str, str]]:
    """Yield (line, found, expected, fix)."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield 1, "UTF-16 text", "UTF-8 text", "Save the file as UTF-8."
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        yield line, f"byte {data[error.start]:#04x}", "UTF-8 text", "Save the file as UTF-8."
        return
    if text.startswith("\ufeff"):
        yield 1, "a byte order mark", "UTF-8 without one", "Save as UTF-8 without BOM."
        text = text[1:]
    if ends := text.count("\r"):
        first = text[: text.index("\r")].count("\n") + 1
        yield first, f"{ends} line ends of Windows", "LF at line ends", "Save with Unix line ends."
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines.pop() != "":
        yield (
            len(lines) + 1,
            "no line end at the end",
            "a last line that ends",
            "End the last line.",
        )
        lines.append("")
    for number, line_text in enumerate(lines, 1):
        if _CONTROL.search(line_text):
            yield number, "a control character", "plain text", "Remove the character."
        elif line_text == "" and number <= text.count("\n"):
            yield number, "an empty line", "a row", "Remove the line."


@check("value-quoted", "No value stands in the quotation marks that a spreadsheet puts around it.")
def check_quoted(package: Package) -> Found:
    """Look for cells in quotation marks, and for doubled ones: both would be printed."""
    for name, column, cell in package.all_cells(every=True):
        wrapped = len(cell.text) > 1 and cell.text[0] == cell.text[-1] == '"'
        if wrapped or '""' in cell.text:
            yield Problem(
                package.file(name),
                cell.line,
                column,
                "value-quoted",
                cell.text if len(cell.text) <= 60 else f"{cell.text[:57]}...",
                "a value without quotation marks around it",
                "Save as plain tab-separated text, or remove the marks.",
            )


@check("table-described", "Each table has a schema and each schema has a table.")
def check_described(package: Package) -> Found:
    """Compare the tables with the schema files, both ways."""
    files = {p.stem for p in package.path.glob("*.tsv")}
    described = {p.stem for p in (package.path / "schemas").glob("*.json")}
    for name in sorted(files - described):
        yield Problem(
            package.file(name),
            0,
            ".",
            "table-described",
            "no schema",
            f"schemas/{name}.json",
            "Describe each column of the table.",
        )
    for name in sorted(described - files):
        yield Problem(
            f"{package.shown}/schemas/{name}.json",
            0,
            ".",
            "table-described",
            "a schema without a table",
            f"{name}.tsv",
            "Add the table or remove the schema.",
        )


@check("header", "The header names the columns of the schema, in its order.")
def check_header(package: Package) -> Found:
    """Compare header lines with schemas."""
    for name, schema in package.schemas.items():
        if name not in package.tables:
            continue
        found = package.tables[name].columns
        if found != schema.names:
            extra = sorted(set(found) - set(schema.names))
            lacking = sorted(set(schema.names) - set(found))
            what = (
                "; ".join(
                    part
                    for part in (
                        f"unknown {', '.join(extra)}" if extra else "",
                        f"no {', '.join(lacking)}" if lacking else "",
                    )
                    if part
                )
                or "another order"
            )
            yield Problem(
                package.file(name),
                1,
                ".",
                "header",
                what,
                " ".join(schema.names),
                "Give the table the columns of its schema.",
            )


@check("required-value", "Required columns hold a value in each row.")
def check_required(package: Package) -> Found:
    """Look for `.` where a value is required."""
    for name, schema in package.schemas.items():
        needed = [c.name for c in schema.columns if c.required]
        for row in package.tables[name] if name in package.tables else ():
            for column in needed:
                if column in row and not row[column]:
                    yield package.problem(
                        "required-value",
                        name,
                        row,
                        column,
                        None,
                        "a value",
                        "Fill in the value or remove the row.",
                    )


@check("value-empty", "A missing value is written `.`, and no value has blanks around it.")
def check_blank(package: Package) -> Found:
    """Look for empty cells and stray blanks, in described and other tables alike."""
    for name, table in package.tables.items():
        for row in table:
            for column, value in row.items():
                if value is not None and value != value.strip() or value == "":
                    yield package.problem(
                        "value-empty",
                        name,
                        row,
                        column,
                        repr(value),
                        "'.' or a value without blanks around it",
                        "Write '.' for a missing value.",
                    )


@check("value-type", "Values have the type of their column.")
def check_type(package: Package) -> Found:
    """Test integers, numbers, booleans and dates, and their bounds."""

    def test(package: Package, name: str, row: Row, column: Column, value: str) -> Found:
        for part in column.parts(value):
            if not column.has_type(part):
                yield package.problem(
                    "value-type",
                    name,
                    row,
                    column.name,
                    part,
                    f"a value of type {column.type}",
                    "Correct the value.",
                )
            elif column.minimum is not None or column.maximum is not None:
                number = to_decimal(part)
                low, high = column.minimum, column.maximum
                if number is not None and (
                    (low is not None and number < low) or (high is not None and number > high)
                ):
                    yield package.problem(
                        "value-type",
                        name,
                        row,
                        column.name,
                        part,
                        f"{'' if low is None else low} to {'' if high is None else high}",
                        "Correct the value.",
                    )

    yield from _each_value(package, test)


def _by_rule(
    check_id: str,
    expected: Callable[[ItemRule], str],
    breaks: Callable[[ItemRule, str], bool],
    fix: str,
) -> Each:
    def test(package: Package, name: str, row: Row, column: Column, value: str) -> Found:
        if breaks(column.rule, value):
            yield package.problem(
                check_id, name, row, column.name, value, expected(column.rule), fix
            )
        for part in column.parts(value) if column.delimiter else ():
            if breaks(column.items, part):
                yield package.problem(
                    check_id, name, row, column.name, part, expected(column.items), fix
                )

    return test


@check("value-pattern", "Values have the form their column asks for.")
def check_pattern(package: Package) -> Found:
    """Match cells, or the parts of lists, with the schema's patterns."""
    yield from _each_value(
        package,
        _by_rule(
            "value-pattern",
            lambda r: f"the form {r.pattern.pattern[3:-3]}" if r.pattern else ".",
            lambda r, v: r.pattern is not None and r.pattern.match(v) is None,
            "Correct the value.",
        ),
        lambda c: c.rule.pattern is not None or c.items.pattern is not None,
    )


@check("value-vocabulary", "Values are words of their column's closed list.")
def check_vocabulary(package: Package) -> Found:
    """Compare cells, or the parts of lists, with the schema's word lists."""
    yield from _each_value(
        package,
        _by_rule(
            "value-vocabulary",
            lambda r: "one of: " + ", ".join(sorted(r.enum or ())),
            lambda r, v: r.enum is not None and v not in r.enum,
            "Use a listed word; a new word belongs into the schema first.",
        ),
        lambda c: c.rule.enum is not None or c.items.enum is not None,
    )


@check("list-form", "The parts of a list are not empty and not repeated.")
def check_list(package: Package) -> Found:
    """Look at cells that hold lists."""

    def test(package: Package, name: str, row: Row, column: Column, value: str) -> Found:
        parts = column.parts(value) if column.delimiter else ()
        fixed_order = column.type in ("integer", "number")
        blank = any(not p.strip() or p != p.strip() for p in parts)
        if blank or (len(set(parts)) < len(parts) and not fixed_order):
            yield package.problem(
                "list-form",
                name,
                row,
                column.name,
                value,
                f"different values joined by '{column.delimiter}'",
                "Remove empty and repeated parts.",
            )

    yield from _each_value(package, test, lambda c: bool(c.delimiter))


@check("primary-key", "No two rows of a table share their key.")
def check_primary_key(package: Package) -> Found:
    """Look for rows with the same key or the same value of a unique column."""
    for name, schema in package.schemas.items():
        if name not in package.tables or set(schema.names) - package.columns(name):
            continue
        keys = [schema.primary_key, *((c.name,) for c in schema.columns if c.unique)]
        for key in keys:
            first: dict[tuple[str | None, ...], int] = {}
            for row in package.tables[name]:
                value = tuple(row[c] for c in key)
                if len(key) == 1 and value[0] is None:
                    continue
                if value in first:
                    shown = " ".join(v or "." for v in value)
                    yield package.problem(
                        "primary-key",
                        name,
                        row,
                        " ".join(key),
                        shown,
                        f"a key of its own (line {first[value]} has it)",
                        "Join or remove one of the rows.",
                    )
                first.setdefault(value, row.line)


@check("foreign-key", "A value that points to another table finds its row there.")
def check_foreign_key(package: Package) -> Found:
    """Follow every foreign key."""
    for name, schema in package.schemas.items():
        if name not in package.tables:
            continue
        delimiters = {c.name: c.delimiter for c in schema.columns}
        for key in schema.foreign_keys:
            table = key.table or name
            if set(key.fields) - package.columns(name):
                continue
            if set(key.target) - package.columns(table):
                yield package.problem(
                    "foreign-key",
                    name,
                    None,
                    " ".join(key.fields),
                    f"{table}: {' '.join(key.target)}",
                    "columns that exist",
                    "Correct the schema or add the table.",
                )
                continue
            known = {tuple(r[c] for c in key.target) for r in package.tables[table]}
            for row in package.tables[name]:
                values = tuple(row[c] for c in key.fields)
                if None in values:
                    continue
                delimiter = delimiters[key.fields[0]] if len(values) == 1 else None
                wanted = (
                    [(part,) for part in (values[0] or "").split(delimiter)]
                    if delimiter
                    else [values]
                )
                for value in wanted:
                    if value not in known:
                        yield package.problem(
                            "foreign-key",
                            name,
                            row,
                            " ".join(key.fields),
                            " ".join(v or "." for v in value),
                            f"a row of {table}.tsv",
                            f"Add the row to {table}.tsv or correct the value.",
                        )


def natural(value: str | None) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which `*2` stands before `*10` and a missing value first."""
    parts = re.split(r"(\d+)", value or "")
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts if p)


@check("sorted", "Rows are in the order of their key.")
def check_sorted(package: Package) -> Found:
    """Look for the first row that stands too late; plain and numeric order are both right."""
    for name, schema in package.schemas.items():
        usable = name in package.tables and name not in FREE_TABLES
        if not usable or set(schema.primary_key) - package.columns(name):
            continue
        rows = package.tables[name].rows
        plain = [tuple(r[c] or "." for c in schema.primary_key) for r in rows]
        numeric = [tuple(natural(v) for v in key) for key in plain]
        faults = (
            next((i for i in range(1, len(rows)) if plain[i - 1] > plain[i]), 0),
            next((i for i in range(1, len(rows)) if numeric[i - 1] > numeric[i]), 0),
        )
        if all(faults):
            at = max(faults)
            yield package.problem(
                "sorted",
                name,
                rows[at],
                " ".join(schema.primary_key),
                " ".join(plain[at]),
                f"it before {' '.join(plain[at - 1])}",
                "Sort the rows by their key.",
            )
