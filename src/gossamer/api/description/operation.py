"""Every operation as a caller sees it: its path, its query, its body, its answer and its errors.

Source: App Mesh API 2019-01-25, the operations, the errors that each lists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic.json_schema import JsonSchemaValue

from gossamer.api.description.answer import ACCOUNT, ARN, name_schema, plural
from gossamer.api.description.shape import scalar
from gossamer.api.kinds import KINDS, KindApi
from gossamer.api.operations import OPERATIONS, Operation, Verb
from gossamer.api.pagination import PAGE
from gossamer.model.input import Input, TagResourceInput, UntagResourceInput
from gossamer.model.kind import Kind
from gossamer.model.rule import Between

PageLimit = Annotated[int, Between(1, PAGE)]

#: What can go wrong with any call.
ALWAYS: Final = (
    "BadRequestException",
    "ForbiddenException",
    "InternalServerErrorException",
    "NotFoundException",
    "ServiceUnavailableException",
    "TooManyRequestsException",
)

#: What can go wrong besides, by what the operation does.
BESIDES: Final[Mapping[Verb, tuple[str, ...]]] = {
    Verb.CREATE: ("ConflictException", "LimitExceededException"),
    Verb.UPDATE: ("ConflictException", "LimitExceededException"),
    Verb.DELETE: ("ResourceInUseException",),
    Verb.TAG: ("TooManyTagsException",),
}

SENTENCES: Final[Mapping[Verb, str]] = {
    Verb.CREATE: "Creates a {}.",
    Verb.DESCRIBE: "Tells all about a {}.",
    Verb.UPDATE: "Replaces the whole spec of a {}.",
    Verb.DELETE: "Takes a {} away, and tells what it was.",
    Verb.LIST: "Lists {} by page, in the order of their names.",
    Verb.TAG: "Adds labels to a resource, or gives those that it carries another value.",
    Verb.UNTAG: "Takes labels away from a resource; those that it does not carry are no matter.",
    Verb.LIST_TAGS: "Lists the labels of a resource by page, in the order of their names.",
}


@dataclass(frozen=True, slots=True)
class Described:
    """One operation. `path` and `query` are schemas by member; a query member is required if listed so.

    `payload` is the member that the answer's body is, without a wrapper; without one, `answer` is the body.
    """

    name: str
    method: str
    uri: str
    says: str
    path: Mapping[str, JsonSchemaValue]
    query: Mapping[str, JsonSchemaValue]
    required_query: tuple[str, ...]
    body: type[Input] | None
    answer: str
    payload: str | None
    errors: tuple[str, ...]
    page_of: str | None = None

    @property
    def changes(self) -> bool:
        """Whether it changes anything; repeated, it changes nothing further."""
        return self.method != "GET"


def described() -> tuple[Described, ...]:
    """Every operation, in the order of their names."""
    return tuple(sorted((_described(one) for one in OPERATIONS), key=lambda one: one.name))


def _described(operation: Operation) -> Described:
    if operation.kind is None:
        return _about_tags(operation)
    return _about_kind(operation, operation.kind)


def _about_tags(operation: Operation) -> Described:
    """An operation on labels, which names its resource in the query."""
    is_list = operation.verb is Verb.LIST_TAGS
    query = {"resourceArn": ARN | {"description": "The resource."}} | (dict(_page()) if is_list else {})
    bodies: Mapping[Verb, type[Input]] = {Verb.TAG: TagResourceInput, Verb.UNTAG: UntagResourceInput}
    return Described(
        name=operation.name,
        method=operation.method,
        uri=_uri(operation, ()),
        says=SENTENCES[operation.verb],
        path={},
        query=query,
        required_query=("resourceArn",),
        body=bodies.get(operation.verb),
        answer=f"{operation.name}Output",
        payload=None,
        errors=_errors(operation),
        page_of="tags" if is_list else None,
    )


def _about_kind(operation: Operation, about: KindApi) -> Described:
    kind, verb = about.kind, operation.verb
    path = dict(_path(operation, kind))
    is_list = verb is Verb.LIST
    return Described(
        name=operation.name,
        method=operation.method,
        uri=_uri(operation, tuple(path)),
        says=SENTENCES[verb].format(plural(kind) if is_list else kind.noun),
        path=path,
        query=dict(_query(verb, kind)),
        required_query=(),
        body={Verb.CREATE: about.create, Verb.UPDATE: about.update}.get(verb),
        answer=f"{operation.name}Output" if is_list else f"{kind.noun}Data",
        payload=None if is_list else kind.value,
        errors=_errors(operation),
        page_of=about.collection if is_list else None,
    )


def _path(operation: Operation, kind: Kind) -> Iterator[tuple[str, JsonSchemaValue]]:
    """The names in the path, in their order."""
    line = [one for one in (Kind.MESH, kind.parent, kind) if one is not None]
    places = sum(segment is None for segment in operation.path)
    # A mesh is its own place.
    for one in list(dict.fromkeys(line))[:places]:
        yield KINDS[one].name_member, name_schema(one) | {"description": f"The name of the {one.noun}."}


def _uri(operation: Operation, names: tuple[str, ...]) -> str:
    """The path as documentation spells it."""
    left = iter(names)
    return "/" + "/".join(f"{{{next(left)}}}" if segment is None else segment for segment in operation.path)


def _query(verb: Verb, kind: Kind) -> Iterator[tuple[str, JsonSchemaValue]]:
    if kind is not Kind.MESH or verb is Verb.DESCRIBE:
        yield (
            "meshOwner",
            ACCOUNT | {"description": "The account that owns the mesh, if it is not the caller's."},
        )
    if verb is Verb.LIST:
        yield from _page()


def _page() -> Iterator[tuple[str, JsonSchemaValue]]:
    """What every list takes."""
    yield "limit", scalar(PageLimit) | {"description": "How many to answer with at most; 100 if not said."}
    yield "nextToken", {"type": "string", "description": "The token of the page before."}


def _errors(operation: Operation) -> tuple[str, ...]:
    besides = BESIDES.get(operation.verb, ())
    if operation.name == "UpdateMesh":
        besides = ("ConflictException",)
    return tuple(sorted((*ALWAYS, *besides)))
