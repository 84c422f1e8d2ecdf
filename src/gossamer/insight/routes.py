"""Every route of our own about a running mesh, as one list."""

from starlette.routing import BaseRoute

from gossamer.insight.analysis import analysis_routes
from gossamer.insight.apply import apply_routes
from gossamer.insight.certificates import certificate_routes
from gossamer.insight.config import config_routes
from gossamer.insight.events import event_routes
from gossamer.insight.explain import explain_routes
from gossamer.insight.history import history_routes
from gossamer.insight.problems import problem_routes
from gossamer.insight.proxies import proxy_routes
from gossamer.insight.rollback import rollback_routes
from gossamer.insight.sources import Sources
from gossamer.insight.topology import topology_routes
from gossamer.insight.traffic_routes import traffic_routes


def insight_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """All of them; the guard of the API stands before each."""
    return (
        *proxy_routes(sources),
        *problem_routes(sources),
        *topology_routes(sources),
        *traffic_routes(sources),
        *certificate_routes(sources),
        *event_routes(sources),
        *history_routes(sources),
        *rollback_routes(sources),
        *apply_routes(sources),
        *config_routes(sources),
        *explain_routes(sources),
        *analysis_routes(sources),
    )
