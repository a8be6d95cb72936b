"""The package's descriptor and data dictionary, built from the schemas.

`reference/package.json` holds what a person decides (name, version, licence, sources);
`reference/datapackage.json` is built from it, the schemas and the files, in the Data Package
standard (https://datapackage.org), so that other tools can read and verify the tables.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import TableError
from epilepsy_pgx.reference.schema import TableSchema, read_schemas

META = "package.json"
DESCRIPTOR = "datapackage.json"
INSTALLED = "installed.fa"
"""Slices that a user has installed; they are no part of what ships."""
STANDARD_FIELD_KEYS = ("name", "title", "type", "description", "example", "constraints")


def read_meta(package: Path) -> dict[str, Any]:
    """Read what is decided about the package as a whole.

    Raises
    ------
    TableError
        If `package.json` is absent or is not JSON.
    """
    path = package / META
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TableError.one(
            "package-meta",
            file=str(path),
            found=f"no readable file ({error})",
            expected="name, version, licences and sources of the package",
            fix="Restore the file.",
        ) from None
    return dict(found)


def _standard_field(field: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the standard knows; a boolean says which words mean yes and no."""
    kept = {k: field[k] for k in STANDARD_FIELD_KEYS if k in field}
    if "listDelimiter" in field:
        kept["type"] = "string"
        kept["listDelimiter"] = field["listDelimiter"]
    if kept.get("type") == "boolean":
        kept["trueValues"], kept["falseValues"] = ["yes"], ["no"]
    return kept


def _standard_schema(schema: TableSchema) -> dict[str, Any]:
    raw = schema.raw
    built: dict[str, Any] = {"fields": [_standard_field(f) for f in raw["fields"]]}
    built["missingValues"] = ["."]
    built["primaryKey"] = list(schema.primary_key)
    foreign = [
        {
            "fields": list(k.fields),
            "reference": {
                "resource": _resource_name(k.table) if k.table else "",
                "fields": list(k.target),
            },
        }
        for k in schema.foreign_keys
        if not any(c.delimiter for c in schema.columns if c.name in k.fields)
    ]
    if foreign:
        built["foreignKeys"] = foreign
    return built


def _resource_name(table: str) -> str:
    return table.lower()


def build_descriptor(package: Path) -> dict[str, Any]:
    """Build the descriptor of a package as it is on disk.

    The order of keys and resources depends on the files alone, so that the same package always
    gives the same bytes. Tables without a readable schema are listed without one.
    """
    schemas, _ = read_schemas(package)
    resources = []
    for path in sorted(package.glob("*.tsv")):
        data = path.read_bytes()
        schema = schemas.get(path.stem)
        resource: dict[str, Any] = {"name": _resource_name(path.stem), "path": path.name}
        if schema is not None:
            resource["title"] = schema.title
            resource["description"] = schema.description
        resource |= {
            "profile": "tabular-data-resource",
            "scheme": "file",
            "format": "tsv",
            "mediatype": "text/tab-separated-values",
            "encoding": "utf-8",
            "bytes": len(data),
            "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
            "dialect": {"csv": {"delimiter": "\t", "quoting": 3}},
        }
        if schema is not None:
            resource["schema"] = _standard_schema(schema)
        resources.append(resource)
    for path in sorted((package / "sequences").rglob("*.fa")):
        if path.name == INSTALLED:
            continue
        data = path.read_bytes()
        place = path.relative_to(package).as_posix()
        resources.append(
            {
                "name": place.removesuffix(".fa").lower().replace("/", "-"),
                "path": place,
                "format": "fasta",
                "encoding": "ascii",
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
            }
        )
    return {"profile": "data-package", **read_meta(package), "resources": resources}


def descriptor_text(package: Path) -> str:
    """Return the descriptor as the bytes of the file."""
    return json.dumps(build_descriptor(package), indent=1, ensure_ascii=False) + "\n"


def write_descriptor(package: Path) -> Path:
    """Write the descriptor beside the tables and return its path."""
    path = package / DESCRIPTOR
    temporary = path.with_suffix(".part")
    temporary.write_text(descriptor_text(package), encoding="utf-8")
    temporary.replace(path)
    return path


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _rule_words(field: Mapping[str, Any]) -> str:
    constraints = field.get("constraints", {})
    words = ["required"] if constraints.get("required") else []
    if constraints.get("unique"):
        words.append("unique")
    for holder in (constraints, field.get("items", {})):
        if holder.get("enum"):
            words.append("one of " + ", ".join(f"`{e}`" for e in holder["enum"]))
        if holder.get("pattern"):
            words.append(f"form `{holder['pattern']}`")
    for name, word in (("minimum", "at least"), ("maximum", "at most")):
        if name in constraints:
            words.append(f"{word} {constraints[name]}")
    if "listDelimiter" in field:
        words.append(f"list joined with `{field['listDelimiter']}`")
    return "; ".join(words)


def dictionary_text(package: Path) -> str:
    """Return the data dictionary as Markdown: every table, every column, every check."""
    from epilepsy_pgx.reference.check import list_checks

    schemas, problems = read_schemas(package)
    if problems:
        raise TableError(problems)
    meta = read_meta(package)
    lines = [
        "# Data dictionary",
        "",
        "Built from the table descriptions in `reference/schemas` by "
        "`epilepsy-pgx reference describe`; edit those, not this page.",
        "",
        f"Package `{meta['name']}`. Tables are UTF-8, tab-separated, one fact a row, `.` for "
        "missing. Positions are 1-based unless a column says otherwise.",
        "",
        "| table | what a row says |",
        "|---|---|",
    ]
    lines += [f"| [{n}](#{n.lower()}) | {_cell(s.title)} |" for n, s in schemas.items()]
    for name, schema in schemas.items():
        key = ", ".join(f"`{c}`" for c in schema.primary_key)
        lines += ["", f"## {name}", "", schema.description, "", f"Key: {key}.", ""]
        for foreign in schema.foreign_keys:
            fields = ", ".join(f"`{c}`" for c in foreign.fields)
            target = ", ".join(f"`{c}`" for c in foreign.target)
            lines += [f"{fields} points to {target} of `{foreign.table or name}`.", ""]
        lines += ["| column | type | meaning | rules |", "|---|---|---|---|"]
        lines += [
            f"| `{f['name']}` | {f['type']} | {_cell(f['description'])} | {_cell(_rule_words(f))} |"
            for f in schema.raw["fields"]
        ]
    lines += [
        "",
        "## Checks",
        "",
        "What `epilepsy-pgx reference check` demands, by the id that each problem ends with.",
        "",
        "| check | what must hold |",
        "|---|---|",
    ]
    lines += [f"| `{c.id}` | {_cell(c.description)} |" for c in list_checks()]
    return "\n".join(lines) + "\n"
