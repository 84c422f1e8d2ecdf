"""`gossamer keys`: who may use the API and the xDS port, and what they may do."""

import datetime
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import cyclopts

from gossamer.cli.aws_settings import PROFILE
from gossamer.cli.database import HERE, Output, Place, told
from gossamer.cli.shown import principal, show_document, show_table
from gossamer.cli.words import WrongUsage
from gossamer.clock import SystemClock
from gossamer.contract import DEFAULT_ACCOUNT
from gossamer.errors import InvalidSpec
from gossamer.model.names import AN_ACCOUNT, is_account
from gossamer.store import keys
from gossamer.store.keys import AccessKey, Holder, KeyStatus, NamedPolicy, NewKey
from gossamer.store.vault import token_key
from gossamer.store.visit import database_secret
from gossamer.xds.token import Token, issued

app = cyclopts.App(
    name="keys", help="Access keys: who may use the API and the xDS port, and what they may do."
)

SHOWN: Final = "text for people, json as IAM answers, env for a shell, credentials for ~/.aws/credentials."

Shown = Annotated[Literal["text", "json", "env", "credentials"], cyclopts.Parameter(alias="-o", help=SHOWN)]

Key = Annotated[str, cyclopts.Parameter(help="The key's id, as `gossamer keys list` shows it.")]


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Whose a new key is, and what it may do."""

    policy: Annotated[tuple[str, ...], cyclopts.Parameter(negative=())]
    """What it may do: the name of a managed policy, or a file with a document; may be given several times."""
    account_id: str = DEFAULT_ACCOUNT
    """The account that it belongs to, 12 digits."""
    principal: str = "admin"
    """Whose it is: a user's name, or an ARN such as arn:aws:iam::123456789012:role/deployer."""

    def holder(self) -> Holder:
        """Whose it is, read.

        Raises: WrongUsage, InvalidSpec, OSError.
        """
        check_account(self.account_id)
        return Holder(
            self.account_id, _arn(self.principal, self.account_id), tuple(map(_policy, self.policy))
        )


@app.command
@told
def create(
    grant: Grant,
    *,
    ttl: datetime.timedelta | None = None,
    output: Shown = "text",
    place: Place = HERE,
) -> None:
    """Make a key, and show its secret: this once.

    Parameters
    ----------
    ttl
        How long it lives, such as 12h. Without it, until it is deleted.
    """
    holder, vault = grant.holder(), place.vault()
    with place.opened() as connection:
        made = keys.add(connection, vault, holder, now=SystemClock().now(), life=ttl)
    _show_new(made, output)


@app.command(name="list")
@told
def list_(*, output: Output = "table", place: Place = HERE) -> None:
    """List every key; secrets are not shown."""
    with place.opened() as connection:
        found = keys.every(connection)
    if output != "table":
        show_document({"AccessKeys": [_document(key) for key in found]}, output)
        return
    now = SystemClock().now()
    rows = (
        (one.id, one.holder.account, principal(one.holder.principal), _state(one, now), _policies(one))
        for one in found
    )
    show_table(("key", "account", "principal", "status", "policies"), rows)


@app.command
@told
def show(key: Key, *, output: Output = "table", place: Place = HERE) -> None:
    """Show one key and the documents of its policies; its secret is not shown."""
    with place.opened() as connection:
        found = keys.find(connection, key)
    documents = [
        {"PolicyName": one.name, "PolicyDocument": json.loads(one.text)} for one in found.holder.policies
    ]
    if output != "table":
        show_document(_document(found) | {"Policies": documents}, output)
        return
    for name, fact in _document(found).items():
        sys.stdout.write(f"{name}: {fact}\n")
    sys.stdout.write(json.dumps(documents, indent=2) + "\n")


@app.command
@told
def disable(key: Key, *, place: Place = HERE) -> None:
    """Let a key in no more, until it is enabled again."""
    with place.opened() as connection:
        keys.set_status(connection, key, KeyStatus.INACTIVE)


@app.command
@told
def enable(key: Key, *, place: Place = HERE) -> None:
    """Let a key in again."""
    with place.opened() as connection:
        keys.set_status(connection, key, KeyStatus.ACTIVE)


@app.command
@told
def delete(key: Key, *, place: Place = HERE) -> None:
    """Forget a key."""
    with place.opened() as connection:
        keys.remove(connection, key)
        is_last = not keys.every(connection)
    if is_last:
        sys.stderr.write(
            "gossamer: that was the last key. A server that runs lets nobody in until there is another; "
            "one that is started on loopback lets everybody in.\n"
        )


@app.command
@told
def rotate(
    key: Key,
    *,
    overlap: datetime.timedelta | None = None,
    output: Shown = "text",
    place: Place = HERE,
) -> None:
    """Make a second key for the same principal with the same policies.

    Parameters
    ----------
    overlap
        How long the old one still works, such as 24h. Without it, until it is deleted.
    """
    now = SystemClock().now()
    vault = place.vault()
    with place.opened() as connection:
        old = keys.find(connection, key)
        made = keys.add(connection, vault, old.holder, now=now)
        if overlap is not None:
            keys.set_expiry(connection, key, now + overlap)
    _show_new(made, output)


@app.command
@told
def policy(
    key: Key,
    *,
    attach: Annotated[tuple[str, ...], cyclopts.Parameter(negative=())] = (),
    detach: Annotated[tuple[str, ...], cyclopts.Parameter(negative=())] = (),
    place: Place = HERE,
) -> None:
    """Say anew what a key may do.

    Parameters
    ----------
    attach
        The name of a policy, or a file with a document; one of the same name is replaced.
    detach
        The name of a policy of the key.
    """
    added = {one.name: one for one in map(_policy, attach)}
    with place.opened() as connection:
        now = {one.name: one for one in keys.find(connection, key).holder.policies}
        if unknown := [name for name in detach if name not in now]:
            raise WrongUsage(f"the key has no policy {', '.join(unknown)}; it has {', '.join(now) or 'none'}")
        kept = {name: one for name, one in (now | added).items() if name not in detach}
        keys.set_policies(connection, key, kept.values())


def _policy(text: str) -> NamedPolicy:
    """A policy by its name, or from a file.

    Raises: WrongUsage, InvalidSpec, OSError.
    """
    path = Path(text)
    if not path.is_file():
        try:
            return NamedPolicy.managed(text)
        except InvalidSpec as error:
            raise WrongUsage(str(error)) from error
    found = NamedPolicy(path.stem, path.read_text())
    found.read()
    return found


def check_account(account: str) -> None:
    """Refuse what is not an account.

    Raises: WrongUsage.
    """
    if not is_account(account):
        raise WrongUsage(f"{account!r} is not {AN_ACCOUNT}")


def _arn(principal: str, account: str) -> str:
    """A principal's ARN; a bare name is that of a user."""
    arn = principal if principal.startswith("arn:") else f"arn:aws:iam::{account}:user/{principal}"
    if re.fullmatch(rf"arn:[\w-]+:(iam|sts)::{account}:[\w-]+(/[\w+=,.@/-]+)?", arn) is None:
        raise WrongUsage(
            f"{principal!r} is neither a user's name nor the ARN of a principal of account {account}"
        )
    return arn


def _state(key: AccessKey, now: datetime.datetime) -> str:
    if key.expires_at is None:
        return key.status.value
    return f"{key.status.value}, {'expired' if key.expires_at <= now else 'until'} {_iso(key.expires_at)}"


def _policies(key: AccessKey) -> str:
    return ", ".join(one.name for one in key.holder.policies)


def _iso(at: datetime.datetime) -> str:
    return at.isoformat(timespec="seconds")


def _document(key: AccessKey) -> dict[str, object]:
    """A key as IAM would show it."""
    found: dict[str, object] = {
        "AccessKeyId": key.id,
        "AccountId": key.holder.account,
        "Principal": key.holder.principal,
        "Status": key.status.value,
        "CreateDate": _iso(key.created_at),
        "PolicyNames": [one.name for one in key.holder.policies],
    }
    return found if key.expires_at is None else found | {"Expiration": _iso(key.expires_at)}


def _show_new(made: NewKey, output: Shown) -> None:
    token = {} if made.token is None else {"aws_session_token": made.token}
    parts = {"aws_access_key_id": made.key.id, "aws_secret_access_key": made.secret, **token}
    if output == "json":
        session = {} if made.token is None else {"SessionToken": made.token}
        show_document({"AccessKey": _document(made.key) | {"SecretAccessKey": made.secret} | session}, output)
    else:
        sys.stdout.write("\n".join(_lines(parts, output)) + "\n")
    if output == "text":
        sys.stderr.write(
            "The secret is not shown again. `gossamer keys create -o credentials >> ~/.aws/credentials`"
            f" would have kept it as profile {PROFILE};"
            f" `aws configure --profile {PROFILE}` asks for the same.\n"
        )


def _lines(parts: Mapping[str, str], output: Shown) -> Sequence[str]:
    if output == "env":
        return [f"export {name.upper()}={value}" for name, value in parts.items()]
    lines = [f"{name} = {value}" for name, value in parts.items()]
    return [f"[{PROFILE}]", *lines] if output == "credentials" else lines


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Which mesh endpoints a token is good for."""

    mesh: str
    """The mesh; `mesh@owner` for one of another account. `*` and `?` are wildcards, here and below."""
    virtual_node: str | None = None
    """The virtual node."""
    virtual_gateway: str | None = None
    """The virtual gateway."""
    account_id: str = DEFAULT_ACCOUNT
    """The account that owns the mesh."""

    def pattern(self) -> str:
        """As a short node id.

        Raises: WrongUsage.
        """
        if (self.virtual_node is None) is (self.virtual_gateway is None):
            raise WrongUsage("say either --virtual-node or --virtual-gateway")
        kind, name = (
            ("virtualNode", self.virtual_node)
            if self.virtual_node
            else ("virtualGateway", self.virtual_gateway)
        )
        if not name or "/" in f"{self.mesh}{name}":
            raise WrongUsage("names of meshes and endpoints hold no slash, and are not empty")
        return f"mesh/{self.mesh.partition('@')[0]}/{kind}/{name}"

    def owner(self) -> str:
        """The account that owns the mesh.

        Raises: WrongUsage.
        """
        _, is_of_another, named = self.mesh.partition("@")
        owner = named if is_of_another else self.account_id
        check_account(owner)
        return owner


@app.command
@told
def token(endpoint: Endpoint, *, ttl: datetime.timedelta, place: Place = HERE) -> None:
    """Make a token that proxies open their stream with, as GOSSAMER_XDS_TOKEN or in GOSSAMER_XDS_TOKEN_FILE.

    Parameters
    ----------
    ttl
        How long it lives, such as 720h. It cannot be taken back before.
    """
    now = SystemClock().now()
    made = Token(endpoint.owner(), endpoint.pattern(), now + ttl)
    with place.opened() as connection:
        key = token_key(place.vault(), database_secret(connection))
    sys.stdout.write(issued(made, key, now) + "\n")
