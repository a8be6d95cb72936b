"""What may be changed in a module of `calling/` or `response/`, one thing at a time.

A comparison, `and` or `or`, an arithmetic sign, a constant, what is returned, or a statement left
out. `tests.mutate` tries them.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/epilepsy_pgx"
PACKAGES = ("calling", "response")

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SIGNS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True)
class Mutant:
    """One change of a module: at the node with this number, in the order of `ast.walk`."""

    module: str
    node: int
    line: int
    kind: str
    change: str
    """Source text before and after."""
    lines: range
    """Lines of the statement; of an `if` or a loop, those of its head."""
    deferred: bool
    """Runs when a function is called; else when the module is imported."""

    def tree(self) -> ast.Module:
        """Return the changed module."""
        tree = ast.parse((SOURCE / self.module).read_text(encoding="utf-8"))
        node = list(ast.walk(tree))[self.node]
        _replace(tree, node, changed(node))
        return ast.fix_missing_locations(tree)


def changed(node: ast.AST) -> ast.AST:
    """Return what takes the place of a node."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare():
            new.ops[0] = COMPARISONS[type(new.ops[0])]()
        case ast.BoolOp():
            new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            return new.operand
        case ast.BinOp() | ast.AugAssign():
            new.op = SIGNS[type(new.op)]()
        case ast.Constant(value=bool()):
            new.value = not new.value
        case ast.Constant(value=int()):
            new.value += 1
        case ast.Constant(value=str()):
            new.value = f"not {new.value}"
        case ast.Return():
            new.value = ast.Constant(None)
        case _:
            return ast.Pass()
    return new


def kind_of(node: ast.AST) -> str | None:
    """Return which kind of change a node allows."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            return "comparison"
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "logic"
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SIGNS:
            return "sign"
        case ast.Constant(value=str(value)) if not value:
            return None
        case ast.Constant(value=bool() | int() | str()):
            return "constant"
        case ast.Return(value=value) if value is not None and not _is_none(value):
            return "return"
        case ast.Assign() | ast.Expr() | ast.Continue():
            return "statement"
    return None


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _replace(tree: ast.AST, node: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(v is node for v in value):
                setattr(parent, name, [new if v is node else v for v in value])


def _silent(tree: ast.Module) -> set[int]:
    """Return ids of nodes that are no rule: documentation, types, decorators, names exported."""
    silent: set[int] = set()

    def hush(node: ast.AST | None) -> None:
        if node is not None:
            silent.update(id(n) for n in ast.walk(node))

    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hush(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for one in node.decorator_list:
                hush(one)
        if isinstance(node, ast.FunctionDef):
            hush(node.returns)
        if isinstance(node, ast.arg):
            hush(node.annotation)
        if isinstance(node, ast.AnnAssign):
            hush(node.annotation)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = ast.unparse(node.value)
            # A type with a name of its own is a type too.
            if node.targets[0].id == "__all__" or value.startswith(("tuple[", "Callable[")):
                hush(node)
    # A part of an f-string cannot stand alone.
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent.update(id(n) for n in node.values if isinstance(n, ast.Constant))
            silent.update(
                id(n)
                for value in node.values
                if isinstance(value, ast.FormattedValue) and value.format_spec
                for n in ast.walk(value.format_spec)
            )
    return silent


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, named by its path below `src/epilepsy_pgx`."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    silent = _silent(tree)
    places = _places(tree)
    for number, node in enumerate(ast.walk(tree)):
        kind = kind_of(node)
        if kind is None or id(node) in silent:
            continue
        before, after = ast.unparse(node), ast.unparse(changed(node))
        line = getattr(node, "lineno", 0)
        change = " ".join(f"{_short(before)} -> {_short(after)}".split())
        yield Mutant(module, number, line, kind, change, *places[id(node)])


def _places(tree: ast.Module) -> dict[int, tuple[range, bool]]:
    """Return the lines of the statement a node stands in, and whether a call runs it."""
    places: dict[int, tuple[range, bool]] = {}

    def walk(node: ast.AST, place: tuple[range, bool]) -> None:
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno if body else (node.end_lineno or node.lineno) + 1
            place = (range(node.lineno, max(end, node.lineno + 1)), place[1])
        places[id(node)] = place
        called = getattr(node, "body", []) if isinstance(node, ast.FunctionDef) else []
        for child in ast.iter_child_nodes(node):
            walk(child, (place[0], place[1] or child in called))

    walk(tree, (range(0), False))
    return places


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 60 else f"{one[:57]}..."


def modules() -> list[str]:
    """Return the modules of which mutants are made."""
    return [
        f"{package}/{path.name}"
        for package in PACKAGES
        for path in sorted((SOURCE / package).glob("*.py"))
        if path.name != "__init__.py"
    ]
