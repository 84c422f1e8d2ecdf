"""The console as it is served: its policy, its caches, the way to it."""

import gzip
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest

from tests.browser.conftest import Open
from tests.support.control_plane import ControlPlane, running_control_plane


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


def get(plane: ControlPlane, path: str, **headers: str) -> tuple[int, Message, bytes]:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(plane.url + path, headers=asked)  # noqa: S310 - its own address
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_a_browser_that_asks_for_the_root_is_led_to_the_console(plane: ControlPlane) -> None:
    status, headers, _ = get(plane, "/", accept="text/html,*/*")
    assert (status, headers["location"]) == (303, "/console/")


def test_a_client_of_the_api_finds_nothing_at_the_root(plane: ControlPlane) -> None:
    status, headers, _ = get(plane, "/", accept="*/*")
    assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")


def test_the_page_may_load_nothing_but_what_this_server_has(plane: ControlPlane) -> None:
    _, headers, body = get(plane, "/console/")
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    wanted = re.findall('(?:src|href)="([^"]+)"', body.decode())
    assert wanted
    assert [get(plane, one)[0] for one in wanted] == [200] * len(wanted)


def test_assets_are_kept_for_ever_and_the_page_is_asked_for_again(plane: ControlPlane) -> None:
    _, headers, body = get(plane, "/console/")
    assert headers["cache-control"] == "no-cache"
    assert get(plane, "/console/", if_none_match=headers["etag"])[0] == 304
    script = re.findall('src="([^"]+)"', body.decode())[0]
    _, headers, plain = get(plane, script)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    _, headers, squeezed = get(plane, script, accept_encoding="gzip")
    assert (headers["content-encoding"], gzip.decompress(squeezed)) == ("gzip", plain)


@pytest.mark.parametrize(
    "name", ["no.js", "..%2Findex.html", "..%2f..%2fsite.py", "%2e%2e/site.py", "a" * 5000 + ".js"]
)
def test_no_other_file_is_served(plane: ControlPlane, name: str) -> None:
    assert get(plane, f"/console/assets/{name}")[0] == 404


def test_every_address_below_the_console_is_the_page(plane: ControlPlane) -> None:
    assert get(plane, "/console/meshes/a/resource/virtualService/b.local")[2] == get(plane, "/console/")[2]


def test_an_empty_control_plane_says_what_to_do_first(plane: ControlPlane, opened: Open) -> None:
    page = opened(f"{plane.url}/")
    page.get_by_role("heading", name="No mesh yet").wait_for()
    assert page.url == f"{plane.url}/console/"
