"""`GET /gossamer/v1/certificates`: what the control plane hands to proxies and shows itself, and who uses it.

Certificates in files beside proxies, and those of secret discovery, are read by Envoy itself: nobody here
knows them. Keys are never told.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import caller
from gossamer.api.own_route import route
from gossamer.certs import pem
from gossamer.certs.arn import account_of
from gossamer.clock import iso
from gossamer.insight.sources import Sources
from gossamer.mesh.snapshot import Mesh, revisions
from gossamer.mesh.surroundings import Surroundings
from gossamer.model.kind import Kind

Json = dict[str, object]

#: The kinds whose specs may name a certificate or an authority.
KINDS: Final = frozenset({Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY})

#: Every ARN in a spec's JSON; most are of something else, and then nobody asks for them.
_ARN: Final = re.compile(r'"(arn:[^"\\]+)"')


def certificate_routes(sources: Sources) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than ours see those of their own account."""

    async def shown(request: Request) -> Response:
        who = caller(request.scope).account
        # Every spec of every mesh is looked through, which must not hold proxies up.
        found = await asyncio.to_thread(_shown, sources, None if who == sources.account else who)
        return JSONResponse({"certificates": found})

    return (route("/gossamer/v1/certificates", shown),)


def _shown(sources: Sources, account: str | None) -> list[Json]:
    holdings = sources.holdings()
    meshes = (one for one in holdings.meshes if account in (None, one.key.account))
    found = [*known(holdings.surroundings, users(meshes), account)]
    found += served(holdings.files) if account is None else ()
    return sorted(found, key=lambda one: str(one["notAfter"]))


def users(meshes: Iterable[Mesh]) -> Mapping[str, list[str]]:
    """Which resources name which ARNs."""
    found: dict[str, list[str]] = {}
    for mesh in meshes:
        named = {ref: one for ref, one in revisions(mesh).items() if ref.kind in KINDS}
        for ref in sorted(named, key=str):
            for arn in sorted(set(_ARN.findall(named[ref].spec.to_json()))):
                found.setdefault(arn, []).append(str(ref))
    return found


def known(
    surroundings: Surroundings, used: Mapping[str, list[str]], account: str | None = None
) -> Iterator[Json]:
    """Every certificate and authority that has an ARN; of an authority that is rotated, each root."""
    for arn, one in surroundings.certificates.items():
        if one is not None and account in (None, account_of(arn)):
            yield {"arn": arn, **_told(one.chain), "usedBy": used.get(arn, [])}
    for arn in surroundings.trust.keys() - surroundings.certificates.keys():
        text = surroundings.trust[arn]
        if text is not None and account in (None, account_of(arn)):
            for root in pem.split(text):
                yield {"arn": arn, **_told(root), "usedBy": used.get(arn, [])}


def served(files: Iterable[tuple[str, str]]) -> Iterator[Json]:
    """What the ports of this process show; nobody names it in a spec."""
    for name, text in files:
        yield {"name": name, **_told(text), "usedBy": []}


def _told(text: str) -> Json:
    facts = pem.facts(text)
    return {
        "subject": facts.name,
        "sans": list(facts.names),
        "issuer": facts.issuer,
        "notBefore": iso(facts.not_before),
        "notAfter": iso(facts.not_after),
    }
