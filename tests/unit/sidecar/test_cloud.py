"""What ECS and EC2 say, asked of fakes on loopback; and that nobody waits where they are absent."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gossamer.sidecar import cloud
from gossamer.sidecar.cloud import CloudSettings, Said, ask, cloud_settings
from gossamer.sidecar.facts import Facts
from gossamer.sidecar.machine import Address, addresses, facts_of, machine_facts
from gossamer.sidecar.variable import Reader

TASK = {
    "Cluster": "default",
    "TaskARN": "arn:aws:ecs:us-west-2:123456789012:task/default/158d",
    "AvailabilityZone": "us-west-2d",
    "Containers": [
        {
            "Networks": [
                {"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.2.106"], "IPv6Addresses": ["2001::1"]}
            ]
        }
    ],
}
CONTAINER = {"DockerId": "cd189a933e5849daa93386466019ab50", "Limits": {"CPU": 512, "Memory": 256}}
PLACES = {"region": "us-west-2", "availability-zone": "us-west-2a", "availability-zone-id": "usw2-az1"}


class Platform:
    """ECS's and EC2's metadata in one; `silence_s` is how long each answer takes."""

    def __init__(self) -> None:
        self.silence_s = 0.0
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        await asyncio.sleep(self.silence_s)
        match request.path.split("/"):
            case ["", "v4", "id"]:
                return web.json_response(CONTAINER)
            case ["", "v4", "id", "task"]:
                return web.json_response(TASK)
            case ["", "latest", "api", "token"] if request.headers["X-aws-ec2-metadata-token-ttl-seconds"]:
                return web.Response(text="token")
            case ["", "latest", "meta-data", "placement", name]:
                is_allowed = request.headers.get("X-aws-ec2-metadata-token") == "token"
                return web.Response(text=PLACES[name], status=200 if is_allowed else 401)
            case _:
                raise web.HTTPNotFound

    def settings(self, **variables: str) -> CloudSettings:
        return cloud_settings(Reader({"GOSSAMER_PLATFORM_TIMEOUT_MS": "5000", **variables}))


@contextlib.asynccontextmanager
async def fake_platform() -> AsyncIterator[Platform]:
    fake = Platform()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()


async def test_ecs_tells_a_task_of_itself() -> None:
    async with fake_platform() as fake:
        settings = fake.settings(
            ECS_CONTAINER_METADATA_URI_V4=f"{fake.url}/v4/id",
            ECS_CONTAINER_METADATA_URI="http://127.0.0.1:1/v3",
            AWS_EXECUTION_ENV="AWS_ECS_FARGATE",
        )
        facts = facts_of(settings, await ask(settings, is_amazons=False), ())
    assert (facts.region, facts.zone, facts.ip_families) == ("us-west-2", "us-west-2d", "ALL")
    assert facts.ecs == {
        "ecsLaunchType": "AWS_ECS_FARGATE",
        "ecsClusterArn": "default",
        "ecsTaskArn": "arn:aws:ecs:us-west-2:123456789012:task/default/158d",
        "CPU": "512",
        "Memory": "256",
    }


async def test_ec2_tells_a_machine_where_it_stands_for_a_token() -> None:
    async with fake_platform() as fake:
        settings = fake.settings(AWS_EC2_METADATA_SERVICE_ENDPOINT=fake.url)
        said = await ask(settings, is_amazons=False)
    assert (said.region, said.zone, said.zone_id) == ("us-west-2", "us-west-2a", "usw2-az1")
    assert said.silent == ()
    assert fake.asked[0] == "PUT /latest/api/token"


async def test_ec2_is_not_asked_where_that_is_forbidden() -> None:
    async with fake_platform() as fake:
        settings = fake.settings(AWS_EC2_METADATA_SERVICE_ENDPOINT=fake.url, AWS_EC2_METADATA_DISABLED="true")
        assert await ask(settings, is_amazons=True) == Said()
    assert fake.asked == []


@pytest.mark.parametrize(
    ("variables", "is_amazons", "is_asked"),
    [({}, False, False), ({}, True, True), ({"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}, True, False)],
)
async def test_ec2_is_asked_on_amazons_own_machines_that_have_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, is_amazons: bool, is_asked: bool
) -> None:
    async with fake_platform() as fake:
        monkeypatch.setattr(cloud, "_USUAL_ADDRESS", fake.url)
        await ask(fake.settings(**variables), is_amazons=is_amazons)
        assert bool(fake.asked) is is_asked


async def test_a_platform_that_is_silent_is_waited_for_no_longer_than_allowed_and_named() -> None:
    async with fake_platform() as fake:
        fake.silence_s = 60
        settings = cloud_settings(
            Reader(
                {
                    "ECS_CONTAINER_METADATA_URI_V4": f"{fake.url}/v4/id",
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": fake.url,
                    "GOSSAMER_PLATFORM_TIMEOUT_MS": "50",
                }
            )
        )
        began = time.monotonic()
        said = await ask(settings, is_amazons=True)
    assert time.monotonic() - began < 50  # and not sixty
    assert said == Said(silent=("ECS task metadata", "EC2 instance metadata"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v4", "http://[::1", "nonsense", "http://127.0.0.1:x/"])
async def test_a_platform_that_is_not_there_is_named(url: str) -> None:
    said = await ask(cloud_settings(Reader({"ECS_CONTAINER_METADATA_URI_V4": url})), is_amazons=False)
    assert said == Said(silent=("ECS task metadata",))


async def test_without_a_platform_nobody_is_asked_and_the_machine_speaks_for_itself() -> None:
    facts, silent = await machine_facts(cloud_settings(Reader({"AWS_EC2_METADATA_DISABLED": "1"})))
    assert silent == ()
    assert facts.ecs == {}
    assert facts.interfaces_v4["lo"] == ("127.0.0.1/8",)
    assert facts.machine
    assert facts.kernel


def test_the_families_of_a_machine_are_those_of_addresses_that_others_can_reach() -> None:
    found = (
        Address("lo", 2, "127.0.0.1/8", is_global=False),
        Address("eth0", 2, "10.0.0.5/24", is_global=True),
        Address("eth0", 10, "fe80::1/64", is_global=False),
    )
    facts = facts_of(cloud_settings(Reader({})), Said(), found)
    assert facts.ip_families == "IPv4_ONLY"
    assert facts.interfaces == {
        "ipv4": {"eth0": ["10.0.0.5/24"], "lo": ["127.0.0.1/8"]},
        "ipv6": {"eth0": ["fe80::1/64"]},
    }


def test_the_kernel_lists_every_address() -> None:
    assert "127.0.0.1/8" in [one.text for one in addresses()]


def test_a_machine_that_knows_nothing_of_itself_says_nothing() -> None:
    assert (Facts().interfaces, Facts().system) == ({}, {})
