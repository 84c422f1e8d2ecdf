"""`gossamer share`: which other accounts may use a mesh."""

from typing import Annotated

import cyclopts

from gossamer.cli.database import HERE, Output, Place, told
from gossamer.cli.keys import check_account
from gossamer.cli.shown import show_document, show_table
from gossamer.cli.words import WrongUsage
from gossamer.clock import SystemClock
from gossamer.contract import DEFAULT_ACCOUNT
from gossamer.model.kind import MeshKey
from gossamer.store import shares

MeshName = Annotated[str, cyclopts.Parameter(help="The mesh's name.")]
Owner = Annotated[str, cyclopts.Parameter(help="The account that owns the mesh.")]
Consumer = Annotated[str, cyclopts.Parameter(help="The account that may use it, 12 digits.")]

app = cyclopts.App(name="share", help="Shared meshes: which other accounts may use a mesh.")


@app.command
@told
def add(
    mesh: MeshName, account: Consumer, *, account_id: Owner = DEFAULT_ACCOUNT, place: Place = HERE
) -> None:
    """Share a mesh with an account; that it is shared already is no mistake."""
    check_account(account)
    check_account(account_id)
    if account == account_id:
        raise WrongUsage(f"account {account} owns the mesh: there is nothing to share")
    with place.opened() as connection:
        shares.add(connection, MeshKey(account_id, mesh), account, SystemClock().now())


@app.command(name="list")
@told
def list_(*, output: Output = "table", place: Place = HERE) -> None:
    """List every share."""
    with place.opened() as connection:
        found = shares.every(connection)
    if output != "table":
        documents = [
            {"meshOwner": one.mesh.account, "meshName": one.mesh.mesh, "account": one.consumer}
            for one in found
        ]
        show_document({"shares": documents}, output)
    else:
        rows = ((one.mesh.mesh, one.mesh.account, one.consumer) for one in found)
        show_table(("mesh", "owner", "shared with"), rows)


@app.command
@told
def remove(
    mesh: MeshName, account: Consumer, *, account_id: Owner = DEFAULT_ACCOUNT, place: Place = HERE
) -> None:
    """Share a mesh with an account no longer; what that account made in it stays."""
    with place.opened() as connection:
        shares.remove(connection, MeshKey(account_id, mesh), account)
