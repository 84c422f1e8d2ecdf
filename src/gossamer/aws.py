"""The only door to the AWS SDK, an optional extra that is loaded when it is needed."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from gossamer.errors import Unavailable

Answer = Mapping[str, object]

#: Whoever asks asks again anyway, and wants to know soon that nobody answers.
CONNECT_TIMEOUT_S: Final = 3
READ_TIMEOUT_S: Final = 10


class Refused(Unavailable):
    """AWS answers with an error; `code` is its name."""

    def __init__(self, code: str, why: str) -> None:
        self.code = code
        super().__init__(why)

    def __str__(self) -> str:
        """AWS's own words."""
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Access:
    """Which AWS, and who asks; empty members are found as every AWS tool finds them."""

    region: str = ""
    profile: str = ""
    endpoint_url: str = ""


class Asking(Protocol):
    """Calls operations of one service, each by its name as a method: `discover_instances`."""

    async def __call__(self, operation: str, **asked: object) -> Answer:
        """What the operation answers.

        Raises: Refused, Unavailable.
        """
        ...


@contextlib.asynccontextmanager
async def asking(service: str, access: Access) -> AsyncIterator[Asking]:
    """A client of one service.

    Raises: Unavailable if the SDK is not installed, or knows too little to ask anybody.
    """
    try:
        from aiobotocore.config import AioConfig  # noqa: PLC0415 - an optional extra
        from aiobotocore.session import AioSession  # noqa: PLC0415 - an optional extra
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise Unavailable("the AWS SDK is not installed: pip install 'gossamer[aws]'") from error
    async with contextlib.AsyncExitStack() as stack:
        try:
            session = AioSession(profile=access.profile or None)
            making = session.create_client(
                service,
                region_name=access.region or None,
                endpoint_url=access.endpoint_url or None,
                config=AioConfig(**_options(access)),
            )
            client = await stack.enter_async_context(making)
        except BotoCoreError as error:
            raise Unavailable(f"the AWS SDK cannot be used: {error}") from error

        async def ask(operation: str, **asked: object) -> Answer:
            try:
                answer: Answer = await getattr(client, operation)(**asked)
            except ClientError as error:
                raise Refused(str(error.response.get("Error", {}).get("Code", "")), str(error)) from error
            except BotoCoreError as error:
                raise Unavailable(f"AWS does not answer: {error}") from error
            return answer

        yield ask


def _options(access: Access) -> dict[str, object]:
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "read_timeout": READ_TIMEOUT_S,
        "retries": {"total_max_attempts": 1},
        # `data-` before the name of an endpoint of one's own leads nowhere.
        "inject_host_prefix": not access.endpoint_url,
    }
