"""The audit log over HTTP: `GET /gossamer/v1/audit`, with filters and pages, newest first."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from gossamer.api.guard import AUDIT_PATH, caller
from gossamer.api.own_route import asked, route
from gossamer.clock import read_time
from gossamer.store.audit import AuditLog, AuditQuery

#: How many entries a page holds, at most and by default.
MOST: Final = 1000
PAGE: Final = 100

#: As many digits as a sequence may have.
LONGEST_NUMBER: Final = 18


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _moment(text: str) -> datetime.datetime:
    try:
        return read_time(text)
    except ValueError:
        raise ValueError("must be a time such as 2026-01-31T09:30:00Z") from None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > LONGEST_NUMBER:
        raise ValueError("must be a number")
    return int(text)


def _size(text: str) -> int:
    found = _number(text)
    if not 1 <= found <= MOST:
        raise ValueError(f"must be between 1 and {MOST}")
    return found


#: What callers say → the member of a query, and how its value is read.
FILTERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    "eventName": ("name", str),
    "accountId": ("account", str),
    "principal": ("principal", str),
    "accessKeyId": ("key", str),
    "sourceIPAddress": ("source", str),
    "resource": ("resource", str),
    "errorCode": ("error", str),
    "readOnly": ("is_read_only", _truth),
    "startTime": ("since", _moment),
    "endTime": ("until", _moment),
    "nextToken": ("before", _number),
    "limit": ("limit", _size),
}


def audit_routes(log: AuditLog, account: str) -> tuple[BaseRoute, ...]:
    """The one route. Callers of another account than this one, which is ours, find their own calls only."""

    async def found(request: Request) -> Response:
        try:
            query = _query(asked(request))
            who = caller(request.scope).account
            if who != account:
                query = _of_account(query, who)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, 400, {"x-amzn-errortype": "BadRequestException"})
        page = await log.find(query)
        more = "" if page.next is None else f', "nextToken": "{page.next}"'
        body = f'{{"events": [{", ".join(page.records)}]{more}}}'
        return Response(body, media_type="application/json")

    return (route(AUDIT_PATH, found, query=tuple(FILTERS)),)


def _of_account(query: AuditQuery, account: str) -> AuditQuery:
    """What an account finds that sees only its own calls.

    Raises: ValueError if it asks for those of another.
    """
    if query.account not in (None, account):
        raise ValueError(f"accountId: must be your own, {account}")
    return replace(query, account=account)


def _query(given: Mapping[str, str]) -> AuditQuery:
    """What is asked for.

    Raises: ValueError that names the filter and its rule.
    """
    members: dict[str, object] = {"limit": PAGE}
    for name, text in given.items():
        member, read = FILTERS[name]
        try:
            members[member] = read(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    return AuditQuery(**members)  # type: ignore[arg-type]  # each reader gives what its member takes
