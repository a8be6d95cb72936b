"""The syntax of the code, parsed once in a process however many tests look at it."""

import ast
from functools import cache
from pathlib import Path


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return the syntax tree of a module, node by node; the module itself is the first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
