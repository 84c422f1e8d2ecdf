"""Carries every call out with every client, and writes down what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import botocore.loaders
from structlog.testing import capture_logs

from gossamer.api.faults import FAULTS
from tests.support.compatibility.call import Api, Call, Client, Outcome
from tests.support.compatibility.clients import clients
from tests.support.compatibility.preview_scenario import PREVIEW
from tests.support.compatibility.refusing import Refusal, refusing_server
from tests.support.compatibility.scenario import CURRENT
from tests.support.control_plane import running_control_plane

APIS: Final = (CURRENT, PREVIEW)

PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "reference" / "compatibility.md"

HEAD: Final = """# Which operations work with which client

<!-- Written by `make docs`: what the calls of tests/support/compatibility came to. -->

Each operation is called with each unmodified client: once or more so that it is answered, and once for each
error that the service's own description lists for it. A cell tells whether the answers were right, and how
many of the errors arrived under their names.
"""

#: What any call may be refused with, whatever it asks for.
ANYTIME: Final = (
    "ForbiddenException",
    "InternalServerErrorException",
    "ServiceUnavailableException",
    "TooManyRequestsException",
)


@dataclass(frozen=True)
class Result:
    """What came of one call."""

    client: str
    call: Call
    outcome: Outcome

    @property
    def is_right(self) -> bool:
        """Whether it came to what it must."""
        return (self.outcome.error, self.outcome.found) == (self.call.error, self.call.pages)


def results(api: Api) -> list[Result]:
    """Every call of one version, by every client."""
    with TemporaryDirectory() as directory:
        return [*_answered(api, Path(directory)), *_refused(api, Path(directory))]


def _answered(api: Api, directory: Path) -> Iterator[Result]:
    with (
        running_control_plane(directory, *api.flags) as plane,
        clients(plane.url, api.version, directory) as found,
    ):
        for client in found:
            yield from (Result(client.name, call, client.carry_out(call)) for call in api.calls)


def _refused(api: Api, directory: Path) -> Iterator[Result]:
    with (
        capture_logs(),
        refusing_server(directory) as refusal,
        clients(refusal.url, api.version, directory) as found,
    ):
        for client in found:
            yield from _refused_calls(api, client, refusal)


def _refused_calls(api: Api, client: Client, refusal: Refusal) -> Iterator[Result]:
    """One answered call of each operation, refused in every way that any call may be."""
    errors = [(error, name) for error, (_, name) in FAULTS.items() if name in ANYTIME]
    for operation in api.operations():
        good = next(call for call in api.calls if call.operation == operation and not call.error)
        for error, name in errors:
            refusal.error = error("not today")
            call = Call(operation, good.arguments, name)
            yield Result(client.name, call, client.carry_out(call))


def listed_errors(api: Api) -> Mapping[str, tuple[str, ...]]:
    """The errors that the service's own description lists for each operation."""
    model = botocore.loaders.Loader().load_service_model("appmesh", "service-2", api.version)
    return {
        name: tuple(sorted(error["shape"] for error in operation["errors"]))
        for name, operation in model["operations"].items()
    }


def page(found: Mapping[str, Sequence[Result]]) -> str:
    """The page, from the results of each version."""
    return HEAD + "".join(_section(api, found[api.version]) for api in APIS)


def _section(api: Api, found: Sequence[Result]) -> str:
    names = list(dict.fromkeys(result.client for result in found))
    lines = [
        f"\n## {api.version}\n",
        f"| Operation | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for operation in sorted(api.operations()):
        of = [result for result in found if result.call.operation == operation]
        cells = (_cell(api, operation, [one for one in of if one.client == name]) for name in names)
        lines.append(f"| {operation} | {' | '.join(cells)} |")
    lines.append("\nListed, and yet never the answer:\n")
    lines += [f"- {error} of {operation}: {why}" for (operation, error), why in api.impossible.items()]
    return "\n".join(lines) + "\n"


def _cell(api: Api, operation: str, of: Sequence[Result]) -> str:
    answered = [one for one in of if not one.call.error]
    works = "works" if answered and all(one.is_right for one in answered) else "FAILS"
    wanted = {error for error in listed_errors(api)[operation] if (operation, error) not in api.impossible}
    seen = {one.call.error for one in of if one.call.error and one.is_right}
    return f"{works}, {len(seen & wanted)} of {len(wanted)} errors"


def current_page() -> str:
    """The page as it is now, with every call made."""
    return page({api.version: results(api) for api in APIS})
