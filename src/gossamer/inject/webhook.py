"""The mutating admission webhook: the API server asks over TLS, and is answered.

Source: Kubernetes, dynamic admission control: HTTPS, POST, an AdmissionReview each way; the path that App
Mesh's controller answered at.
"""

import asyncio
import functools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import web

from gossamer.inject.document import Json, Refused, json_object
from gossamer.inject.review import NotAReview, Policy, verdict

PATH: Final = "/mutate-v1-pod"
#: Twice what etcd holds of one object, in which the API server sends a pod.
BODY_BYTES: Final = 3 * 1024 * 1024
#: The API server itself waits thirty seconds at most.
_PATIENCE_S: Final = 10.0

Tell = Callable[..., None]
Policies = Callable[[], Policy]


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the webhook listens, and the files of its certificate."""

    certificate: Path
    key: Path
    host: str = "0.0.0.0"  # noqa: S104 - the API server asks from another machine, over TLS
    port: int = 9443
    patience_s: float = _PATIENCE_S


@asynccontextmanager
async def serving(listening: Listening, policies: Policies, tell: Tell) -> AsyncIterator[int]:
    """Answer reviews; the port that was taken. `policies` is asked anew for each review.

    Raises: Refused when the certificate cannot be loaded, or the port is taken.
    """
    context = _Certificate(listening.certificate, listening.key, tell).context()
    app = web.Application(client_max_size=BODY_BYTES)
    app.router.add_post(PATH, functools.partial(_mutate, policies, tell, listening.patience_s))
    app.router.add_get("/healthz", _healthy)
    app.router.add_get("/readyz", functools.partial(_ready, policies))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, listening.host, listening.port, ssl_context=context)
        try:
            await site.start()
        except OSError as error:
            raise Refused(f"cannot listen on {listening.host}:{listening.port}: {error}") from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _mutate(policies: Policies, tell: Tell, patience_s: float, request: web.Request) -> web.Response:
    """Answer one review; what is none is told so with a status."""
    try:
        async with asyncio.timeout(patience_s):
            body = await request.read()
    except TimeoutError:
        return web.Response(status=408, text=f"the review did not arrive within {patience_s:g} s\n")
    if request.content_type != "application/json":
        return web.Response(status=415, text="a review is application/json\n")
    try:
        said = verdict(_parsed(body), policies())
    except NotAReview as error:
        return web.Response(status=400, text=f"{error}\n")
    except Refused as error:
        # Not a fault of the pod, but of what we were configured with.
        tell("review_failed", why=str(error))
        return web.Response(status=500, text=f"{error}\n")
    if said.refusal:
        tell("pod_refused", pod=said.pod, why=said.refusal)
    elif said.identity:
        tell("pod_injected", pod=said.pod, proxy=said.identity)
    return web.json_response(said.answer)


def _parsed(body: bytes) -> Json:
    """The review.

    Raises: NotAReview.
    """
    try:
        return json_object(body)
    except Refused as error:
        raise NotAReview(str(error)) from error


async def _healthy(_: web.Request) -> web.Response:
    """Whether the process runs."""
    return web.Response(text="ok\n")


async def _ready(policies: Policies, _: web.Request) -> web.Response:
    """Whether reviews can be answered: what we are configured with can be read."""
    try:
        policies()
    except Refused as error:
        return web.Response(status=503, text=f"{error}\n")
    return web.Response(text="ok\n")


@dataclass
class _Certificate:
    """A certificate in files that somebody renews: every handshake is made with what they hold then."""

    certificate: Path
    key: Path
    tell: Tell
    _loaded: tuple[int, ...] = field(default=(), init=False)
    _current: ssl.SSLContext | None = field(default=None, init=False)

    def context(self) -> ssl.SSLContext:
        """What to listen with.

        Raises: Refused when the files cannot be loaded.
        """
        self._loaded = self._times()
        self._current = first = self._load()
        first.sni_callback = self._choose
        return first

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _asked: ssl.SSLContext) -> None:
        """Before each handshake: take what the files hold now; half a renewal leaves what was there."""
        try:
            times = self._times()
            if times != self._loaded:
                self._current = self._load()
                self._loaded = times
                self.tell("certificate_loaded", file=str(self.certificate))
        except Refused as error:
            self.tell("certificate_kept", why=str(error))
        if self._current is not None:
            connection.context = self._current

    def _times(self) -> tuple[int, ...]:
        """When the files were written.

        Raises: Refused when one is not there.
        """
        try:
            return tuple(path.stat().st_mtime_ns for path in (self.certificate, self.key))
        except OSError as error:
            raise Refused(f"the certificate cannot be read: {error}") from error

    def _load(self) -> ssl.SSLContext:
        """A context with what the files hold."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise Refused(
                f"the certificate cannot be loaded: {self.certificate}, {self.key}: {error}"
            ) from error
        return context
