import pytest

from gossamer.sidecar import http1

REQUEST = (
    b"GET /server_info?x=1 HTTP/1.1\r\nHost: localhost:9901\r\nconnection: keep-alive\r\nAccept: */*\r\n\r\n"
)


def test_a_request_goes_on_as_the_only_one_of_its_connection() -> None:
    assert http1.last_on_connection(http1.head(REQUEST)).encoded == (
        b"GET /server_info?x=1 HTTP/1.1\r\nHost: localhost:9901\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        (b"GET /server_info HTTP/1.1", True),
        (b"GET /server_info?a=b HTTP/1.1", True),
        (b"HEAD /server_info HTTP/1.1", False),
        (b"POST /server_info HTTP/1.1", False),
        (b"GET /server_information HTTP/1.1", False),
        (b"GET /stats?x=/server_info HTTP/1.1", False),
        (b"", False),
    ],
)
def test_only_a_get_of_the_very_path_asks_for_it(line: bytes, asks: bool) -> None:  # noqa: FBT001  a parameter
    assert http1.asks_for(http1.Head(line, ()), b"/server_info") is asks


def test_a_body_in_chunks_is_put_together() -> None:
    assert http1.dechunked(b"5\r\nhello\r\nB;x=y\r\n, big world\r\n0\r\n\r\n") == b"hello, big world"


def test_a_body_that_was_cut_short_gives_what_there_was() -> None:
    assert http1.dechunked(b"5\r\nhello\r\n5\r\nwo") == b"hellowo"


def test_a_whole_answer_says_its_length_and_no_longer_comes_in_chunks() -> None:
    answer = http1.head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nserver: envoy\r\n\r\n")
    assert answer.is_chunked
    assert http1.whole(answer, b"abc") == b"HTTP/1.1 200 OK\r\nserver: envoy\r\ncontent-length: 3\r\n\r\nabc"
