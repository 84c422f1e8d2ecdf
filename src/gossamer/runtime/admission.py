"""Who may open a stream: a signature by a known key, a client certificate, or a token of ours.

An `authorization` header decides, if there is one; else the certificate. A stream over the Unix socket
needs neither, nor does any while the control plane is open.
Source: App Mesh user guide, proxy authorization; Envoy's aws_request_signing filter and gRPC's aws_iam
plugin, which sign the stream's request; SPIFFE, the form of URIs.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from gossamer.api import sigv4
from gossamer.api.authorize import Place, described
from gossamer.api.gate import Watch, proven
from gossamer.api.refusal import EXPLICITLY, Refusal, Refused
from gossamer.api.sigv4 import UNSIGNED, Sent
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.permission import Demand, Verdict, is_allowed_anywhere, verdict
from gossamer.model.policy import matches
from gossamer.store.store import Store
from gossamer.xds.admission import NotPermitted, Presented, StreamEvent, Unauthenticated, Visitor
from gossamer.xds.node_id import NodeId
from gossamer.xds.token import BadToken, read_token

ACTION: Final = "appmesh:StreamAggregatedResources"
BEARER: Final = "Bearer "

#: The one form of a client certificate's URI: `spiffe://TRUST_DOMAIN/mesh/MESH/virtualNode/NAME`.
SPIFFE: Final = re.compile(
    r"spiffe://(?P<domain>[^/]+)/(?P<endpoint>mesh/[^/]+/virtual(?:Node|Gateway)/[^/]+)"
)

#: What clients send and may sign, and gRPC keeps to itself.
HIDDEN: Final = {"content-type": "application/grpc", "te": "trailers"}
ENCODINGS: Final = ("identity, deflate, gzip", "identity,deflate,gzip", "identity", "gzip")

_EMPTY: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Trust:
    """What streams are judged by.

    `account` is that of node ids that name none, `token_key` signs tokens, `domain` is that of
    certificates, and `hosts` are the names that clients may have signed, gRPC not telling which one was.
    """

    account: str
    token_key: bytes
    domain: str
    hosts: Callable[[], tuple[str, ...]]


class StreamAdmission:
    """Judges streams as the gate judges calls; see `xds.admission.Admission`."""

    def __init__(self, watch: Watch, store: Store, trust: Trust, take: Callable[[StreamEvent], None]) -> None:
        self._watch = watch
        self._store = store
        self._trust = trust
        self._take = take

    def recognize(self, presented: Presented) -> Visitor:
        """Whoever opened a stream.

        Raises: Unauthenticated.
        """
        if presented.is_local or self._watch.is_open():
            return Visitor(is_local=presented.is_local)
        header = presented.metadata.get("authorization", "")
        try:
            if header.startswith(BEARER):
                return self._of_token(header.removeprefix(BEARER))
            if not header and presented.uris:
                return self._of_certificate(presented.uris)
            return self._of_signature(presented)
        except (BadToken, Refused) as error:
            raise Unauthenticated(str(error)) from error

    async def permit(self, visitor: Visitor, node: NodeId) -> NodeId:
        """The endpoint that a visitor speaks for.

        Raises: NotPermitted, Unauthenticated for one whose key or token is no good any more.
        """
        account = node.account or visitor.account or self._trust.account
        found = NodeId(node.mesh, node.kind, node.name, account)
        if visitor.account is None:
            if not visitor.is_local and not self._watch.is_open():
                # It came before the first key was made.
                raise Unauthenticated(str(Refused(Refusal.MISSING)))
            return found
        if visitor.expires_at is not None and visitor.expires_at <= self._watch.clock.now():
            raise Unauthenticated(f"{visitor.principal} has expired")
        if visitor.key is not None:
            await self._check_key(visitor, visitor.key, found)
        elif account != visitor.account or not any(matches(one, str(found)) for one in visitor.endpoints):
            raise NotPermitted(
                f"{visitor.principal} is good for {', '.join(visitor.endpoints)}, not for {found}"
            )
        return found

    def note(self, event: StreamEvent) -> None:
        """Hear of a stream's life."""
        self._take(event)

    def _of_token(self, text: str) -> Visitor:
        token = read_token(text, self._trust.token_key, self._watch.clock.now())
        named = f"the token for {token.endpoint}"
        return Visitor(token.account, named, None, (token.endpoint,), token.expires_at)

    def _of_certificate(self, uris: tuple[str, ...]) -> Visitor:
        found = [one for one in map(SPIFFE.fullmatch, uris) if one and one["domain"] == self._trust.domain]
        if not found:
            raise Unauthenticated(
                f"the certificate of the client has no URI such as spiffe://{self._trust.domain}"
                "/mesh/MESH/virtualNode/NAME"
            )
        endpoints = tuple(one["endpoint"] for one in found)
        return Visitor(self._trust.account, f"the certificate of {endpoints[0]}", None, endpoints)

    def _of_signature(self, presented: Presented) -> Visitor:
        spellings = _spellings(presented, self._trust.hosts())
        first = next(spellings)
        claim = sigv4.claimed(first)
        key = proven(self._watch, first, claim, spellings, self._watch.clock.now())
        return Visitor(key.account, key.principal, claim.key)

    async def _check_key(self, visitor: Visitor, key_id: str, node: NodeId) -> None:
        directory, now = self._watch.directory(), self._watch.clock.now()
        key = directory.keys.get(key_id)
        if key is None or (key.expires_at is not None and key.expires_at <= now):
            raise Unauthenticated(str(Refused(Refusal.UNKNOWN_KEY)))
        mesh = MeshKey(node.account or key.account, node.mesh)
        if mesh.account != key.account and mesh not in directory.shared_with(key.account):
            raise NotPermitted(f"Mesh {mesh.mesh} of account {mesh.account} is not shared with {key.account}")
        if is_allowed_anywhere(key.policies, ACTION):
            return
        place = Place(Ref(mesh.account, mesh.mesh, Kind(node.kind), node.name))
        arn, tags = await described(place, key.account, self._store, self._watch.region)
        found = verdict(key.policies, Demand(ACTION, arn, tags))
        if found is not Verdict.ALLOWED:
            why = EXPLICITLY if found is Verdict.DENIED else ""
            raise NotPermitted(str(Refused(Refusal.DENIED, visitor.principal, ACTION, arn, why)))


def _spellings(presented: Presented, hosts: tuple[str, ...]) -> Iterator[Sent]:
    """The stream's request in every form in which its client may have signed it."""
    told = presented.metadata.get("x-amz-content-sha256")
    payload = UNSIGNED if told == UNSIGNED else _EMPTY
    for host, encoding in product(hosts, ENCODINGS):
        headers = HIDDEN | {"grpc-accept-encoding": encoding} | dict(presented.metadata) | {"host": host}
        yield Sent("POST", f"/{presented.service}/{presented.method}", "", headers, payload)
