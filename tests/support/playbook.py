"""Playbooks: left, what happens to a stream; right, what must follow."""

from gossamer.compile.resources import ResourceType
from gossamer.xds.protocol import Command, Event, Published, Report, Resource, Send
from gossamer.xds.session import Session

Move = tuple[Event, list[Command | tuple[object, ...]]]


def play(session: Session, *moves: Move) -> None:
    """Feed each event; what follows must be exactly what is written beside it."""
    for number, (event, expected) in enumerate(moves, start=1):
        happened = [told(command) for command in session.handle(event)]
        assert happened == expected, f"move {number}: {event}"


def told(command: Command) -> Command | tuple[object, ...]:
    """A command in the short form of a playbook: names and versions instead of whole resources."""
    match command:
        case Send(type_, nonce, resources, removed):
            sent = tuple(f"{one.name}@{one.version}" for one in resources)
            gone = tuple(f"-{name}" for name in removed)
            return ("send", type_.name.lower(), nonce, *sent, *gone)
        case Report():
            return command


def published(**types: dict[str, str]) -> Published:
    """A snapshot: type → name → `version` or `version needs cluster,cluster`."""
    return Published(
        {
            ResourceType[type_.upper()]: {name: _resource(name, text) for name, text in names.items()}
            for type_, names in types.items()
        }
    )


def _resource(name: str, text: str) -> Resource:
    version, _, needs = text.partition(" needs ")
    return Resource(name, version, frozenset(needs.split(",")) if needs else frozenset())
