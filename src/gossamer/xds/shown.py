"""What is on the wire, shown to people: Envoy's messages as JSON, in the form of its own configuration dump.

Whatever Envoy's definitions mark as sensitive is blotted out, at any depth.
Source: Envoy admin `config_dump`, which redacts by the annotation `udpa.annotations.sensitive`.
"""

import json
from collections.abc import Iterator
from typing import Final

from envoy.service.discovery.v3.discovery_pb2 import Resource as EnvoyResource
from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from udpa.annotations.sensitive_pb2 import sensitive

from gossamer.xds.protocol import Resource

REDACTED: Final = "[redacted]"


def config(resource: Resource) -> dict[str, object] | None:
    """A resource as its proxy runs it; None for one that it brought along, of which we know no more."""
    if not resource.any_field:
        return None
    packed = EnvoyResource.FromString(resource.any_field).resource
    text = MessageToJson(_blotted(_opened(packed)), preserving_proto_field_name=True, indent=None)
    found: dict[str, object] = json.loads(text)
    return found


def _opened(packed: Any) -> Message:
    """What is in the box."""
    message = GetMessageClass(Default().FindMessageTypeByName(packed.TypeName()))()
    packed.Unpack(message)
    return message


def _blotted(message: Message) -> Message:
    """The message, which is ours, without what is sensitive in it."""
    for field, value in list(message.ListFields()):
        if field.GetOptions().Extensions[sensitive]:  # type: ignore[index]  # an extension of bool
            _blot(message, field)
        elif field.message_type is not None:
            for inner in _messages(value):
                _blotted(inner)
    if isinstance(message, Any) and message.type_url:
        message.Pack(_blotted(_opened(message)), deterministic=True)
    return message


def _messages(value: object) -> Iterator[Message]:
    """The messages in a field, whatever it holds them in."""
    if isinstance(value, Message):
        yield value
    elif isinstance(value, dict) or hasattr(value, "items"):
        yield from (inner for inner in value.values() if isinstance(inner, Message))  # type: ignore[attr-defined]
    else:
        yield from (inner for inner in value if isinstance(inner, Message))  # type: ignore[attr-defined]


def _blot(message: Message, field: FieldDescriptor) -> None:
    """Put a word in place of what a field holds; of what is inside a message nothing is kept."""
    message.ClearField(field.name)
    source = field.message_type
    if source is not None and "inline_string" in source.fields_by_name:
        getattr(message, field.name).inline_string = REDACTED
