"""A struct that stands for a dataclass is one to all who use it."""

import dataclasses
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec
import pytest

from epilepsy_pgx import frozen


def kinds(dataclass: Callable[..., Any]) -> dict[str, type]:
    """Return some classes, made by one of the two decorators."""

    @dataclass(frozen=True, slots=True)
    class Plain:
        first: int
        second: str = "x"
        third: tuple[int, ...] = ()

        @property
        def twice(self) -> int:
            return 2 * self.first

    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        first: int
        second: str = "x"

    @dataclass(frozen=True)
    class Open:
        first: int
        second: list[int] = dataclasses.field(default_factory=list)

        @cached_property
        def twice(self) -> int:
            return 2 * self.first

    @dataclass(frozen=True, eq=False)
    class Itself:
        first: int

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        second: int = 1
        first: int

    @dataclass(frozen=True, slots=True)
    class Aside:
        first: int
        second: str = dataclasses.field(default="", compare=False)
        third: tuple[int, ...] = ()

    return {kind.__name__: kind for kind in (Plain, Ordered, Open, Itself, Named, Aside)}


OURS, THEIRS = kinds(frozen.dataclass), kinds(dataclasses.dataclass)
both = pytest.mark.parametrize("name", OURS)


@both
def test_it_is_a_struct_and_looks_like_a_dataclass(name: str) -> None:
    ours, theirs = OURS[name], THEIRS[name]
    assert issubclass(ours, msgspec.Struct)
    assert dataclasses.is_dataclass(ours)
    assert [(f.name, f.type, f.default, f.compare) for f in dataclasses.fields(ours)] == [
        (f.name, f.type, f.default, f.compare) for f in dataclasses.fields(theirs)
    ]
    assert frozen.names_of(ours) == ours.__match_args__ == theirs.__match_args__


@both
def test_instances_are_alike(name: str) -> None:
    one, other = OURS[name](first=3), THEIRS[name](first=3)
    assert dataclasses.asdict(one) == dataclasses.asdict(other)
    assert repr(one) == repr(other).rpartition(".")[2]
    assert msgspec.json.encode(one) == msgspec.json.encode(other)
    assert msgspec.json.decode(b'{"first":3}', type=OURS[name]).first == 3
    assert [x == type(x)(first=3) for x in (one, other)] in ([True] * 2, [False] * 2)
    assert [getattr(x, "twice", None) for x in (one, other)] in ([6, 6], [None, None])


@both
def test_copies_are_made_by_either_way(name: str) -> None:
    one = OURS[name](first=3)
    for change in (frozen.replace, dataclasses.replace):
        made = change(one, first=4)
        assert (type(made), made.first, one.first) == (OURS[name], 4, 3)
        with pytest.raises(TypeError):
            change(one, fourth=1)


@both
def test_nothing_is_changed_or_added(name: str) -> None:
    for one in (OURS[name](first=3), THEIRS[name](first=3)):
        for field in ("first", "fourth"):
            with pytest.raises((AttributeError, TypeError)):
                setattr(one, field, 4)
        with pytest.raises(AttributeError):
            del one.first


def test_equal_ones_have_one_hash_and_others_an_order() -> None:
    plain, ordered, itself = OURS["Plain"], OURS["Ordered"], OURS["Itself"]
    assert len({plain(1), plain(1), plain(2)}) == 2
    assert len({itself(1), itself(1)}) == 2
    assert plain(1) != ordered(1)
    assert sorted([ordered(2), ordered(1, "y"), ordered(1)])[0] == ordered(1)


def test_some_fields_are_not_compared() -> None:
    for kind in (OURS["Aside"], THEIRS["Aside"]):
        one = kind(1, "a", (2,))
        assert one == kind(1, "b", (2,)) != kind(1, "a", (3,))
        assert len({one, kind(1, "b", (2,)), kind(1, "a", (3,))}) == 2
        assert one != (1, "a", (2,))
        assert (dataclasses.replace(one, second="b").second, one.second) == ("b", "a")


def test_what_inherits_from_one_that_is_compared_by_some_fields_is_refused() -> None:
    with pytest.raises(TypeError, match="fields of its own"):

        @frozen.dataclass(frozen=True, slots=True)
        class Further(OURS["Aside"]):  # type: ignore[misc]
            fourth: int = 4


@frozen.dataclass(frozen=True, slots=True)
class Base:
    first: int


@frozen.dataclass(frozen=True, slots=True)
class Derived(Base):
    second: int = 2


def test_a_class_may_inherit_and_be_pickled() -> None:
    assert Derived(1) == Derived(1, 2) != Base(1)
    assert [f.name for f in dataclasses.fields(Derived)] == ["first", "second"]
    assert pickle.loads(pickle.dumps(Derived(1))) == Derived(1)


def test_a_class_that_no_struct_can_stand_for_stays_a_dataclass() -> None:
    @frozen.dataclass(frozen=True)
    class Silent:
        first: int
        second: str = dataclasses.field(default="", repr=False, compare=False)

    @frozen.dataclass
    class Changing:
        first: int

    assert not issubclass(Silent, msgspec.Struct)
    assert Silent(1, "a") == frozen.replace(Silent(1), second="b")
    changing = Changing(1)
    changing.first = 2
    assert dataclasses.asdict(changing) == {"first": 2}
