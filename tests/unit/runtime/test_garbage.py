"""When Python looks for garbage."""

import gc
from collections.abc import Iterator

import pytest

from gossamer.runtime import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_is_there_when_serving_begins_is_not_looked_through_again() -> None:
    there: list[list[object]] = [[] for _ in range(1000)]
    garbage.settle()
    assert gc.get_freeze_count() > len(there)
    assert not any(one is there for one in gc.get_objects())


def test_circles_that_come_later_are_found_still() -> None:
    garbage.settle()
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() > 0
