"""What the running Envoy says of itself, as `gossamer doctor` tells it."""

from gossamer.sidecar.admin_settings import AdminSettings
from gossamer.sidecar.doctor.check import Verdict
from gossamer.sidecar.doctor.proxy import Running, proxy_checks
from gossamer.sidecar.health import Look

ADMIN = AdminSettings(addresses=("127.0.0.1",), port=9901, socket="", log="/dev/null")
SERVER = {"state": "LIVE", "version": "abc/1.40.0/Clean/RELEASE/BoringSSL"}


def told(state: str = "LIVE", dump: object = None, certificates: object = None) -> list[tuple[str, str, str]]:
    found = Running(Look(state=state), {**SERVER, "state": state}, dump, certificates)
    return [(one.name, one.verdict.value, one.said) for one in proxy_checks(ADMIN, found)]


def test_an_update_that_was_refused_is_told_in_envoys_words_once() -> None:
    failure = {"error_state": {"details": "no such cluster", "last_update_attempt": "2026-11-25T00:00:00Z"}}
    dump = {"configs": [{"dynamic_listeners": [failure, failure]}, {"dynamic_active_clusters": [{}]}]}
    assert told(dump=dump)[2:] == [("update", "fail", "refused: no such cluster")]
    assert told()[2:] == [("update", "ok", "Envoy has refused nothing that it was sent last")]


def test_an_envoy_without_configuration_is_not_ready() -> None:
    assert told("INITIALIZING")[1] == ("state", "fail", "INITIALIZING: it has no configuration yet")


def test_certificates_are_told_with_the_days_that_are_left() -> None:
    chain = [{"path": f"/{days}.pem", "days_until_expiration": str(days)} for days in (0, 3, 90)]
    said = {
        one: verdict for name, verdict, one in told(certificates={"certificates": [{"cert_chain": chain}]})
    }
    assert said["/0.pem has expired"] == Verdict.FAIL.value
    assert said["/3.pem expires in 3 days"] == Verdict.WARN.value
    assert said["/90.pem is valid for 90 more days"] == Verdict.OK.value
