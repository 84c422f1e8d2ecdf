"""Who accepts HTTP/2: what proxies say, counted."""

from gossamer.model.kind import Kind, Ref
from gossamer.runtime.acceptance import Acceptance

BLUE = Ref("123456789012", "shop", Kind.VIRTUAL_NODE, "blue")


def accepts(acceptance: Acceptance) -> bool:
    return BLUE in acceptance.accepting


def test_a_node_accepts_while_every_proxy_of_it_says_so() -> None:
    acceptance = Acceptance()
    assert acceptance.came(BLUE, accepts=True)
    assert not acceptance.came(BLUE, accepts=True)
    assert accepts(acceptance)
    assert acceptance.came(BLUE, accepts=False)
    assert not accepts(acceptance)
    assert acceptance.left(BLUE, accepts=False)
    assert accepts(acceptance)


def test_a_node_without_any_proxy_does_not_accept() -> None:
    acceptance = Acceptance()
    assert not acceptance.came(BLUE, accepts=False)
    assert not acceptance.left(BLUE, accepts=False)
    assert not accepts(acceptance)


def test_the_last_ones_word_holds_until_the_second_sweep() -> None:
    acceptance = Acceptance()
    acceptance.came(BLUE, accepts=True)
    assert not acceptance.left(BLUE, accepts=True)
    assert acceptance.sweep() == []
    assert accepts(acceptance)
    assert acceptance.sweep() == [BLUE]
    assert not accepts(acceptance)


def test_a_stream_that_is_recycled_changes_nothing() -> None:
    acceptance = Acceptance()
    acceptance.came(BLUE, accepts=True)
    acceptance.left(BLUE, accepts=True)
    acceptance.sweep()
    assert not acceptance.came(BLUE, accepts=True)
    assert acceptance.sweep() == acceptance.sweep() == []
    assert accepts(acceptance)


def test_what_comes_back_otherwise_counts_at_once() -> None:
    acceptance = Acceptance()
    acceptance.came(BLUE, accepts=True)
    acceptance.left(BLUE, accepts=True)
    assert acceptance.came(BLUE, accepts=False)
    assert not accepts(acceptance)
