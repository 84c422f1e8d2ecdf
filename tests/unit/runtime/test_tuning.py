"""How the control plane uses the processor."""

import gc
from collections.abc import Iterator

import pytest

from gossamer.runtime.tuning import choose_poller, settle


def test_grpc_waits_without_its_event_engine() -> None:
    environ: dict[str, str] = {}
    choose_poller(environ)
    assert environ == {"GRPC_EXPERIMENTS": "-event_engine_listener"}


def test_what_an_operator_chose_for_grpc_stays() -> None:
    environ = {"GRPC_EXPERIMENTS": ""}
    choose_poller(environ)
    assert environ == {"GRPC_EXPERIMENTS": ""}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_is_there_when_serving_begins_is_not_looked_through_again() -> None:
    there: list[list[object]] = [[] for _ in range(1000)]
    settle()
    assert gc.get_freeze_count() > len(there)
    assert not any(one is there for one in gc.get_objects())


def test_circles_that_come_later_are_found_still() -> None:
    settle()
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() > 0
