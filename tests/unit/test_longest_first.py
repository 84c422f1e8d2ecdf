from pathlib import Path

from tests.support.longest_first import LAST, SECONDS, SPLIT

ROOT = Path(__file__).resolve().parents[2]


def test_what_the_tests_know_of_their_files_is_about_files_that_are_there() -> None:
    known = {*SECONDS, *SPLIT, LAST}
    assert [name for name in sorted(known) if not (ROOT / name).exists()] == []


def test_a_file_whose_tests_go_their_own_ways_is_known_to_be_long() -> None:
    assert SECONDS.keys() >= SPLIT
