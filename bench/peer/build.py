"""Builds the peer, once for each state of its source."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent
BUILT: Final = Path("build/bench/peer")

#: A first build fetches the modules and compiles all of Envoy's messages.
_LIMIT_S: Final = 900


class Missing(Exception):
    """There is no peer to compare with; the text says why."""


def built() -> Path:
    """The program.

    Raises: Missing.
    """
    go = shutil.which("go")
    if go is None:
        raise Missing("Not compared with go-control-plane: Go is not installed.")
    parts = (SOURCE / name for name in ("main.go", "go.mod", "go.sum"))
    state = hashlib.blake2b(b"".join(part.read_bytes() for part in parts), digest_size=8).hexdigest()
    program = (BUILT / f"peer-{state}").absolute()
    if program.exists():
        return program
    command = (go, "build", "-mod=readonly", "-trimpath", "-o", str(program), ".")
    try:
        subprocess.run(command, cwd=SOURCE, check=True, capture_output=True, text=True, timeout=_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise Missing(f"Not compared with go-control-plane: no build within {_LIMIT_S} s.") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().rpartition("\n")[2]
        raise Missing(f"Not compared with go-control-plane: it does not build ({last}).") from error
    return program
