"""Every SQL statement, built once."""

import functools
from typing import Final

from sqlalchemy import (
    BindParameter,
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
    text,
    update,
)

from gossamer.store.access_tables import SHARES
from gossamer.store.prepared import Prepared
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


@functools.cache
def specs_of(places: int) -> Prepared:
    """The specs of those of so many names that are there: `name_0`, `name_1` and so on."""
    names: list[BindParameter[str]] = [bindparam(f"name_{place}") for place in range(places)]
    return Prepared(
        select(RESOURCES.c.name, RESOURCES.c.spec).where(
            _in_collection(RESOURCES), RESOURCES.c.name.in_(names)
        )
    )


#: Before and after each write of a group, so that it can be taken back by itself.
SAVE: Final = Prepared(text("SAVEPOINT one_write"))
KEEP: Final = Prepared(text("RELEASE SAVEPOINT one_write"))
TAKE_BACK: Final = Prepared(text("ROLLBACK TO SAVEPOINT one_write"))

_PARENT: Final = RESOURCES.alias("parent_resource")

#: All that a creation has to know before it may happen, in one round trip.
CREATION: Final = Prepared(
    select(
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
)

#: A resource, and whether the client asked for the same before.
AMENDMENT: Final = Prepared(
    select(RESOURCES, _of_token("digest"), _of_token("uid")).where(_at_place(RESOURCES))
)

RESOURCE: Final = Prepared(select(RESOURCES).where(_at_place(RESOURCES)))
IS_THERE: Final = Prepared(select(literal(1)).where(_at_place(RESOURCES)))
#: Not prepared: its rows come one by one.
ALL_RESOURCES: Final = select(RESOURCES)
COLLECTION: Final = Prepared(
    select(RESOURCES)
    .where(_in_collection(RESOURCES), RESOURCES.c.name > bindparam("after"))
    .order_by(RESOURCES.c.name)
    .limit(bindparam("limit"))
)
#: An account's own meshes and those that others share with it; two owners may have one of the same name.
MESHES: Final = Prepared(
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
COLLECTION_COUNT: Final = Prepared(
    select(func.count()).select_from(RESOURCES).where(_in_collection(RESOURCES))
)
MESH_COUNT: Final = Prepared(
    select(func.count())
    .select_from(RESOURCES)
    .where(RESOURCES.c.account == bindparam("account"), RESOURCES.c.kind == bindparam("kind"))
)
SPECS_IN: Final = Prepared(
    select(RESOURCES.c.name, RESOURCES.c.spec).where(_in_collection(RESOURCES)).order_by(RESOURCES.c.name)
)
KIND_IN_MESH: Final = Prepared(
    select(literal(1))
    .where(
        RESOURCES.c.account == bindparam("account"),
        RESOURCES.c.kind == bindparam("kind"),
        RESOURCES.c.mesh == bindparam("mesh"),
    )
    .limit(1)
)
KIND_UNDER: Final = Prepared(select(literal(1)).where(_in_collection(RESOURCES)).limit(1))
_USES_OF: Final = and_(
    USES.c.account == bindparam("account"),
    USES.c.mesh == bindparam("mesh"),
    USES.c.used_kind == bindparam("used_kind"),
    USES.c.used_name == bindparam("used_name"),
)
USERS: Final = Prepared(select(USES.c.kind).where(_USES_OF).distinct())
USERS_OF_KIND: Final = Prepared(
    select(RESOURCES.c.name, RESOURCES.c.spec)
    .join(USES, and_(*(RESOURCES.c[part] == USES.c[part] for part in PLACE)))
    .where(_USES_OF, USES.c.kind == bindparam("kind"))
    .order_by(RESOURCES.c.name, RESOURCES.c.parent)
)
USERS_AT: Final = Prepared(
    select(USES.c.parent, USES.c.name)
    .where(_USES_OF, USES.c.kind == bindparam("kind"))
    .distinct()
    .order_by(USES.c.parent, USES.c.name)
)

ADD_RESOURCE: Final = Prepared(insert(RESOURCES))
#: The names of what to change start with `is_`: SQLAlchemy keeps the bare ones for the new values.
CHANGE_RESOURCE: Final = Prepared(
    update(RESOURCES).where(and_(*(RESOURCES.c[part] == bindparam(f"is_{part}") for part in PLACE)))
)
REMOVE_RESOURCE: Final = Prepared(delete(RESOURCES).where(_at_place(RESOURCES)))
#: Answers with its place in the log.
ADD_REVISION: Final = Prepared(insert(REVISIONS).returning(REVISIONS.c.sequence))
ADD_USES: Final = Prepared(insert(USES))
REMOVE_USES: Final = Prepared(delete(USES).where(_at_place(USES)))

CHANGES: Final = Prepared(
    select(REVISIONS)
    .where(REVISIONS.c.sequence > bindparam("sequence_after"))
    .order_by(REVISIONS.c.sequence)
    .limit(bindparam("limit"))
)
LAST_SEQUENCE: Final = Prepared(select(func.coalesce(func.max(REVISIONS.c.sequence), 0)))

IDENTITY: Final = select(STORE.c.schema_version, STORE.c.secret).where(STORE.c.id == 1)
ADD_IDENTITY: Final = insert(STORE)
CHANGE_IDENTITY: Final = update(STORE).where(STORE.c.id == bindparam("is_id"))
