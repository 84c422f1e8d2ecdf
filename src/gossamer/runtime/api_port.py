"""The API's port: HTTP, with the gate that calls come through, and all that is mounted beside the API."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from gossamer.api.app import ApiSettings, create_app
from gossamer.api.audit import Auditor
from gossamer.api.audit_routes import audit_routes
from gossamer.api.gate import Gate, KeyGate
from gossamer.api.session_routes import session_routes
from gossamer.api.throttle import ThrottlingGate
from gossamer.clock import SystemClock
from gossamer.console.site import Console
from gossamer.insight.feed import Feed
from gossamer.insight.holdings import Holdings
from gossamer.insight.routes import insight_routes
from gossamer.insight.sources import Sources
from gossamer.runtime.health import Health
from gossamer.runtime.health_routes import health_routes
from gossamer.runtime.http_protocol import HttpProtocol
from gossamer.runtime.process import Process
from gossamer.runtime.reconcile import Prospects
from gossamer.runtime.tls_files import server_context
from gossamer.store.vault import session_key
from gossamer.xds.hub import Hub

#: How long requests have to end by themselves.
GRACE_S: Final = 2

#: How long a connection is kept on which nothing is asked: longer than those keep it who call. One that we
#: close while its next request is on the way fails that request: 502 at a load balancer, an error in an SDK.
#: Source: Application Load Balancers, connection idle timeout, 60 s; uvicorn's own would be 5 s.
IDLE_S: Final = 75


class ApiServer(uvicorn.Server):
    """Uvicorn without signal handlers of its own: one place decides when the process ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class ReloadingConfig(uvicorn.Config):
    """Uvicorn's settings with a context of ours, which follows the files."""

    def use(self, context: ssl.SSLContext) -> None:
        """Speak TLS."""
        self.load()
        self.ssl = context


def api_server(process: Process, hub: Hub, feed: Feed, health: Health, look: Callable[[], None]) -> ApiServer:
    """The API, our own routes, and what is mounted beside them; `look` brings the metrics up to date."""
    settings, store = process.settings, process.store
    signing = session_key(process.vault, store.secret)
    keys = KeyGate(process.watch(), store, settings.account_id, signing)
    auditor = Auditor(store.audit.note, settings.region, SystemClock())
    app = create_app(
        store,
        settings=ApiSettings(account=settings.account_id, region=settings.region),
        gate=_paced(keys, settings.calls_per_second),
        auditor=auditor,
        extra_routes=(
            *health_routes(health, look),
            *insight_routes(_sources(process, hub, feed, keys, auditor)),
            *session_routes(keys.session, keys.sign_out),
            *audit_routes(store.audit, settings.account_id),
            *Console().routes(),
        ),
    )
    config = http_config(app)
    if process.api_tls is not None:
        config.use(server_context(process.api_tls))
    return ApiServer(config)


def http_config(app: ASGIApp) -> ReloadingConfig:
    """How HTTP is spoken."""
    return ReloadingConfig(
        app,
        http=HttpProtocol,
        log_config=None,
        lifespan="off",
        access_log=False,
        ws="none",
        # Who is connected is who calls: nobody may speak for another address, or claim to have come over TLS.
        proxy_headers=False,
        # A client that keeps a TLS connection but never looks at it would hold the end up for longer.
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=IDLE_S,
    )


def _sources(process: Process, hub: Hub, feed: Feed, keys: KeyGate, auditor: Auditor) -> Sources:
    """What our own routes look at."""
    return Sources(
        meshes=process.reconciler,
        prospects=Prospects(process.reconciler),
        hub=hub,
        store=process.store,
        history=process.store.history,
        batches=process.store.batches,
        auditor=auditor,
        account=process.settings.account_id,
        region=process.settings.region,
        feed=feed,
        is_still=keys.is_still,
        clock=SystemClock(),
        holdings=lambda: _holdings(process),
    )


def _holdings(process: Process) -> Holdings:
    """What is known of certificates now."""
    settings, reconciler = process.settings, process.reconciler
    shown = ((settings.api_tls(), process.api_tls), (settings.xds_tls(), process.xds_tls))
    files = {
        str(files.certificate): watch.current().certificate.decode()
        for files, watch in shown
        if files is not None and watch is not None
    }
    return Holdings(reconciler.surroundings, tuple(reconciler.meshes.values()), tuple(files.items()))


def _paced(keys: KeyGate, rate: int) -> Gate:
    """Who may come in, and how often."""
    return ThrottlingGate(keys, rate, SystemClock()) if rate else keys
