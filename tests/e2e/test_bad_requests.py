"""Requests that no server should take: each answered in a sentence, none harming the next."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bad_requests import BAD, MESHES, Bad
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.raw_http import exchanged, request

pytestmark = pytest.mark.e2e

#: How much more memory the server may hold after another round of all of them.
FLAT_KIB = 16 * 1024


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


def resident_kib(plane: ControlPlane) -> int:
    status = Path(f"/proc/{plane.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


def is_alive(plane: ControlPlane) -> bool:
    (answer,) = exchanged(plane.url, request("GET", MESHES), ends=False)
    return answer.status == 200 and answer.body == b'{"meshes": []}'


def test_there_are_more_than_a_hundred_of_them() -> None:
    assert len(BAD) >= 100
    assert len({one.name for one in BAD}) == len(BAD)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_request_is_told_what_is_wrong(plane: ControlPlane, bad: Bad) -> None:
    found = exchanged(plane.url, bad.sent, ends=bad.ends)
    if not bad.ends:
        assert [one.status for one in found] == [bad.status]
    for answer in found:
        assert 400 <= answer.status < 500
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-amzn-errortype"].endswith("Exception")
        assert answer.headers["x-amzn-requestid"]
        assert bad.says in answer.message
        assert len(answer.body) < 32 * 1024
    assert is_alive(plane)


def test_all_of_them_leave_no_memory_behind(plane: ControlPlane) -> None:
    def round_of_all() -> int:
        for bad in BAD:
            exchanged(plane.url, bad.sent, ends=bad.ends)
        return resident_kib(plane)

    before = round_of_all()
    assert round_of_all() - before < FLAT_KIB
    assert is_alive(plane)


def test_requests_in_a_row_are_answered_in_their_order(plane: ControlPlane) -> None:
    good = request("GET", MESHES).replace(b"Connection: close\r\n", b"")
    bad = request("GET", "/v20190125/nothing").replace(b"Connection: close\r\n", b"")
    found = exchanged(plane.url, good + bad + good + request("GET", MESHES), ends=False)
    assert [one.status for one in found] == [200, 404, 200, 200]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET http://other.example/v20190125/meshes HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /v20190125/meshes HTTP/1.0\r\n\r\n",
        request("GET", MESHES, b"", "Upgrade: websocket", "Connection: Upgrade"),
        request("GET", MESHES, b"{}"),
        b"\r\n" + request("GET", MESHES),
    ],
    ids=["an absolute target", "HTTP/1.0", "an upgrade", "a body that nobody asked for", "an empty line"],
)
def test_what_is_unusual_and_right_is_answered(plane: ControlPlane, sent: bytes) -> None:
    (answer,) = exchanged(plane.url, sent, ends=False)
    assert answer.status == 200
