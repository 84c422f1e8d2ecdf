"""Where the requests of a virtual node or gateway are written down.

Source: App Mesh API 2019-01-25, `Logging`, `AccessLog`, `FileAccessLog`, `LoggingFormat`, `JsonFormatRef`,
and their twins of virtual gateways.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from gossamer.model.log_format import CHECKED
from gossamer.model.rule import Characters
from gossamer.model.spec import Spec, Union, Violated

Short = Annotated[str, Characters(1, 100)]


class JsonFormatRef(Spec):
    """One member of a line that is a JSON object."""

    key: Short
    """The member's name."""
    value: Annotated[Short, CHECKED]
    """The member's value, in Envoy's format strings."""


class LoggingFormat(Union):
    """What a line looks like."""

    text: Annotated[str, Characters(1, 1000), CHECKED] | None = None
    """A line of text, in Envoy's format strings."""
    # `json` is a method of every pydantic model.
    json_: tuple[JsonFormatRef, ...] | None = Field(default=None, alias="json")
    """A JSON object, member by member; Envoy writes the members in the order of their names."""

    def _broken_rules(self) -> Iterator[Violated]:
        yield from super()._broken_rules()
        seen: set[str] = set()
        for index, pair in enumerate(self.json_ or ()):
            if pair.key in seen:
                yield Violated("must differ from the keys of other members", f"json[{index}].key")
            seen.add(pair.key)


class FileAccessLog(Spec):
    """A file that gets a line for each request."""

    path: Annotated[str, Characters(1, 255)]
    """Its path; `/dev/stdout` sends the lines to the container's log."""
    format: LoggingFormat | None = None
    """What a line looks like; the effective default is Envoy's."""


class AccessLog(Union):
    """Where requests are written down."""

    file: FileAccessLog | None = None
    """In a file."""


class Logging(Spec):
    """What a virtual node logs."""

    access_log: AccessLog | None = None
    """Where its requests are written down."""


class VirtualGatewayFileAccessLog(FileAccessLog):
    """A file that gets a line for each request to a virtual gateway."""


class VirtualGatewayAccessLog(AccessLog):
    """Where requests to a virtual gateway are written down."""

    file: VirtualGatewayFileAccessLog | None = None
    """In a file."""


class VirtualGatewayLogging(Logging):
    """What a virtual gateway logs."""

    access_log: VirtualGatewayAccessLog | None = None
    """Where its requests are written down."""
