"""The commands that the route manager takes while it runs, a line each: enable, disable, status, quit.

Source: App Mesh user guide, the traffic of an EC2 instance: the commands, and the lines that introduce each
step. The end of the input ends the loop and leaves everything in place, so a container that is started
without a terminal installs its rules and exits.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from gossamer.errors import MeshError

ENTERED: Final = "=== Entering main loop ===\n"
COMMANDS: Final = "Commands: enable, disable, status, quit.\n"

Action = Callable[[], object]


def run(lines: Iterable[str], actions: Mapping[str, Action], say: Callable[[str], object]) -> None:
    """Carry out commands until `quit`, or the end of the input.

    `actions` has one for each of enable, disable and status; `quit` disables. A command that fails is told,
    and the next is taken.
    """
    say(ENTERED)
    for line in lines:
        command = line.strip()
        if not command:
            continue
        action = actions.get("disable" if command == "quit" else command)
        if action is None:
            say(COMMANDS)
            continue
        try:
            action()
        except MeshError as error:
            say(f"{error}\n")
        if command == "quit":
            return
