import pytest

from bench.result import Baseline, Result, Spread, Statistic, at_least, at_most

TEN = Spread.of([*range(1, 11)])


def test_a_spread_tells_the_middle_and_values_that_were_measured() -> None:
    assert Spread.of([3, 1, 2]) == Spread(median=2, p10=1, p90=3, p99=3, count=3)
    assert Spread.of([*range(1000)]) == Spread(median=499.5, p10=100, p90=900, p99=990, count=1000)


def test_nothing_measured_is_no_spread() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


@pytest.mark.parametrize(
    ("goals", "is_met"),
    [
        ((), None),
        ((at_most(5.5),), True),
        ((at_most(5),), False),
        ((at_least(5.5),), True),
        ((at_least(6),), False),
        ((at_most(6), at_most(9, Statistic.P99)), False),
        ((at_most(0.55, Statistic.RATIO),), True),
        ((at_most(0.54, Statistic.RATIO),), False),
    ],
)
def test_a_result_is_met_when_every_goal_is(goals: tuple[object, ...], is_met: bool | None) -> None:  # noqa: FBT001
    result = Result("it", "ms", TEN, goals=goals, baselines=(Baseline("other", Spread.of([10])),))  # type: ignore[arg-type]
    assert result.is_met is is_met


def test_a_goal_of_a_ratio_needs_a_baseline() -> None:
    with pytest.raises(ValueError, match="no baseline"):
        _ = Result("it", "ms", TEN, goals=(at_most(1, Statistic.RATIO),)).is_met
