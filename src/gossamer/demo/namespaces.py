"""The command that gives the stage namespaces of its own, as root and as anybody.

Source: unshare(1), `--map-auto`; subuid(5).
"""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: Who may map which other users, and groups; both are read by the programs that do it.
GRANTS: Final = (Path("/etc/subuid"), Path("/etc/subgid"))


def namespaces(mode: str) -> Sequence[str]:
    """The command that gives another one namespaces of its own, all gone with its first process."""
    if mode == "explicit":
        return ()
    users = ()
    if mode == "user":
        users = ("--user", "--map-root-user", *(("--map-auto",) if may_map_users() else ()))
    return ("unshare", *users, "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child")


def may_map_users(grants: Sequence[Path] = GRANTS) -> bool:
    """Whether we may map other users: the programs that do it are there, and both files grant us some."""
    if shutil.which("newuidmap") is None or shutil.which("newgidmap") is None:
        return False
    user = os.geteuid()
    try:
        own = {str(user), pwd.getpwuid(user).pw_name}
    except KeyError:  # a user without a line in /etc/passwd, as in many containers
        own = {str(user)}
    return all(any(line.split(":")[0] in own for line in _lines(file)) for file in grants)


def _lines(file: Path) -> Sequence[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return ()
