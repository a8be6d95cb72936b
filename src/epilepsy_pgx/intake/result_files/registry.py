"""The programs whose result files are read: every module of `programs` is one."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.intake.result_files import programs
from epilepsy_pgx.intake.result_files.content import Content, ResultKind
from epilepsy_pgx.intake.result_files.reader import ResultReader


def _find() -> dict[str, ResultReader]:
    found: dict[str, ResultReader] = {}
    for module in sorted(iter_modules(programs.__path__), key=lambda m: m.name):
        reader: ResultReader = import_module(f"{programs.__name__}.{module.name}").READER
        named = reader.name.lower().replace("-", "_")
        assert named == module.name, f"{module.name}.py reads the results of '{reader.name}'"
        found[reader.name] = reader
    return found


READERS: Mapping[str, ResultReader] = MappingProxyType(_find())
"""By the name of the program."""


def readers_of(content: Content) -> tuple[ResultReader, ...]:
    """Return the readers that accept a file, of those for its column."""
    return tuple(r for r in READERS.values() if r.kind is content.kind and r.accepts(content))


def names_no_sample(path: Path, kind: ResultKind) -> bool:
    """Say whether a file holds one sample without its name.

    A table of the project's own names its samples in the column of HLA types, and none in that of
    outside calls.
    """
    try:
        content = Content.of(path, kind)
        readers = readers_of(content)
        if not readers:
            content.check_text()
    except InputError:
        return False
    if readers:
        return not all(r.names_samples(content) for r in readers)
    return kind is ResultKind.STAR_ALLELES and bool(content.raw)
