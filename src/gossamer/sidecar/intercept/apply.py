"""Runs nft: puts the rules in place, takes them away, and tells whether they are there.

Source: nft(8).
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from gossamer.errors import MeshError
from gossamer.sidecar.intercept import nft
from gossamer.sidecar.intercept.plan import Interception, plan

#: Debian keeps nft where the PATH of ordinary users does not look.
_SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin"
_TIMEOUT_S: Final = 30


class NotIntercepted(MeshError):
    """The rules could not be changed or read; nothing was changed by half."""


def enable(wanted: Interception, *, within: Sequence[str] = ()) -> None:
    """Put an interception in place of any earlier one.

    `within` is a command that runs another, such as `("ip", "netns", "exec", NAME)`, to act in its network.
    Raises: NotIntercepted with nft's own words.
    """
    _nft(("-f", "-"), nft.enabling(plan(wanted)), within)


def disable(*, within: Sequence[str] = ()) -> None:
    """Take the interception away; without one, nothing happens.

    Raises: NotIntercepted with nft's own words.
    """
    _nft(("-f", "-"), nft.disabling(), within)


def listing(*, within: Sequence[str] = ()) -> str:
    """The rules that are in place, as nft lists them; empty when there are none.

    Raises: NotIntercepted with nft's own words.
    """
    # Listed by family first: asking for a table that is not there is an error like any other.
    tables = _nft(("list", "tables", nft.FAMILY), "", within).splitlines()
    if f"table {nft.FAMILY} {nft.TABLE}" not in tables:
        return ""
    return _nft(("list", "table", nft.FAMILY, nft.TABLE), "", within)


def _nft(arguments: Sequence[str], script: str, within: Sequence[str]) -> str:
    """Run nft; what it printed."""
    program = shutil.which("nft", path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_PATH}")
    if program is None:
        raise NotIntercepted("nft is missing; on Debian: apt-get install nftables")
    try:
        done = subprocess.run(  # noqa: S603  the command is ours; addresses and ports were parsed
            (*within, program, *arguments),
            input=script,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise NotIntercepted(f"nft refused: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotIntercepted(f"nft did not run: {error}") from error
    return done.stdout
