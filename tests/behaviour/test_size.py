"""How much fits: bodies of any size, and headers up to Envoy's own bound of 60 KiB, which App Mesh kept."""

import pytest

from tests.support.answering import Reply, Seen
from tests.support.calling import Client
from tests.support.stage import Stage
from tests.support.stage_mesh import GATE, mesh

BODY = bytes(range(256)) * (16 * 2**20 // 256)
FITS, TOO_MUCH = 58 * 1024, 61 * 1024


def way(stage: Stage, through: str) -> tuple[Client, str]:
    """Through two sidecars, or from outside through a gateway and a sidecar."""
    return (
        (stage.front, "http://orders.test/")
        if through == "sidecars"
        else (stage.outside, f"http://gate.test:{GATE}/")
    )


@pytest.mark.parametrize("through", ["sidecars", "gateway"])
@pytest.mark.parametrize("protocol", ["http", "http2"])
async def test_large_bodies_arrive_whole_in_both_directions(
    stage: Stage, protocol: str, through: str
) -> None:
    await stage.show(mesh(protocol))

    async def echo(seen: Seen) -> Reply:
        return Reply(body=seen.body)

    stage.apps["blue"].reply = echo
    client, url = way(stage, through)
    answer = await (client.http if protocol == "http" else client.http2)(url, "POST", body=BODY)
    assert answer.status == 200
    assert answer.body == BODY


@pytest.mark.parametrize("through", ["sidecars", "gateway"])
@pytest.mark.parametrize("protocol", ["http", "http2"])
async def test_large_headers_pass_up_to_the_bound_and_are_answered_431_beyond(
    stage: Stage, protocol: str, through: str
) -> None:
    await stage.show(mesh(protocol))
    client, url = way(stage, through)
    ask = client.http if protocol == "http" else client.http2
    answer = await ask(url, headers=[("x-large", "a" * FITS)])
    assert answer.sent("x-large") == ["a" * FITS]
    if protocol == "http":
        assert (await ask(url, headers=[("x-large", "a" * TOO_MUCH)])).status == 431
    else:
        with pytest.raises(ConnectionError):
            await ask(url, headers=[("x-large", "a" * TOO_MUCH)])


@pytest.mark.parametrize("protocol", ["http", "http2"])
async def test_large_headers_of_an_answer_pass_too(stage: Stage, protocol: str) -> None:
    await stage.show(mesh(protocol))

    async def large(_: Seen) -> Reply:
        return Reply(headers=(("x-large", "a" * FITS),))

    stage.apps["blue"].reply = large
    for client, url in (way(stage, "sidecars"), way(stage, "gateway")):
        answer = await (client.http if protocol == "http" else client.http2)(url)
        assert answer.headers["x-large"] == "a" * FITS
