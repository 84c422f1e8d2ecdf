import pytest

from gossamer.store.engine import database_url


def test_of_several_hosts_the_one_that_takes_writes_is_asked_for() -> None:
    url = database_url("postgresql://u:p%40@one:5432,other/db?application_name=x")
    (_, named) = url.get_dialect()().create_connect_args(url)
    assert (named["host"], named["port"], named["password"]) == ("one,other", "5432,", "p@")
    assert (named["target_session_attrs"], named["application_name"]) == ("read-write", "x")


def test_what_the_operator_says_of_several_hosts_stands() -> None:
    url = database_url("postgresql://one,other/db?target_session_attrs=primary")
    assert url.query["target_session_attrs"] == "primary"


def test_one_host_is_asked_for_nothing_more() -> None:
    assert database_url("postgresql://u@one:5432/db").query == {}


def test_a_password_with_an_at_sign_is_not_told_as_the_host() -> None:
    with pytest.raises(ValueError, match=r"^holds @ in its user or password: there it is written %40$"):
        database_url("postgresql://u:sec@ret@one/db")


@pytest.mark.parametrize("text", ["nonsense", "postgresql://one:x/db", "mysql://one/db"])
def test_what_is_no_url_of_postgresql_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a URL such as|only postgresql is served"):
        database_url(text)
