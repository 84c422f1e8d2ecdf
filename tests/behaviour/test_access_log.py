"""What is written down of requests: where, in which form, and in which of the two directions."""

import json
import re
from pathlib import Path

import pytest

from tests.support.envoy import eventually
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, Spec, listener, mesh, node


def logging(path: Path, form: Spec | None = None) -> Spec:
    file: Spec = {"path": str(path)}
    return {"accessLog": {"file": file if form is None else {**file, "format": form}}}


async def lines(path: Path, count: int) -> list[str]:
    """The lines of a log, once there are as many as that."""

    async def are_there() -> bool:
        return path.exists() and len(path.read_text().splitlines()) >= count

    await eventually(are_there, f"{count} lines in {path}")
    found = path.read_text().splitlines()
    assert len(found) == count, found
    return found


async def shown(stage: Stage, path: Path, form: Spec | None = None, *, who: str = "front") -> None:
    """A mesh in which one node writes its requests down."""
    backends = ["orders.test"] if who == "front" else None
    logged = node(who, "http", backends=backends, logging=logging(path, form))
    await stage.show(mesh(nodes={who: logged}))


@pytest.mark.shows("VirtualNodeSpec.logging", "Logging.accessLog", "AccessLog.file", "FileAccessLog.path")
async def test_a_file_without_a_format_gets_envoys_own_line(stage: Stage, tmp_path: Path) -> None:
    await shown(stage, tmp_path / "log")
    await stage.front.http("http://orders.test/a?b")
    (line,) = await lines(tmp_path / "log", 1)
    counts = r"200 - 0 \d+ \d+ \d+"
    ends = r'"-" ".*" "[-0-9a-f]+" "orders.test" "10.88.0.3:8080"'
    assert re.fullmatch(rf'\[[^]]+\] "GET /a\?b HTTP/1.1" {counts} {ends}', line), line


@pytest.mark.shows("FileAccessLog.format", "LoggingFormat.text")
async def test_a_line_of_text_is_what_was_written(stage: Stage, tmp_path: Path) -> None:
    form = "%REQ(:METHOD)% %REQ(X-WORD):3% %RESPONSE_CODE% 100%%\n"
    await shown(stage, tmp_path / "log", {"text": form})
    await stage.front.http("http://orders.test/", headers={"x-word": "abcdef"})
    assert await lines(tmp_path / "log", 1) == ["GET abc 200 100%"]


@pytest.mark.shows("LoggingFormat.json", "JsonFormatRef.key", "JsonFormatRef.value")
async def test_a_json_object_has_the_members_that_were_written(stage: Stage, tmp_path: Path) -> None:
    pairs = {
        "zeta": "%RESPONSE_CODE%",
        "alpha": "%REQ(X-WORD)%",
        "mid": "is %PROTOCOL%",
        "none": "%REQ(X-NO)%",
    }
    form = {"json": [{"key": key, "value": value} for key, value in pairs.items()]}
    await shown(stage, tmp_path / "log", form)
    await stage.front.http("http://orders.test/", headers={"x-word": 'a "quoted" \\ word'})
    (line,) = await lines(tmp_path / "log", 1)
    expected = {"zeta": 200, "alpha": 'a "quoted" \\ word', "mid": "is HTTP/1.1", "none": None}
    assert json.loads(line) == expected
    # Envoy's order is that of the keys, whatever the operator's was.
    assert list(json.loads(line)) == sorted(pairs)


async def test_a_node_writes_down_what_comes_in_as_well(stage: Stage, tmp_path: Path) -> None:
    await shown(stage, tmp_path / "log", {"text": "%REQ(:PATH)%\n"}, who="blue")
    await stage.front.http("http://orders.test/in")
    assert await lines(tmp_path / "log", 1) == ["/in"]


async def test_connections_of_tcp_are_written_down_in_both_directions(stage: Stage, tmp_path: Path) -> None:
    form = {"text": "%BYTES_RECEIVED% %UPSTREAM_CLUSTER%\n"}
    nodes = {
        "front": node("front", "tcp", backends=["orders.test"], logging=logging(tmp_path / "out", form)),
        "blue": node("blue", "tcp", logging=logging(tmp_path / "in", form)),
    }
    await stage.show(mesh("tcp", nodes=nodes))
    assert await stage.front.tcp("orders.test", 80, b"12345") == "blue: 12345"
    assert await lines(tmp_path / "out", 1) == ["5 cds_egress_shop_blue_tcp_8083"]
    assert await lines(tmp_path / "in", 1) == ["5 cds_ingress_shop_blue_tcp_8083"]


@pytest.mark.shows(
    "VirtualGatewaySpec.logging",
    "VirtualGatewayLogging.accessLog",
    "VirtualGatewayAccessLog.file",
    "VirtualGatewayFileAccessLog.path",
    "VirtualGatewayFileAccessLog.format",
)
async def test_a_gateway_writes_a_request_down_twice_as_it_passes_twice(stage: Stage, tmp_path: Path) -> None:
    form = {"text": "%REQ(:AUTHORITY)% %UPSTREAM_CLUSTER%\n"}
    gate = {"listeners": [listener("http", GATE)], "logging": logging(tmp_path / "log", form)}
    await stage.show(mesh(gateways={"gate": gate}))
    await stage.outside.http(f"http://gate.test:{GATE}/", headers={"host": "shop.example"})
    assert sorted(await lines(tmp_path / "log", 2)) == [
        "orders.test cds_egress_shop_blue_http_8080",
        "orders.test cds_ingress_shop_gate_self_redirect_http_15001",
    ]


async def test_nothing_is_written_down_where_nobody_asked_for_it(stage: Stage, tmp_path: Path) -> None:
    await shown(stage, tmp_path / "log")
    await stage.show(mesh())
    await stage.front.http("http://orders.test/")
    assert not (tmp_path / "log").exists() or (tmp_path / "log").read_text() == ""
