"""The decorator `dataclass` of the standard library, in a form that costs less to make and to use.

A dataclass that is frozen becomes a `msgspec.Struct` of the same fields. It is made without
compiling any text, which was a tenth of a short run, and its instances are made, copied, compared
and hashed in C. A type checker sees the dataclass, and so does the standard library: `fields`,
`replace`, `asdict` and `is_dataclass` take both. A class for which no struct can stand stays a
dataclass.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import field as field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec import structs as _structs

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
else:

    def dataclass(cls=None, /, **options):
        """Make a class a struct if one can stand for it, else a dataclass."""
        if cls is None:
            return lambda found: dataclass(found, **options)
        return _struct(cls, **options) or dataclasses.dataclass(**options)(cls)

    def replace(one, /, **changes):
        """Return a copy with other values of some fields."""
        if isinstance(one, Struct):
            return _structs.replace(one, **changes)
        return dataclasses.replace(one, **changes)


__all__ = ["dataclass", "field", "names_of", "replace"]

_TYPES = "__annotations__"
_ASIDE = "_not_compared"
"""The name under which a struct holds the names of the fields by which it is not compared."""


def names_of(kind: type) -> tuple[str, ...]:
    """Return the names of the fields that are given to make an instance."""
    names: tuple[str, ...] = kind.__match_args__  # type: ignore[attr-defined]
    return names


def _struct(
    cls: type, *, frozen: bool = False, slots: bool = False, **options: bool
) -> "type[Struct] | None":
    """Return a class as a struct; None if none can stand for it."""
    if issubclass(cls, _Record):
        if hasattr(cls, _ASIDE):
            raise TypeError(f"{cls.__name__} would not be compared by fields of its own")
        # What inherits from a struct was made one by its own statement.
        return cls
    if not frozen or cls.__bases__ != (object,):
        return None
    parts = {k: v for k, v in cls.__dict__.items() if k not in ("__dict__", "__weakref__")}
    aside = set()
    for name in parts.get(_TYPES, ()):
        default = parts.get(name)
        if isinstance(default, dataclasses.Field):
            if not (default.init and default.repr):
                return None
            if not default.compare:
                aside.add(name)
            told: dict[str, Any] = {}
            if default.default is not dataclasses.MISSING:
                told["default"] = default.default
            if default.default_factory is not dataclasses.MISSING:
                told["default_factory"] = default.default_factory
            parts[name] = msgspec.field(**told)
    if aside:
        if options:
            return None
        # A struct compares all its fields.
        parts |= _comparing([name for name in parts[_TYPES] if name not in aside])
        options["eq"] = False
        parts[_ASIDE] = frozenset(aside)
    meta: Any = type(Struct)
    made: type[Struct] = meta(
        cls.__name__, (_Record,), parts, frozen=True, dict=not slots, weakref=not slots, **options
    )
    return made


def _comparing(names: Sequence[str]) -> dict[str, Any]:
    """Return the methods that compare instances by some of their fields."""
    values = attrgetter(*names)

    def equal(self: object, other: object) -> Any:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed}


class _Fields:
    """Describes the fields of a struct as `dataclasses` does, once somebody asks for them."""

    def __init__(self, kind: type[Struct]) -> None:
        self._kind = kind
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._made is None:
            twin: Any = dataclasses.make_dataclass(
                self._kind.__name__, [*_described(self._kind)], kw_only=True
            )
            self._made = twin.__dataclass_fields__
        return getattr(self._made, name)


def _described(kind: type[Struct]) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, type and default of each field."""
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    types = {n: t for k in reversed(kind.__mro__) for n, t in vars(k).get(_TYPES, {}).items()}
    aside = getattr(kind, _ASIDE, ())
    missing = (NODEFAULT,) * (len(names) - len(defaults))
    for name, default in zip(names, (*missing, *defaults), strict=True):
        compare = name not in aside
        if default is NODEFAULT:
            told: Any = dataclasses.field(compare=compare)
        elif hasattr(default, "factory"):
            told = dataclasses.field(default_factory=default.factory, compare=compare)
        else:
            told = dataclasses.field(default=default, compare=compare)
        yield name, types[name], told


class _Describing:
    """Gives each struct the description of its own fields."""

    def __init__(self) -> None:
        self._known: dict[type, _Fields] = {}

    def __get__(self, one: object, kind: type[Struct]) -> _Fields:
        if kind not in self._known:
            self._known[kind] = _Fields(kind)
        return self._known[kind]


class _Record(Struct):
    """A struct that `dataclasses` takes for a dataclass."""


_Record.__dataclass_fields__ = _Describing()  # type: ignore[assignment]
