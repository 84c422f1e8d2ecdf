"""Every route of our own has its section."""

import re
from pathlib import Path

from starlette.routing import Route

from gossamer.api.audit_routes import audit_routes
from gossamer.api.session_routes import session_routes
from gossamer.insight.routes import insight_routes

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "own-routes.md"
SECTIONS = set(re.findall(r"^### `(\w+ \S+)`$", PAGE.read_text(), flags=re.MULTILINE))


def test_every_route_has_its_section_and_every_section_its_route() -> None:
    nothing: object = None
    routes = (
        *insight_routes(nothing),  # type: ignore[arg-type]  # none is called
        *session_routes(nothing, nothing),  # type: ignore[arg-type]  # nor here
        *audit_routes(nothing, ""),  # type: ignore[arg-type]  # nor here
    )
    found = {
        f"{method} {route.path}"
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    assert found == SECTIONS
