"""The formats of a report: each module here is one, and holds it as `FORMAT`.

A module that is added is a format that is added: the commands, the configuration's schema, the
documents and the care for final reports read `FORMATS`.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from epilepsy_pgx.report.format import Format


def _find_formats() -> dict[str, Format]:
    found = [import_module(f"{__name__}.{m.name}").FORMAT for m in iter_modules(__path__)]
    return {f.name: f for f in sorted(found, key=lambda f: (not f.default, f.name))}


FORMATS: Mapping[str, Format] = MappingProxyType(_find_formats())
"""By name: those written by default first."""
DEFAULTS = tuple(name for name, form in FORMATS.items() if form.default)
"""What is written where no format is chosen."""
