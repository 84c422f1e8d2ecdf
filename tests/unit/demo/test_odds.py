import pytest

from gossamer.demo.odds import is_plausible


@pytest.mark.parametrize(
    ("hits", "share"), [(450, 0.9), (430, 0.9), (250, 0.5), (220, 0.5), (500, 1.0), (0, 0.0)]
)
def test_what_the_weights_give_is_plausible(hits: int, share: float) -> None:
    assert is_plausible(hits, 500, share)


@pytest.mark.parametrize(("hits", "share"), [(400, 0.9), (500, 0.9), (180, 0.5), (499, 1.0), (1, 0.0)])
def test_what_they_do_not_is_not(hits: int, share: float) -> None:
    assert not is_plausible(hits, 500, share)
