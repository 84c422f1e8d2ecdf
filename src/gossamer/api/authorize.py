"""Whether a caller's policies allow a call: one table of which resources each action is about.

An action is asked for its own resource, and once more for every resource that its spec refers to.
Source: service authorization reference, actions and resource types of AWS App Mesh; a type that an action
does not require is asked for when a call names one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.api.operations import Verb
from gossamer.api.refusal import EXPLICITLY, Refusal, Refused
from gossamer.api.request import Caller, Request
from gossamer.errors import Forbidden, NotFound
from gossamer.model.input import CreateInput, TagResourceInput, UntagResourceInput, UpdateInput
from gossamer.model.kind import Kind, Ref
from gossamer.model.permission import Demand, Verdict, is_allowed_anywhere, verdict
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.store.integrity import used_by
from gossamer.store.store import NO_TAGS, Store

#: The prefix of every action, and the resource of those that are about none.
SERVICE: Final = "appmesh"
EVERYTHING: Final = "*"


#: What an account may do in a mesh that another one shares with it, besides looking at the mesh itself.
#: Source: App Mesh user guide, shared meshes, the permissions of AWS RAM.
SHARED_KINDS: Final = frozenset({Kind.VIRTUAL_NODE, Kind.VIRTUAL_ROUTER, Kind.ROUTE, Kind.VIRTUAL_SERVICE})


@dataclass(frozen=True, slots=True)
class Place:
    """A resource that a call is about; `is_new` if the call would create it."""

    ref: Ref
    is_new: bool = False


async def authorize(request: Request, store: Store, region: str) -> None:
    """Let a request pass if the policies of its caller allow it.

    Raises: Refused; InvalidSpec and NotFound for a name that can't be that of a resource.
    """
    caller, action = request.caller, f"{SERVICE}:{request.operation.name}"
    if caller.shared:
        _check_share(request)
    if is_allowed_anywhere(caller.policies, action):
        return
    requested, tag_keys = _tags_of(request)
    for place in places(request):
        resource, tags = EVERYTHING, NO_TAGS
        if place is not None:
            resource, tags = await described(place, request.account, store, region)
        allow(caller, Demand(action, resource, tags, requested, tag_keys))


def allow(caller: Caller, demand: Demand) -> None:
    """Let a caller do what their policies allow; who came in without a key may do everything.

    Raises: Refused.
    """
    found = Verdict.ALLOWED if caller.key is None else verdict(caller.policies, demand)
    if found is not Verdict.ALLOWED:
        why = EXPLICITLY if found is Verdict.DENIED else ""
        raise Refused(Refusal.DENIED, caller.principal, demand.action, demand.resource, why)


def places(request: Request) -> Iterator[Place | None]:
    """Every resource that a call is about, its own first; None for a call that is about no resource."""
    match request.operation.verb:
        case Verb.CREATE:
            yield Place(request.ref(request.creation.name), is_new=True)
        case Verb.LIST:
            yield _listed(request)
        case _:
            yield Place(request.ref())
    if isinstance(request.input, UpdateInput):
        mesh = request.ref(*((request.creation.name,) if isinstance(request.input, CreateInput) else ()))
        for kind, name in references(request.input.spec):
            yield Place(Ref(mesh.account, mesh.mesh, kind, name))


def _check_share(request: Request) -> None:
    """Refuse what a share does not allow. Labels are left to their own rule: who created it handles them.

    Raises: Forbidden.
    """
    operation = request.operation
    if operation.kind is None or request.query.get("meshOwner", request.account) == request.account:
        return
    is_fine = operation.kind.kind in SHARED_KINDS or operation.name == "DescribeMesh"
    if not is_fine:
        raise Forbidden(f"{operation.name} is not allowed in a mesh that another account shares")


def references(spec: Spec) -> Iterator[tuple[Kind, str]]:
    """Every resource that a spec names."""
    yield from used_by(spec)
    if isinstance(spec, VirtualNodeSpec):
        for backend in spec.backends or ():
            if backend.virtual_service is not None:
                yield Kind.VIRTUAL_SERVICE, backend.virtual_service.virtual_service_name


def _listed(request: Request) -> Place | None:
    """What a list is asked of: the mesh, the router or the gateway."""
    kind = request.kind.kind
    if kind is Kind.MESH:
        return None
    place = request.ref("")
    if kind.parent is not None and place.parent is not None:
        return Place(Ref(place.account, place.mesh, kind.parent, place.parent))
    return Place(Ref(place.account, place.mesh, Kind.MESH, place.mesh))


async def described(place: Place, account: str, store: Store, region: str) -> tuple[str, Mapping[str, str]]:
    """The ARN of a resource, and its labels. One that is not there would belong to the caller's account."""
    if not place.is_new:
        try:
            revision = await store.get(place.ref)
            return place.ref.arn(region, revision.owner), await store.tags.of(place.ref)
        except NotFound:
            pass
    return place.ref.arn(region, account), NO_TAGS


def _tags_of(request: Request) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The labels that a call carries, and their names."""
    match request.input:
        case CreateInput(tags=tags) | TagResourceInput(tags=tags):
            requested = {tag.key: tag.value for tag in tags or ()}
            return requested, tuple(requested)
        case UntagResourceInput(tag_keys=keys):
            return {}, tuple(keys)
        case _:
            return {}, ()
