"""Check a data package: every named check, every problem, in one run."""

import codecs
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from epilepsy_pgx.errors import Problem, TableError
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.reference.checks import (
    actions,
    alleles,
    changes,
    drugs,
    equivalents,
    factors,
    form,
    frequencies,
    genes,
    languages,
    levels,
    locators,
    numbers,
    orphans,
    pairs,
    planned,
    prediction,
    proteins,
    quality,
    rules,
    short_texts,
    sites,
    syndromes,
    tiers,
    urgency,
    variants,
    words,
)
from epilepsy_pgx.reference.checks.registry import CHECKS, Check, Package
from epilepsy_pgx.reference.describe import read_meta
from epilepsy_pgx.reference.package import Table, parse_table
from epilepsy_pgx.reference.schema import read_schemas

FORMATS = ("text", "json", "github")
MODULES = (
    form,
    genes,
    variants,
    frequencies,
    sites,
    syndromes,
    planned,
    equivalents,
    proteins,
    alleles,
    tiers,
    drugs,
    rules,
    words,
    orphans,
    languages,
    numbers,
    changes,
    quality,
    actions,
    locators,
    short_texts,
    pairs,
    levels,
    prediction,
    factors,
    urgency,
)
"""Modules whose import registers the checks."""


def list_checks() -> tuple[Check, ...]:
    """Return all named checks by id."""
    return tuple(CHECKS[k] for k in sorted(CHECKS))


def read_tables(folder: Path, shown: str) -> tuple[dict[str, Table], list[Problem]]:
    """Read the tables of a folder that can be read, and the problems of the others."""
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.tsv")):
        tables[path.stem], found = parse_table(path, _decode_as_saved(path.read_bytes()))
        # An empty line is named by the check of the text.
        problems += [replace(p, file=f"{shown}/{path.name}") for p in found if p.found != "0 cells"]
    return tables, problems


def _decode_as_saved(data: bytes) -> str:
    """Return the text of a table, UTF-8 or not, so that one fault is not reported as many.

    The check `file-text` names the fault.
    """
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_package(path: Path | str, git_ref: str | None = None) -> tuple[Package, list[Problem]]:
    """Read whatever can be read of a data package, and the problems met on the way.

    Raises
    ------
    TableError
        If the folder is no data package.
    """
    folder = Path(path)
    if not (folder / "schemas").is_dir():
        raise TableError.one(
            "package-exists",
            file=str(path),
            found="no folder 'schemas'",
            expected="a curated data package",
            fix="Name the folder that holds the tables.",
        )
    shown = str(path).rstrip("/")
    tables, problems = read_tables(folder, shown)
    schemas, faults = read_schemas(folder)
    try:
        version = str(read_meta(folder).get("version", "0"))
    except TableError as error:
        version, faults = "0", (*faults, *error.problems)
    package = Package(folder, shown, tables, schemas, git_ref=git_ref, version=version)
    return package, [*problems, *faults]


def run_checks(
    path: Path | str,
    git_ref: str | None = None,
    only: Iterable[str] | None = None,
    further: Iterable[Check] = (),
) -> tuple[Problem, ...]:
    """Run the named checks on a data package.

    Checks of form come first; checks of meaning then see only the rows that kept to the schema,
    so that one slip gives one problem.

    Parameters
    ----------
    path
        Folder of the data package.
    git_ref
        Commit, branch or tag to compare with for the checks of the change log; None leaves them
        out.
    only
        Ids of the checks to run; None runs all.
    further
        Checks that need more than the tables, run last; each has the id of a check that is known.

    Returns
    -------
    tuple of Problem
        Every problem, by file and line; empty if the package is sound.

    Raises
    ------
    TableError
        If the folder is no data package, or `only` names no check.
    """
    chosen = set(CHECKS) if only is None else set(only)
    if chosen - set(CHECKS):
        raise TableError.one(
            "check-exists",
            found=", ".join(sorted(chosen - set(CHECKS))),
            expected="ids of checks",
            fix="See 'epilepsy-pgx reference check --list'.",
        )
    package, problems = open_package(path, git_ref)
    of_form = [c for c in CHECKS.values() if c.run.__module__ == form.__name__]
    others = [*(c for c in CHECKS.values() if c.run.__module__ != form.__name__), *further]
    tables_of = {package.file(name): name for name in package.tables}
    for item in of_form:
        for problem in item.run(package):
            if problem.check != "sorted" and problem.file in tables_of:
                bad = package.bad_lines.setdefault(tables_of[problem.file], set())
                bad.add(problem.line)
                if problem.check == "header":
                    bad.update(r.line for r in package.tables[tables_of[problem.file]])
            if item.id in chosen:
                problems.append(problem)
    for item in others:
        if item.id in chosen and package.has(*item.needs):
            problems += item.run(package)
    problems += package.unread
    return tuple(sorted(set(problems)))


def format_problems(problems: Sequence[Problem], form: str = "text") -> str:
    """Write problems for a person (`text`), a program (`json`) or GitHub's annotations."""
    if form == "json":
        rows = [
            {
                "file": p.file,
                "line": p.line,
                "column": p.column,
                "check": p.check,
                "found": p.found,
                "expected": p.expected,
                "fix": p.fix,
            }
            for p in problems
        ]
        return json.dumps({"problems": rows}, indent=1, ensure_ascii=False) + "\n"
    if form == "github":
        return "".join(f"{_annotation(p)}\n" for p in problems)
    count = "no problem" if not problems else f"{len(problems)} problem(s)"
    return "".join(f"{p}\n" for p in problems) + f"{count} found.\n"


def _annotation(problem: Problem) -> str:
    """Write one problem as a GitHub workflow command."""

    def escape(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def attribute(text: str) -> str:
        return escape(text).replace(":", "%3A").replace(",", "%2C")

    message = f"{problem.column}: found {problem.found}, expected {problem.expected}. {problem.fix}"
    return (
        f"::error file={attribute(problem.file)},line={max(problem.line, 1)},"
        f"title={attribute(problem.check)}::{escape(message)}"
    )
