import random

import pytest

from bench.soak.sample import Series
from bench.soak.trend import trend

CHANCE = random.Random(5)


def series(unit: str, value: object, count: int = 240) -> Series:
    assert callable(value)
    return Series("x", unit, [5.0 * step for step in range(count)], [value(step) for step in range(count)])


def test_a_leak_is_found_below_noise_and_outliers() -> None:
    noisy = series("MB", lambda step: 100 + step * 0.1 + CHANCE.gauss(0, 1) + (50 if step % 37 == 0 else 0))
    found = trend(noisy)
    assert found.is_leak
    assert found.growth == pytest.approx(12, abs=1.5)


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("MB", lambda _: 100 + CHANCE.gauss(0, 2)),
        # It fills up in the first half.
        ("MB", lambda step: min(60 + step, 100)),
        # A sawtooth: a cache that is emptied when it is full.
        ("MB", lambda step: 100 + step % 40 / 4),
        ("", lambda step: 30 + step % 7),
        ("", lambda _: 30),
    ],
)
def test_what_does_not_grow_is_none(unit: str, value: object) -> None:
    assert not trend(series(unit, value)).is_leak


def test_one_descriptor_too_many_now_and_then_is_a_leak() -> None:
    assert trend(series("", lambda step: 30 + step // 50)).is_leak
