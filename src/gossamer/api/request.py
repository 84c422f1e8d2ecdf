"""A call that was understood: its operation, the names in its path, its body as an input, and who calls."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from gossamer.api.kinds import KINDS, KindApi
from gossamer.api.operations import Operation, Verb
from gossamer.errors import Bug, InvalidSpec, NotFound, Violation
from gossamer.model.arn import Arn, read_arn
from gossamer.model.input import CreateInput, Input, TagResourceInput, UntagResourceInput, UpdateInput
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.names import AN_ACCOUNT, is_account
from gossamer.model.policy import Policy
from gossamer.model.spec import Spec
from gossamer.store.store import Author


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an account, the ARN of a principal in it, and the access key that proved it, if one did.

    `policies` are those of the key, `shared` the meshes that other accounts share with this one. `until` is
    the end of the session whose cookie stood for the key, `session` which one it was.
    """

    account: str
    principal: str
    key: str | None = None
    policies: tuple[Policy, ...] = ()
    shared: frozenset[MeshKey] = frozenset()
    until: datetime.datetime | None = None
    session: str | None = None

    def reaches(self, mesh: MeshKey) -> bool:
        """Whether they may use anything of a mesh."""
        return mesh.account == self.account or mesh in self.shared


@dataclass(frozen=True, slots=True)
class Request:
    """One call, matched. `names` are those of the path; `input` is the body, if the operation takes one.

    `asked` is the spec in the words of an earlier version of the API, if the call came in them.
    """

    operation: Operation
    names: tuple[str, ...]
    query: Mapping[str, str]
    input: Input | None
    caller: Caller
    asked: Spec | None = None

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account

    @property
    def kind(self) -> KindApi:
        """The kind that the call is about."""
        if self.operation.kind is None:
            raise Bug(f"{self.operation.name} is about no kind")
        return self.operation.kind

    @property
    def creation(self) -> CreateInput:
        """The body of a create."""
        if not isinstance(self.input, CreateInput):
            raise Bug(f"{self.operation.name} was read without its body")
        return self.input

    @property
    def update(self) -> UpdateInput:
        """The body of an update."""
        if not isinstance(self.input, UpdateInput):
            raise Bug(f"{self.operation.name} was read without its body")
        return self.input

    def owner(self, mesh: str) -> str:
        """The account that owns a mesh: the caller's own, or another one that shares it.

        Raises: InvalidSpec for what is not an account, NotFound for a mesh that is not shared.
        """
        owner = self.query.get("meshOwner")
        if owner is None:
            return self.account  # Whose meshes are theirs to use.
        if not is_account(owner):
            raise InvalidSpec([Violation("meshOwner", f"must be {AN_ACCOUNT}")])
        if not self.caller.reaches(MeshKey(owner, mesh)):
            raise NotFound(Ref(owner, mesh, Kind.MESH, mesh))
        return owner

    def ref(self, *own: str) -> Ref:
        """The resource that the path or the ARN names; `own` is the name of one that only the body names."""
        if self.operation.kind is None:
            return self._of_arn()
        path = (*self.names, *own)
        kind = self.kind.kind
        if "/" in path[0]:
            raise InvalidSpec([Violation("meshName", "must be the name of a mesh: an ARN is not")])
        parent = path[1] if kind.parent is not None else None
        return Ref(self.owner(path[0]), path[0], kind, path[-1], parent)

    @property
    def arn(self) -> Arn:
        """The ARN that the call is about.

        Raises: InvalidSpec for none, and for what is not one.
        """
        return read_arn("resourceArn", self.query.get("resourceArn", ""))

    def _of_arn(self) -> Ref:
        """The resource whose labels the call is about.

        Raises: InvalidSpec for what is not an ARN, NotFound for what is in a mesh that is not shared.
        """
        ref = self.arn.ref
        if not self.caller.reaches(ref.key):
            raise NotFound(ref)
        return ref

    def author(self, token: str | None = None) -> Author:
        """Who calls, as the store remembers it."""
        return Author(self.account, self.caller.principal, token)


def read(operation: Operation, body: bytes) -> Input | None:
    """The body of a call; None for an operation that takes none.

    Raises: InvalidSpec.
    """
    match operation.verb, operation.kind:
        case Verb.CREATE, KindApi() as kind:
            return _creation(kind, body)
        case Verb.UPDATE, KindApi() as kind:
            return kind.update.from_json(body)
        case Verb.TAG, _:
            return TagResourceInput.from_json(body)
        case Verb.UNTAG, _:
            return UntagResourceInput.from_json(body)
        case _:
            return None


def _creation(kind: KindApi, body: bytes) -> CreateInput:
    """The body of a create; if it is one of another kind, the violations say which.

    Source: the Getting Started, whose second step gives a virtual service to `create-virtual-router`.
    """
    try:
        return kind.create.from_json(body)
    except InvalidSpec as error:
        wrong = {violation.path for violation in error.violations}
        meant = [one.kind.noun for one in KINDS.values() if one is not kind and one.name_member in wrong]
        hint = [Violation("", f"this is a body for Create{noun}") for noun in meant[:1]]
        raise InvalidSpec([*hint, *error.violations]) from error
