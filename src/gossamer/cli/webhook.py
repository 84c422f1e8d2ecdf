"""`gossamer webhook`: the admission webhook that puts sidecars into pods."""

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import cyclopts

from gossamer.contract import DEFAULT_ACCOUNT
from gossamer.errors import MeshError
from gossamer.inject.candidate import Candidate, candidates
from gossamer.inject.document import Json, Refused
from gossamer.inject.review import Policy
from gossamer.inject.settings import Settings
from gossamer.inject.text import parsed
from gossamer.inject.webhook import Listening, serving
from gossamer.sidecar import journal

app = cyclopts.App(name="webhook")


@dataclass(frozen=True, kw_only=True)
class Serving:
    """How the webhook answers, and where it learns which pod is which endpoint."""

    tls_cert_file: Path
    """The certificate, PEM, with what leads to its authority. It is read anew when it is renewed."""

    tls_key_file: Path
    """The certificate's private key."""

    host: str = "0.0.0.0"  # noqa: S104 - the API server asks from another machine, over TLS
    """Address to listen on."""

    port: int = 9443
    """Port to listen on; 0 takes a free one."""

    resources_dir: Path | None = None
    """A directory of App Mesh's custom resources (Mesh, VirtualNode, VirtualGateway), such as a mounted
    ConfigMap: their pod selectors choose. Read anew when it changes."""

    account_id: str = DEFAULT_ACCOUNT
    """The account whose meshes carry no owner in the identities of their proxies."""

    mesh: str = ""
    """The mesh of pods and of resources that name none."""

    namespaces: Literal["enabled", "unspecified"] = "enabled"
    """What a pod's namespace says where the pod says nothing: `enabled`, where the webhook is asked for
    namespaces with the label only, refuses a pod without an endpoint; `unspecified` leaves it alone."""


@app.default
def run(
    serving_: Annotated[Serving, cyclopts.Parameter(name="*")],
    *,
    settings: Annotated[Settings, cyclopts.Parameter(name="*")] | None = None,
) -> int:
    """Answer the API server's reviews of new pods, until told to stop."""
    journal.begin()
    try:
        asyncio.run(_serve(serving_, settings or Settings()))
    except MeshError as error:
        sys.stderr.write(f"gossamer webhook: {error}\n")
        return 1
    return 0


async def _serve(how: Serving, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered is answered."""
    if not (settings.image and settings.init_image):
        raise Refused("name the images that pods get: --image and --init-image")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    resources = _Resources(how.resources_dir, how.mesh, how.account_id)
    resources.read()

    def policy() -> Policy:
        return Policy(settings, resources.read(), how.mesh, is_wanted=how.namespaces == "enabled")

    listening = Listening(how.tls_cert_file, how.tls_key_file, how.host, how.port)
    async with serving(listening, policy, journal.info) as port:
        journal.info("serving", port=port)
        await stop.wait()


class _Resources:
    """The custom resources in a directory, as they are now."""

    def __init__(self, directory: Path | None, mesh: str, account: str) -> None:
        self._directory = directory
        self._mesh = mesh
        self._account = account
        self._seen: tuple[object, ...] | None = None
        self._found: tuple[Candidate, ...] = ()

    def read(self) -> tuple[Candidate, ...]:
        """The candidates; the files are read again when one was written, added or taken away.

        Raises: Refused when the directory or one of the files cannot be read.
        """
        if self._directory is None:
            return ()
        try:
            files = sorted(
                path for path in self._directory.iterdir() if path.suffix in {".yaml", ".yml", ".json"}
            )
            seen = tuple((path, path.stat().st_mtime_ns) for path in files)
            if seen != self._seen:
                documents = [document for path in files for document in _documents(path)]
                self._found = candidates(documents, self._mesh, self._account)
                self._seen = seen
        except OSError as error:
            raise Refused(f"the resources cannot be read: {error}") from error
        return self._found


def _documents(path: Path) -> list[Json]:
    """The documents of a file; what is wrong with it is told with its name."""
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except (Refused, UnicodeDecodeError) as error:
        raise Refused(f"{path}: {error}") from error
