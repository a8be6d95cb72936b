"""The page of the Python interface, written from signatures and docstrings."""

import dataclasses
import inspect

import epilepsy_pgx as pgx
from epilepsy_pgx import api
from epilepsy_pgx.errors import PgxError

HEAD = """# Python interface

Written by `python -m tests.test_docs` from the code; [how to use it](how-to/python.md).
"""


def page() -> str:
    parts = [HEAD]
    names = [n for n in pgx.__all__ if not n.startswith("_")]
    for name in sorted(names, key=lambda n: (n[0].isupper(), n)):
        made = getattr(api, name)
        if inspect.isclass(made):
            parts.append(f"## {name}\n\n{inspect.getdoc(made)}\n\n{members(made)}")
        else:
            parts.append(f"## {name}\n\n```text\n{signature(name, made)}\n\n{told(made)}\n```\n")
    return "\n".join(parts)


def told(made: object) -> str:
    return (inspect.getdoc(made) or "").strip()


def signature(name: str, made: object) -> str:
    parameters = inspect.signature(made).parameters.values()
    lines = []
    for one in parameters:
        if one.kind is one.KEYWORD_ONLY and "*" not in lines:
            lines.append("*")
        default = "" if one.default is one.empty else f"={one.default!r}"
        lines.append(f"{one.name}{default}")
    return f"pgx.{name}({', '.join(lines)})"


def members(made: type) -> str:
    lines = ["| member | what |", "|---|---|"]
    if issubclass(made, PgxError):
        lines.append("| `problems` | Each: file, line, what was found, expected, and to do. |")
    lines += [
        f"| `{f.name}` | `{str(f.type).replace('|', chr(92) + '|')}` |"
        for f in (dataclasses.fields(made) if dataclasses.is_dataclass(made) else ())
        if not f.name.startswith("_")
    ]
    for name, method in inspect.getmembers(made, inspect.isfunction):
        if not name.startswith("_"):
            first = told(method).partition("\n\n")[0].replace("\n", " ")
            lines.append(f"| `{name}()` | {first} |")
    return "\n".join(lines) + "\n"
