"""Pharmacogenomics for people with epilepsy: from a VCF to a report on anti-seizure drugs.

The functions below are the Python interface; what they need is loaded when one is called.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from epilepsy_pgx.api import (
        Annotations,
        Calls,
        PgxError,
        Reports,
        annotate,
        call,
        read_tables,
        report,
    )

__version__ = "0.1.0"
__all__ = [
    "Annotations",
    "Calls",
    "PgxError",
    "Reports",
    "__version__",
    "annotate",
    "call",
    "read_tables",
    "report",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("epilepsy_pgx.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _ReportPackage(ModuleType):
    """The package `report`, which may be called: the function has the same name."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return import_module("epilepsy_pgx.api").report(*args, **options)


class _Package(ModuleType):
    """This package. Python sets a loaded part as an attribute over the function of its name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "report" and isinstance(value, ModuleType):
            value.__class__ = _ReportPackage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
