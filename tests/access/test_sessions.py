"""Signing in from a browser: what its cookie opens, and every call that it does not."""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gossamer.clock import SystemClock
from gossamer.store import keys
from tests.support.access_keys import Key, changing, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.sessions import SESSION, Page, signed

FULL = "AWSAppMeshFullAccess"
MESHES = "/v20190125/meshes"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sessions") / "data"


@pytest.fixture(scope="module")
def admin(data: Path) -> Key:
    return new_key(data, FULL)


@pytest.fixture(scope="module")
def plane(data: Path, admin: Key) -> Iterator[ControlPlane]:
    assert admin.id
    with running_control_plane(data.parent) as found:
        yield found


@pytest.fixture
def page(plane: ControlPlane, admin: Key) -> Page:
    found = Page(plane.url)
    found.sign_in(admin)
    return found


def body(name: str) -> bytes:
    return b'{"meshName": "' + name.encode() + b'"}'


def test_no_script_can_read_the_cookie_and_no_other_site_sends_it(plane: ControlPlane, admin: Key) -> None:
    found = Page(plane.url).sign_in(admin).split("; ")
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} < set(found)
    assert "Max-Age=43200" in found or "Max-Age=43199" in found
    assert "Secure" not in found
    assert admin.secret not in found[0]


def test_behind_tls_the_cookie_stays_there(plane: ControlPlane, admin: Key) -> None:
    secure = Page(plane.url, origin=plane.url.replace("http:", "https:"))
    assert secure.sign_in(admin).endswith("; Secure")
    status, _, _ = secure.call("PUT", MESHES, body("behind-tls"))
    assert status == 200


def test_a_session_opens_our_routes_and_the_operations(page: Page) -> None:
    assert page.call("PUT", MESHES, body("by-cookie"))[0] == 200
    assert page.call("GET", f"{MESHES}/by-cookie")[0] == 200
    assert page.call("GET", "/gossamer/v1/proxies")[2] == {"proxies": []}


def test_a_session_tells_whose_it_is_and_until_when(page: Page, admin: Key) -> None:
    told = page.call("GET", SESSION)[2]
    ends = datetime.datetime.fromisoformat(told.pop("expiresAt"))
    assert told == {
        "open": False,
        "accountId": "000000000000",
        "principal": "arn:aws:iam::000000000000:user/admin",
        "accessKeyId": admin.id,
    }
    assert ends > SystemClock().now() + datetime.timedelta(hours=11)


def test_without_a_session_nobody_is_signed_in(plane: ControlPlane) -> None:
    status, headers, told = Page(plane.url).call("GET", SESSION)
    assert (status, headers["x-amzn-errortype"]) == (401, "UnauthorizedException")
    assert told == {"message": "Nobody is signed in."}


@pytest.mark.parametrize(
    "cookie", ["gossamer-session=", "gossamer-session=e30.e30.e30", "gossamer-session=x"]
)
def test_a_cookie_that_is_none_of_ours_opens_nothing(plane: ControlPlane, cookie: str) -> None:
    for path in (SESSION, "/gossamer/v1/proxies", MESHES):
        assert Page(plane.url, cookie).call("GET", path)[0] == 401


def test_a_cookie_that_was_changed_opens_nothing(page: Page) -> None:
    changed = page.cookie[:-2] + ("A" if page.cookie[-2] != "A" else "B") + page.cookie[-1]
    assert Page(page.url, changed).call("GET", MESHES)[0] == 401


def test_a_cookie_alone_changes_nothing(page: Page) -> None:
    for path in (MESHES, SESSION):
        bare = Page(page.url, page.cookie, headers={})
        method = "PUT" if path == MESHES else "DELETE"
        status, headers, told = bare.call(method, path, body("forged"))
        assert (status, headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
        assert "x-gossamer-console: 1" in told["message"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://127.0.0.1:1", "null", "http://["])
def test_a_page_of_another_site_changes_nothing(page: Page, origin: str) -> None:
    foreign = Page(page.url, page.cookie, origin)
    assert foreign.call("PUT", MESHES, body("foreign"))[0] == 403
    assert page.call("GET", f"{MESHES}/foreign")[0] == 404


def test_a_session_is_not_prolonged_by_its_own_cookie(page: Page) -> None:
    status, headers, told = page.call("POST", SESSION)
    assert (status, "set-cookie" in headers) == (400, False)
    assert told["message"] == "a session is not prolonged by its cookie: sign the request"


def test_signing_out_takes_the_cookie_away(page: Page) -> None:
    status, headers, _ = page.call("DELETE", SESSION)
    assert status == 204
    assert headers["set-cookie"].startswith("gossamer-session=; Path=/; Max-Age=0; HttpOnly")


def test_signing_out_ends_every_copy_of_the_cookie_and_no_other_session(page: Page, admin: Key) -> None:
    copy, other = Page(page.url, page.cookie), Page(page.url)
    other.sign_in(admin)
    assert page.call("DELETE", SESSION)[0] == 204
    assert copy.call("GET", MESHES)[0] == 401
    assert other.call("GET", MESHES)[0] == 200


def test_no_session_outlives_its_key(plane: ControlPlane, data: Path) -> None:
    short = new_key(data, FULL, life=datetime.timedelta(minutes=10), name="short")
    page = Page(plane.url)
    until_known(page, short)
    ages = [part for part in page.sign_in(short).split("; ") if part.startswith("Max-Age=")]
    assert 500 < int(ages[0].partition("=")[2]) <= 600


def test_a_session_ends_with_its_key_also_one_that_listens(plane: ControlPlane, data: Path) -> None:
    key = new_key(data, FULL, name="leaver")
    page = Page(plane.url)
    until_known(page, key)
    page.sign_in(key)
    with page.listening() as events:
        assert events.is_open.wait(90)
        with changing(data) as connection:
            keys.remove(connection, key.id)
        assert events.ends()
    assert page.call("GET", SESSION)[0] == 401
    assert page.call("GET", MESHES)[0] == 401


def test_a_page_hears_of_a_change_and_what_it_missed(page: Page) -> None:
    with page.listening() as events:
        assert events.is_open.wait(90)
        page.call("PUT", MESHES, body("heard"))
        first = events.next("changed")
    told = first["data"]
    assert (told["resource"], told["action"]) == ("heard", "create")
    assert told["principal"] == "arn:aws:iam::000000000000:user/admin"
    page.call("PUT", MESHES, body("missed"))
    with page.listening(**{"last-event-id": first["id"]}) as events:
        assert events.next("changed")["data"]["resource"] == "missed"


def test_an_id_of_another_database_is_answered_with_a_fresh_start(page: Page) -> None:
    with page.listening(**{"last-event-id": "999999"}) as events:
        assert events.next("reset")["data"]["sequence"] < 999999
    assert page.call("GET", "/gossamer/v1/events", headers={"last-event-id": "x"})[2] == {
        "message": "Last-Event-ID: must be the id of an event"
    }


def test_another_account_hears_of_its_own_meshes_only(plane: ControlPlane, data: Path, page: Page) -> None:
    key = new_key(data, FULL, "222222222222")
    stranger = Page(plane.url)
    until_known(stranger, key)
    stranger.sign_in(key)
    with stranger.listening() as events:
        assert events.is_open.wait(90)
        page.call("PUT", MESHES, body("not-theirs"))
        stranger.call("PUT", MESHES, body("theirs"))
        assert events.next("changed")["data"]["resource"] == "theirs"


def test_an_open_server_asks_nobody_and_takes_nothing_from_other_sites(tmp_path: Path) -> None:
    with running_control_plane(tmp_path) as plane:
        told = Page(plane.url).call("GET", SESSION)[2]
        assert told == {
            "open": True,
            "accountId": "000000000000",
            "principal": "arn:aws:iam::000000000000:root",
        }
        assert Page(plane.url).call("POST", SESSION)[0] == 204
        assert Page(plane.url, headers={}).call("PUT", MESHES, body("own"))[0] == 200
        foreign = Page(plane.url, origin="https://elsewhere.example", headers={})
        status, _, refused = foreign.call("PUT", MESHES, body("foreign"))
        assert (status, refused["message"].split(",")[0]) == (
            403,
            "A page of https://elsewhere.example may not call this server",
        )
        with Page(plane.url).listening() as events:
            assert events.is_open.wait(90)
            plane.process.terminate()
            assert events.ends()


def until_known(page: Page, key: Key) -> None:
    """Wait until the server has noticed a key."""
    deadline = time.monotonic() + 90
    while page.call("GET", SESSION, headers=signed(page.url, key, "GET", SESSION))[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
