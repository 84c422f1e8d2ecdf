"""Every SQL statement, built once; SQLAlchemy then finds its text in a cache by the object."""

from typing import Final

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from gossamer.store.access_tables import SHARES
from gossamer.store.schema import PLACE, RESOURCES, REVISIONS, STORE, USES


def _at_place(table: Table) -> ColumnElement[bool]:
    """The resource that the parameters name."""
    return and_(*(table.c[part] == bindparam(part) for part in PLACE))


def _in_collection(table: Table) -> ColumnElement[bool]:
    """The collection that the parameters name."""
    return and_(*(table.c[part] == bindparam(part) for part in PLACE[:-1]))


def _of_token(column: str) -> ColumnElement[str]:
    """What the log remembers of a client token, of the last request that carried it."""
    return (
        select(REVISIONS.c[column])
        .where(
            REVISIONS.c.token == bindparam("token"),
            REVISIONS.c.principal == bindparam("principal"),
            REVISIONS.c.action == bindparam("action"),
            REVISIONS.c.kind == bindparam("kind"),
            REVISIONS.c.at > bindparam("token_since"),
        )
        .order_by(REVISIONS.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
        .label(f"token_{column}")
    )


_PARENT: Final = RESOURCES.alias("parent_resource")

#: All that a creation has to know before it may happen, in one round trip.
CREATION: Final = select(
    _of_token("digest"),
    _of_token("uid"),
    select(RESOURCES.c.uid).where(_at_place(RESOURCES)).scalar_subquery().label("taken"),
    select(literal(1))
    .where(
        _PARENT.c.account == bindparam("account"),
        _PARENT.c.kind == bindparam("above_kind"),
        _PARENT.c.mesh == bindparam("mesh"),
        _PARENT.c.parent == "",
        _PARENT.c.name == bindparam("above_name"),
    )
    .scalar_subquery()
    .label("above"),
)

#: A resource, and whether the client asked for the same before.
AMENDMENT: Final = select(RESOURCES, _of_token("digest"), _of_token("uid")).where(_at_place(RESOURCES))

RESOURCE: Final = select(RESOURCES).where(_at_place(RESOURCES))
IS_THERE: Final = select(literal(1)).where(_at_place(RESOURCES))
ALL_RESOURCES: Final = select(RESOURCES)
COLLECTION: Final = (
    select(RESOURCES)
    .where(_in_collection(RESOURCES), RESOURCES.c.name > bindparam("after"))
    .order_by(RESOURCES.c.name)
    .limit(bindparam("limit"))
)
#: An account's own meshes and those that others share with it; two owners may have one of the same name.
MESHES: Final = (
    select(RESOURCES)
    .where(
        RESOURCES.c.kind == bindparam("kind"),
        or_(
            RESOURCES.c.account == bindparam("account"),
            exists().where(
                SHARES.c.account == RESOURCES.c.account,
                SHARES.c.mesh == RESOURCES.c.mesh,
                SHARES.c.consumer == bindparam("account"),
            ),
        ),
        or_(
            RESOURCES.c.mesh > bindparam("after"),
            and_(RESOURCES.c.mesh == bindparam("after"), RESOURCES.c.account > bindparam("after_owner")),
        ),
    )
    .order_by(RESOURCES.c.mesh, RESOURCES.c.account)
    .limit(bindparam("limit"))
)
COLLECTION_COUNT: Final = select(func.count()).select_from(RESOURCES).where(_in_collection(RESOURCES))
MESH_COUNT: Final = (
    select(func.count())
    .select_from(RESOURCES)
    .where(RESOURCES.c.account == bindparam("account"), RESOURCES.c.kind == bindparam("kind"))
)
SPECS_OF: Final = select(RESOURCES.c.name, RESOURCES.c.spec).where(
    _in_collection(RESOURCES), RESOURCES.c.name.in_(bindparam("names", expanding=True))
)
SPECS_IN: Final = (
    select(RESOURCES.c.name, RESOURCES.c.spec).where(_in_collection(RESOURCES)).order_by(RESOURCES.c.name)
)
KIND_IN_MESH: Final = (
    select(literal(1))
    .where(
        RESOURCES.c.account == bindparam("account"),
        RESOURCES.c.kind == bindparam("kind"),
        RESOURCES.c.mesh == bindparam("mesh"),
    )
    .limit(1)
)
KIND_UNDER: Final = select(literal(1)).where(_in_collection(RESOURCES)).limit(1)
_USES_OF: Final = and_(
    USES.c.account == bindparam("account"),
    USES.c.mesh == bindparam("mesh"),
    USES.c.used_kind == bindparam("used_kind"),
    USES.c.used_name == bindparam("used_name"),
)
USERS: Final = select(USES.c.kind).where(_USES_OF).distinct()
USERS_OF_KIND: Final = (
    select(RESOURCES.c.name, RESOURCES.c.spec)
    .join(USES, and_(*(RESOURCES.c[part] == USES.c[part] for part in PLACE)))
    .where(_USES_OF, USES.c.kind == bindparam("kind"))
    .order_by(RESOURCES.c.name, RESOURCES.c.parent)
)
USERS_AT: Final = (
    select(USES.c.parent, USES.c.name)
    .where(_USES_OF, USES.c.kind == bindparam("kind"))
    .distinct()
    .order_by(USES.c.parent, USES.c.name)
)

ADD_RESOURCE: Final = insert(RESOURCES)
#: The names of what to change start with `is_`: SQLAlchemy keeps the bare ones for the new values.
CHANGE_RESOURCE: Final = update(RESOURCES).where(
    and_(*(RESOURCES.c[part] == bindparam(f"is_{part}") for part in PLACE))
)
REMOVE_RESOURCE: Final = delete(RESOURCES).where(_at_place(RESOURCES))
ADD_REVISION: Final = insert(REVISIONS)
ADD_USES: Final = insert(USES)
REMOVE_USES: Final = delete(USES).where(_at_place(USES))

CHANGES: Final = (
    select(REVISIONS)
    .where(REVISIONS.c.sequence > bindparam("sequence_after"))
    .order_by(REVISIONS.c.sequence)
    .limit(bindparam("limit"))
)
LAST_SEQUENCE: Final = select(func.coalesce(func.max(REVISIONS.c.sequence), 0))

IDENTITY: Final = select(STORE.c.schema_version, STORE.c.secret).where(STORE.c.id == 1)
ADD_IDENTITY: Final = insert(STORE)
CHANGE_IDENTITY: Final = update(STORE).where(STORE.c.id == bindparam("is_id"))
