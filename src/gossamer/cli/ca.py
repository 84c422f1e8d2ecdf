"""`gossamer ca`: the local certificate authority, whose certificates virtual nodes name by ARN."""

import datetime
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import cyclopts

from gossamer.certs import pem
from gossamer.certs.arn import Namer
from gossamer.certs.ledger import Given, Ledger, UnknownArn
from gossamer.certs.local import shown_chain, trusted_roots
from gossamer.cli.database import HERE, Output, Place, told
from gossamer.cli.shown import show_document, show_table
from gossamer.cli.words import WrongUsage
from gossamer.clock import SystemClock
from gossamer.contract import DEFAULT_ACCOUNT, DEFAULT_REGION
from gossamer.errors import InvalidSpec, Violation
from gossamer.model.credential import Amendment, Credential, CredentialKind
from gossamer.store import credentials

app = cyclopts.App(
    name="ca", help="The local certificate authority, whose certificates virtual nodes name by ARN."
)

ROOT_DAYS: Final = 3650
LEAF_DAYS: Final = 90
#: Every proxy hears of a new root within a second or so; one that is away for a moment has time to come back.
OVERLAP: Final = datetime.timedelta(minutes=1)

Change = Callable[[Ledger], Amendment]
Shown = Annotated[Literal["text", "json", "pem", "roots"], cyclopts.Parameter(alias="-o")]


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """What stands in new ARNs."""

    account_id: str = DEFAULT_ACCOUNT
    """The account, as `gossamer serve --account-id`."""
    region: str = DEFAULT_REGION
    """The region, as `gossamer serve --region`."""

    def namer(self) -> Namer:
        """What names new authorities and certificates."""
        return Namer(self.account_id, self.region)


OURS = Owner()


@app.command
@told
def create(name: str, *, days: int = ROOT_DAYS, owner: Owner = OURS, place: Place = HERE) -> None:
    """Make an authority with a root of its own, and print its ARN.

    Parameters
    ----------
    name
        What people call it.
    days
        How long its root is good for; the server makes the next one in time.
    """
    arn = owner.namer().authority()
    _amend(place, lambda ledger: ledger.created(arn, name, _life(days)))
    sys.stdout.write(f"{arn}\n")


@app.command
@told
def issue(
    *names: str, authority: str = "", days: int = LEAF_DAYS, owner: Owner = OURS, place: Place = HERE
) -> None:
    """Issue a certificate, for servers and clients, and print its ARN.

    Parameters
    ----------
    names
        The names that it carries: DNS names, URIs such as spiffe://shop/orders, addresses.
    authority
        The ARN of the authority that issues it, where there are several.
    days
        How long it is good for; the server renews it in time.
    """
    arn = owner.namer().certificate()
    _amend(place, lambda ledger: ledger.issued(arn, names, authority, _life(days)))
    sys.stdout.write(f"{arn}\n")


@app.command(name="import")
@told
def import_(  # noqa: PLR0913 - each is a flag
    certificate: Path,
    *,
    key: Path | None = None,
    chain: Path | None = None,
    arn: str = "",
    overlap: datetime.timedelta = OVERLAP,
    owner: Owner = OURS,
    place: Place = HERE,
) -> None:
    """Take in a certificate or an authority of your own, all files in PEM, and print its ARN.

    Parameters
    ----------
    certificate
        The certificate; one that may issue others becomes an authority.
    key
        Its key, not encrypted. An authority without one is trusted and issues nothing.
    chain
        What leads from the certificate to its root.
    arn
        What it takes the place of; by default it is new.
    overlap
        How long an authority is trusted before it issues in another one's place.
    """
    given = Given(certificate.read_text(), chain.read_text() if chain else "", key.read_text() if key else "")
    namer = owner.namer()
    new = namer.authority() if pem.is_authority(given.certificate) else namer.certificate()
    _amend(place, lambda ledger: ledger.imported(arn or new, given, overlap))
    sys.stdout.write(f"{arn or new}\n")


@app.command(name="list")
@told
def list_(*, output: Output = "table", place: Place = HERE) -> None:
    """List every authority and certificate; keys are never shown."""
    documents = [_document(one) for one in _every(place)]
    if output != "table":
        show_document({"Certificates": documents}, output)
        return
    columns = ("Arn", "Kind", "Names", "NotAfter", "State")
    rows = (tuple(str(one[column]) for column in columns) for one in documents)
    show_table(("arn", "kind", "names", "expires", "state"), rows)


@app.command
@told
def show(arn: str, *, output: Shown = "text", place: Place = HERE) -> None:
    """Show one authority or certificate; its key is never shown.

    Parameters
    ----------
    arn
        Which one.
    output
        text for people, json for programs, pem for the certificate with its chain, roots for what trusts it.
    """
    every = _every(place)
    found = [one for one in every if one.arn == arn]
    if not found:
        raise UnknownArn(arn)
    match output:
        case "pem":
            sys.stdout.write("".join(shown_chain(one) for one in found))
        case "roots":
            sys.stdout.write(trusted_roots(every)[arn])
        case "json":
            show_document({"Certificates": [_document(one) for one in found]}, output)
        case "text":
            for one in found:
                sys.stdout.writelines(f"{name}: {fact}\n" for name, fact in _document(one).items())


@app.command
@told
def rotate(arn: str, *, overlap: datetime.timedelta = OVERLAP, place: Place = HERE) -> None:
    """Issue a certificate anew at once, or give an authority a new root in steps; no request fails.

    A running server takes the later steps: the new root is trusted at once, after the overlap it issues all
    certificates anew, and after one more the old root is forgotten.

    Parameters
    ----------
    arn
        The certificate, or the authority.
    overlap
        How long both roots of an authority are trusted before the new one issues, such as 10m.
    """
    _amend(place, lambda ledger: ledger.rotated(arn, overlap))


@app.command
@told
def delete(arn: str, *, force: bool = False, place: Place = HERE) -> None:
    """Forget an authority or a certificate.

    Parameters
    ----------
    arn
        Which one.
    force
        Also while specs name it: what needs it then takes and makes no connections.
    """
    with place.opened() as connection:
        users = credentials.used_by(connection, arn)
        if users and not force:
            raise InvalidSpec([Violation("", f"{arn} is in use by {', '.join(users)} (--force deletes it)")])
    _amend(place, lambda ledger: ledger.deleted(arn))


def _amend(place: Place, change: Change) -> None:
    vault, now = place.vault(), SystemClock().now()
    with place.opened() as connection:
        credentials.amend(connection, lambda found: change(Ledger(found, vault, now)))


def _every(place: Place) -> tuple[Credential, ...]:
    with place.opened() as connection:
        return credentials.every(connection)


def _document(one: Credential) -> Mapping[str, object]:
    facts = pem.facts(one.certificate)
    is_authority = one.kind is CredentialKind.AUTHORITY
    return {
        "Arn": one.arn,
        "Kind": one.kind.value,
        "Names": facts.name if is_authority else ", ".join(facts.names),
        "NotBefore": f"{facts.not_before:%Y-%m-%d %H:%M}",
        "NotAfter": f"{facts.not_after:%Y-%m-%d %H:%M}",
        "State": _state(one),
        "Issuer": one.issuer or ("itself" if pem.is_self_signed(one.certificate) else "elsewhere"),
        "Generation": one.generation,
    }


def _state(one: Credential) -> str:
    now = SystemClock().now()
    if pem.facts(one.certificate).not_after <= now:
        return "expired"
    if one.kind is CredentialKind.CERTIFICATE:
        return "shown" if one.issuer else "shown, imported"
    if not one.sealed_key:
        return "trusted only"
    if one.retires_at is not None:
        return f"trusted until {one.retires_at:%Y-%m-%d %H:%M}"
    if one.issues_from is not None and one.issues_from > now:
        return f"trusted, issues from {one.issues_from:%Y-%m-%d %H:%M}"
    return "issues"


def _life(days: int) -> datetime.timedelta:
    if days < 1:
        raise WrongUsage("--days must be at least 1")
    return datetime.timedelta(days=days)
