"""The formats of a report: each module here is one, and holds it as `FORMAT`.

A module that is added is a format that is added: the commands, the configuration's schema, the
documents and the care for final reports read `FORMATS`. Where the name of a module has an
underscore, that of its format has a hyphen.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from epilepsy_pgx.report.format import Format


def _find_formats() -> dict[str, Format]:
    found = {m.name: _read_format(m.name) for m in iter_modules(__path__)}
    suffixes: dict[str, str] = {}
    for name, form in found.items():
        if form.name != name.replace("_", "-"):
            raise ImportError(f"report/formats/{name}.py: FORMAT has the name '{form.name}'")
        other = suffixes.setdefault(form.suffix, name)
        if other != name:
            raise ImportError(
                f"report/formats/{name}.py: files end in '.{form.suffix}', as those of '{other}'"
            )
    return {f.name: f for f in sorted(found.values(), key=lambda f: (not f.default, f.name))}


def _read_format(name: str) -> Format:
    """Import one module; whatever is wrong with it, the message names it."""
    try:
        form = import_module(f"{__name__}.{name}").FORMAT
    except Exception as error:
        raise ImportError(f"report/formats/{name}.py cannot be used: {error}") from error
    if not isinstance(form, Format):
        raise ImportError(f"report/formats/{name}.py: FORMAT is no Format")
    return form


FORMATS: Mapping[str, Format] = MappingProxyType(_find_formats())
"""By name: those written by default first."""
DEFAULTS = tuple(name for name, form in FORMATS.items() if form.default)
"""What is written where no format is chosen."""
CHOICES = ("all", "findings", "none")
"""Whose report files are written: everybody's; of those with something to act on or to consider,
something urgent, or a failed check; nobody's."""
