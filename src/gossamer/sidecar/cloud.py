"""What the platform says of this machine: ECS's task metadata and EC2's instance metadata.

Neither is waited for where it cannot be: the first is asked where its variable is, the second where the
machine's maker is Amazon, and both get little time.

Source: ECS task metadata endpoint version 4; EC2 instance metadata service version 2; the variables of AWS
SDKs.
"""

import asyncio
import datetime
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar import facts, http_client
from gossamer.sidecar.http_client import Unanswered
from gossamer.sidecar.json_value import parsed, text_at
from gossamer.sidecar.variable import Number, Reader, Text, Truth, Variable

TASK_URI: Final = Text(
    names=("ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"),
    flag="--ecs-container-metadata-uri",
    takes="http://HOST/PATH",
    meaning="Where ECS tells a task of itself; ECS sets it.",
)
LAUNCH_TYPE: Final = Text(
    names=("AWS_EXECUTION_ENV",),
    flag="--aws-execution-env",
    meaning="How ECS runs the task, such as AWS_ECS_FARGATE; ECS sets it.",
)
INSTANCE_METADATA: Final = Text(
    names=("AWS_EC2_METADATA_SERVICE_ENDPOINT",),
    flag="--ec2-metadata-endpoint",
    takes="http://HOST:PORT",
    meaning="Where EC2 tells a machine of itself. Without it, its usual address, on Amazon's machines only.",
)
NO_INSTANCE_METADATA: Final = Truth(
    names=("AWS_EC2_METADATA_DISABLED",),
    flag="--ec2-metadata-disabled",
    default=False,
    meaning="Whether EC2 is not asked at all.",
)
TIMEOUT: Final = Number(
    names=("GOSSAMER_PLATFORM_TIMEOUT_MS",),
    flag="--platform-timeout",
    default=200,
    least=10,
    most=10000,
    meaning="Milliseconds that ECS and EC2 have to answer before Envoy starts without their words.",
)

TABLE: Final[tuple[Variable, ...]] = (TASK_URI, LAUNCH_TYPE, INSTANCE_METADATA, NO_INSTANCE_METADATA, TIMEOUT)

_USUAL_ADDRESS: Final = "http://169.254.169.254"
_FARGATE: Final = "AWS_ECS_FARGATE"
_TOKEN_S: Final = "30"  # noqa: S105  a time


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """Whom to ask; `instance_metadata` of None asks EC2 only if the machine is Amazon's, `""` never."""

    task_uri: str
    launch_type: str
    instance_metadata: str | None
    timeout: datetime.timedelta


def cloud_settings(read: Reader) -> CloudSettings:
    """Read whom to ask."""
    endpoint = read.text(INSTANCE_METADATA) or None
    return CloudSettings(
        task_uri=read.text(TASK_URI),
        launch_type=read.text(LAUNCH_TYPE),
        instance_metadata="" if read.truth(NO_INSTANCE_METADATA) else endpoint,
        timeout=datetime.timedelta(milliseconds=read.number(TIMEOUT)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the platform said; `task` and `container` are ECS's documents."""

    task: object = None
    container: object = None
    region: str = ""
    zone: str = ""
    zone_id: str = ""
    silent: tuple[str, ...] = ()


async def ask(settings: CloudSettings, *, is_amazons: bool) -> Said:
    """Ask both at once; `silent` names those that were asked and did not answer."""
    usual = _USUAL_ADDRESS if is_amazons and settings.launch_type != _FARGATE else ""
    instance = usual if settings.instance_metadata is None else settings.instance_metadata
    (task, container), places = await asyncio.gather(_task(settings), _instance(instance, settings))
    asked = (("ECS task metadata", settings.task_uri, task), ("EC2 instance metadata", instance, places))
    return Said(
        task=task,
        container=container,
        region=places.get("region", "") or facts.region_of_task(task),
        zone=text_at(task, "AvailabilityZone") or places.get("availability-zone", ""),
        zone_id=places.get("availability-zone-id", ""),
        silent=tuple(name for name, where, found in asked if where and not found),
    )


async def _task(settings: CloudSettings) -> tuple[object, object]:
    """The task's document and the container's, or nothing."""
    if not settings.task_uri:
        return None, None
    documents = (settings.task_uri + "/task", settings.task_uri)
    try:
        async with asyncio.timeout(settings.timeout.total_seconds()):
            task, container = await asyncio.gather(*(_got(url) for url in documents))
    except (Unanswered, TimeoutError):
        return None, None
    return parsed(task), parsed(container)


async def _instance(where: str, settings: CloudSettings) -> dict[str, str]:
    """Where the machine stands, or nothing.

    Source: EC2 instance metadata, `placement/`; version 2 wants a token first.
    """
    if not where:
        return {}
    ttl = {"X-aws-ec2-metadata-token-ttl-seconds": _TOKEN_S}
    names = ("region", "availability-zone", "availability-zone-id")
    try:
        async with asyncio.timeout(settings.timeout.total_seconds()):
            token = (await _got(f"{where}/latest/api/token", "PUT", ttl)).decode()
            own = {"X-aws-ec2-metadata-token": token}
            urls = [f"{where}/latest/meta-data/placement/{name}" for name in names]
            answers = await asyncio.gather(*(_got(url, "GET", own) for url in urls))
    except (Unanswered, TimeoutError):
        return {}
    return {
        name: answer.decode(errors="replace").strip() for name, answer in zip(names, answers, strict=True)
    }


async def _got(url: str, method: str = "GET", fields: dict[str, str] | None = None) -> bytes:
    """The body of a 200.

    Raises: Unanswered for anything else.
    """
    answer = await http_client.request_url(url, method, fields or {})
    if answer.status != http_client.OK:
        raise Unanswered(f"{url}: {answer.status}")
    return answer.body
