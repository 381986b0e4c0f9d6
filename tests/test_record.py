"""Records behave as the dataclasses of the standard library do, which is the reference here."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import weakref
from typing import Any

import pytest

from netspec import record as records
from netspec.record import field, fields, record, replace


@record
class Point:
    x: int
    y: int = 2


@record
class Named(Point):
    y: int = 5
    name: str = field(default="origin", kw_only=True)
    tags: list[str] = field(default_factory=list, repr=False)


@record(frozen=False)
class Counter:
    count: int = 0
    doubled: int = field(init=False)

    def __post_init__(self) -> None:
        self.doubled = 2 * self.count


@record(eq=False)
class Node:
    value: object


@dataclasses.dataclass(frozen=True, slots=True)
class DataPoint:
    x: int
    y: int = 2


@dataclasses.dataclass(frozen=True, slots=True)
class DataNamed(DataPoint):
    y: int = 5
    name: str = dataclasses.field(default="origin", kw_only=True)
    tags: list[str] = dataclasses.field(default_factory=list, repr=False)


@record(frozen=False, eq=False, kw_only=True, weakref_slot=True)
class ByName:
    first: int
    second: int = 3


@record
class Constant:
    value: int

    def __hash__(self) -> int:
        return 7

    def __replace__(self, **changes: Any) -> str:
        return "its own"


@dataclasses.dataclass(frozen=True, slots=True)
class DataConstant:
    value: int

    def __hash__(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("ours", "theirs"), [(Point, DataPoint), (Named, DataNamed)], ids=["plain", "extended"]
)
@pytest.mark.parametrize("arguments", [(1,), (1, 3), ()], ids=str)
def test_is_made_and_shown_as_a_dataclass(
    ours: type[Any], theirs: type[Any], arguments: tuple[int, ...]
) -> None:
    try:
        expected = repr(theirs(*arguments)).replace("Data", "")
    except TypeError:
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
            ours(*arguments)
    else:
        assert repr(ours(*arguments)) == expected
    assert fields(ours) == tuple(f.name for f in dataclasses.fields(theirs))
    assert ours.__match_args__ == theirs.__match_args__
    assert not hasattr(ours(1), "__dict__")


def test_a_keyword_field_is_given_by_name_alone() -> None:
    assert Named(1, 2, ["a"], name="n").tags == ["a"]
    with pytest.raises(TypeError):
        Named(1, 2, ["a"], "n")  # type: ignore[misc]


def test_a_class_may_have_all_its_fields_given_by_name() -> None:
    assert (ByName(first=1).second, ByName.__match_args__) == (3, ())
    with pytest.raises(TypeError):
        ByName(1)  # type: ignore[call-arg]


def test_weak_references_are_had_where_they_are_asked_for() -> None:
    made = ByName(first=1)
    assert weakref.ref(made)() is made
    with pytest.raises(TypeError, match="weak reference"):
        weakref.ref(Point(1))


def test_what_a_class_defines_itself_stays() -> None:
    assert hash(Constant(1)) == hash(DataConstant(1)) == 7
    assert Constant(1) == Constant(1) != Constant(2)
    assert Constant(1).__replace__() == "its own"


def test_a_factory_makes_a_value_for_each() -> None:
    assert Named(1).tags == []
    assert Named(1).tags is not Named(1).tags


def test_compares_by_value_within_its_class() -> None:
    assert Point(1) == Point(1, 2)
    assert hash(Point(1)) == hash(Point(1, 2))
    assert Point(1, 5) != Named(1)
    assert Point(1) != (1, 2)
    assert {Point(1): "a"}[Point(1, 2)] == "a"


def test_compares_by_identity_if_it_is_told_to() -> None:
    node = Node([])
    assert node == node and node != Node([])
    assert {node: 1}[node] == 1


def test_what_changes_has_no_hash() -> None:
    counter = Counter(2)
    counter.count = 3
    assert counter.doubled == 4
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)


def test_replaces_fields() -> None:
    assert replace(Named(1, name="a"), x=2) == Named(2, name="a")
    assert replace(Counter(1), count=4).doubled == 8
    with pytest.raises(TypeError):
        replace(Point(1), z=2)


def test_a_frozen_record_refuses_another_value() -> None:
    assert records.GUARDED, "the tests run with guards"
    point = Point(1)
    with pytest.raises(AttributeError, match=r"Point is frozen: x stays what it is"):
        point.x = 2  # type: ignore[misc]
    assert point == Point(1)


def test_copies_and_pickles() -> None:
    named = Named(1, name="a", tags=["b"])
    assert copy.deepcopy(named) == named == copy.copy(named)
    assert pickle.loads(pickle.dumps(named)) == named


def test_records_of_one_shape_keep_their_own_names() -> None:
    """What is compiled for one serves the others."""

    @record
    class Size:
        width: int
        height: int = 9

    assert Size(1) == Size(width=1, height=9)
    assert repr(Size(1)).endswith("Size(width=1, height=9)")
    assert Point(y=1, x=2) == Point(2, 1)
    for made, name in ((Point, "x"), (Size, "width")):
        with pytest.raises(TypeError, match=rf"{made.__name__}.__init__.*'{name}'"):
            made()  # type: ignore[call-arg]


def test_a_field_without_a_default_follows_none_with_one() -> None:
    def follows() -> None:
        @record
        class Wrong:
            x: int = 1
            y: int  # type: ignore[misc]

    with pytest.raises(TypeError, match=r"Wrong\.y follows"):
        follows()
