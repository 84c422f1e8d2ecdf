"""Calls of our commands that cannot be answered: each ends in one sentence."""

import datetime
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gossamer.cli.control_plane import UNSIGNED, Ask, NotAnswered, answered

NOW = datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)


@contextmanager
def answering(said: bytes) -> Iterator[str]:
    """A server that says one thing to one caller, whatever was asked."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    "url",
    ["x", "ftp://x/", "file:///etc/passwd", "http://[::1/", "http://a b/", "http://a:b/", "http://:80/"],
)
def test_an_address_that_is_none_is_refused_before_it_is_asked(url: str) -> None:
    with pytest.raises(NotAnswered, match=r"is no address such as http://127\.0\.0\.1:8080"):
        answered(Ask(url), {"HOME": "/nowhere"}, NOW)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\xff\xfe",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"[" * 5000,
    ],
    ids=["no HTTP", "cut off", "no text", "nested"],
)
def test_an_answer_that_is_none_is_told_with_its_address(said: bytes) -> None:
    with answering(said) as url, pytest.raises(NotAnswered, match=f"nothing useful at {url}"):
        answered(Ask(url), {"HOME": "/nowhere"}, NOW)


def test_a_credentials_file_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("no section\n")
    with pytest.raises(NotAnswered, match="the shared AWS configuration cannot be read"):
        answered(Ask("http://127.0.0.1:1/"), {"AWS_SHARED_CREDENTIALS_FILE": str(file)}, NOW)


def test_who_does_not_answer_is_named_with_what_can_be_done() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(NotAnswered, match=f"^{url} did not answer within 0.01 s$"):
            answered(Ask(f"{url}/x", patience_s=0.01), {"HOME": "/nowhere"}, NOW)
    with pytest.raises(NotAnswered, match=rf"^nobody answers at {url}: Connection refused \(--endpoint-url"):
        answered(Ask(f"{url}/x"), {"HOME": "/nowhere"}, NOW)


def test_authorities_that_cannot_be_read_are_named() -> None:
    environ = {"HOME": "/nowhere", "AWS_CA_BUNDLE": "/nowhere/roots.pem"}
    with pytest.raises(NotAnswered, match=r"^AWS_CA_BUNDLE /nowhere/roots.pem: No such file"):
        answered(Ask("https://127.0.0.1:1/"), environ, NOW)


def test_whoever_is_refused_without_a_key_is_told_where_one_is_looked_for(tmp_path: Path) -> None:
    said = b'{"message": "Missing Authentication Token"}'
    answer = b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n" + said
    with answering(answer) as url, pytest.raises(NotAnswered) as refused:
        answered(Ask(url), {"HOME": str(tmp_path)}, NOW)
    told = refused.value.document["message"]
    assert told == f"Missing Authentication Token ({UNSIGNED})"
    signed = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    with answering(answer) as url, pytest.raises(NotAnswered) as refused:
        answered(Ask(url), signed, NOW)
    assert refused.value.document["message"] == "Missing Authentication Token"
