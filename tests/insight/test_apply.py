"""Documents applied as one change: all of it or nothing, in any order."""

import json
from typing import Any

import pytest
from sqlalchemy import URL

from gossamer.model.kind import MeshKey
from gossamer.store.store import Limits, Rules
from tests.support.documents import mesh, node, route, router, shop
from tests.support.own_api import ACCOUNT, REGION, OwnApi, allowing, own_api

OTHER = "222222222222"


def actions(answer: dict[str, object]) -> dict[str, str]:
    found = answer["changes"]
    assert isinstance(found, list)
    return {one["resource"]: one["action"] for one in found}


async def test_a_whole_mesh_is_created_from_documents_in_any_order(api: OwnApi) -> None:
    answer = await api.apply(*shop())
    assert set(actions(answer).values()) == {"create"}
    assert answer["sequence"] == len(shop())
    assert set(await api.specs()) == set(actions(answer))
    assert [one["resource"] for one in answer["changes"]][:2] == [
        "shop/virtualService/orders.local",
        "shop/virtualRouter/orders/route/all",
    ]


async def test_applying_again_changes_nothing_and_writes_no_revision(api: OwnApi) -> None:
    await api.apply(*shop())
    answer = await api.apply(*shop())
    assert set(actions(answer).values()) == {"none"}
    assert "sequence" not in answer
    assert len((await api.get("meshes/shop/history"))["revisions"]) == len(shop())


async def test_what_changes_is_told_with_its_diff(api: OwnApi) -> None:
    await api.apply(*shop())
    answer = await api.apply(route("orders", "all", v1=50, v2=50))
    (change,) = answer["changes"]
    assert change["action"] == "update"
    assert "-      weight: 90" in change["diff"]
    assert "+      weight: 50" in change["diff"]
    assert change["before"]["httpRoute"]["action"]["weightedTargets"][0]["weight"] == 90


async def test_a_dry_run_judges_all_of_it_and_writes_nothing(api: OwnApi) -> None:
    answer = await api.apply(*shop(), dryRun=True)
    assert set(actions(answer).values()) == {"create"}
    assert "sequence" not in answer
    assert await api.specs() == {}
    answer = await api.attempt(*shop()[:-1], dryRun=True)
    assert api.caller.status == 404
    assert "Mesh with name shop is not present" in answer["message"]


async def test_one_wrong_document_keeps_all_from_being_written(api: OwnApi) -> None:
    wrong = route("orders", "all", v1=1)
    del wrong["spec"]["httpRoute"]["action"]
    answer = await api.attempt(mesh(), router("orders"), wrong)
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException")
    assert answer["violations"] == [{"document": 2, "path": "spec.httpRoute.action", "why": "is required"}]
    assert await api.specs() == {}


async def test_every_broken_rule_of_every_document_is_told_at_once(api: OwnApi) -> None:
    first, second = node("a", 0), node("b!")
    answer = await api.attempt(mesh(), first, second, "no object")
    places = [(one["document"], one["path"]) for one in answer["violations"]]
    assert places == [(1, "spec.listeners[0].portMapping.port"), (2, "virtualNodeName"), (3, "")]


async def test_rules_between_resources_are_told_with_the_document_that_breaks_them(api: OwnApi) -> None:
    answer = await api.attempt(mesh(), router("orders", 80, 81), route("orders", "all", v1=1))
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException")
    (violation,) = answer["violations"]
    assert violation["document"] == 2
    assert violation["path"] == "spec.httpRoute.match.port"


async def test_resources_that_only_work_together_are_changed_together(api: OwnApi) -> None:
    await api.apply(*shop())
    await api.attempt(router("orders", 8080, 8081))
    assert api.caller.status == 400
    answer = await api.apply(router("orders", 8080, 8081), route("orders", "all", port=8081, v1=1))
    assert set(actions(answer).values()) == {"update"}


async def test_a_mesh_and_all_that_is_in_it_is_deleted_in_one_go(api: OwnApi) -> None:
    names = list(actions(await api.apply(*shop())))
    await api.attempt(delete=["shop"])
    assert api.caller.error == "ResourceInUseException"
    answer = await api.apply(delete=names)
    assert set(actions(answer).values()) == {"delete"}
    assert await api.specs() == {}


async def test_what_is_still_in_use_is_not_deleted(api: OwnApi) -> None:
    await api.apply(*shop())
    answer = await api.attempt(delete=["shop/virtualNode/v1", "shop/virtualNode/front"])
    assert (api.caller.status, api.caller.error) == (409, "ResourceInUseException")
    assert [one["delete"] for one in answer["violations"]] == [0]
    answer = await api.apply(route("orders", "all", v2=1), delete=["shop/virtualNode/v1"])
    assert actions(answer)["shop/virtualNode/v1"] == "delete"


async def test_what_is_not_there_cannot_be_deleted(api: OwnApi) -> None:
    await api.apply(mesh())
    answer = await api.attempt(delete=["shop/virtualNode/none"])
    assert (api.caller.status, api.caller.error) == (404, "NotFoundException")
    assert "VirtualNode with name none is not present under mesh shop" in answer["message"]


async def test_two_documents_of_one_resource_are_refused(api: OwnApi) -> None:
    answer = await api.attempt(mesh(), node("a"), node("a", 81), delete=["shop/virtualNode/a"])
    assert [one["why"] for one in answer["violations"]] == ["shop/virtualNode/a is named more than once"] * 2


async def test_an_object_of_kubernetes_is_told_what_is_taken_instead(api: OwnApi) -> None:
    spec = {"podSelector": {"matchLabels": {"app": "a"}}}
    made = {"apiVersion": "appmesh.k8s.aws/v1beta2", "kind": "VirtualNode", "metadata": {}, "spec": spec}
    (violation,) = (await api.attempt(made))["violations"]
    assert violation["path"] == "apiVersion"
    assert violation["why"].startswith("is of a Kubernetes object, which is not taken: write what")


async def described(api: OwnApi, name: str, *ports: int) -> dict[str, Any]:
    """What a describe call prints of a virtual node, with other ports written into it."""
    _, every = await api.store.all()
    (found,) = (one for one in every if one.ref.name == name)
    metadata = {"uid": found.uid, "version": found.version, "arn": "a"}
    return {"virtualNode": {**node(name, *ports), "metadata": metadata, "status": {"status": "ACTIVE"}}}


async def test_a_document_that_was_described_is_written_only_over_what_it_was_made_of(api: OwnApi) -> None:
    await api.apply(mesh(), node("a"))
    file = await described(api, "a", 81)
    assert actions(await api.apply(file)) == {"shop/virtualNode/a": "update"}
    assert actions(await api.apply(file)) == {"shop/virtualNode/a": "none"}
    await api.apply(node("a", 82))
    answer = await api.attempt(file)
    assert (api.caller.status, api.caller.error) == (409, "ConflictException")
    assert answer["violations"][0]["why"].startswith(
        "VirtualNode with name a was changed after it was read: ver"
    )
    assert (await api.specs())["shop/virtualNode/a"]["listeners"][0]["portMapping"]["port"] == 82


async def test_a_document_that_was_described_elsewhere_says_nothing_about_versions_here(api: OwnApi) -> None:
    await api.apply(mesh(), node("a"))
    file = await described(api, "a", 81)
    await api.apply(delete=["shop/virtualNode/a"])
    assert actions(await api.apply(file)) == {"shop/virtualNode/a": "create"}
    await api.apply(node("a", 82))
    assert actions(await api.apply(file)) == {"shop/virtualNode/a": "update"}


@pytest.mark.parametrize(
    ("metadata", "path"),
    [(3, "metadata"), ({"version": "3"}, "metadata.version"), ({"version": 1, "uid": 1}, "metadata.uid")],
)
async def test_metadata_that_is_none_is_told(api: OwnApi, metadata: object, path: str) -> None:
    answer = await api.attempt({**node("a"), "metadata": metadata})
    assert [one["path"] for one in answer["violations"]] == [path]


async def test_what_the_aws_cli_prints_and_reads_is_taken_as_it_is(api: OwnApi) -> None:
    described = {
        "meshName": "shop",
        "virtualNodeName": "a",
        "spec": node("a")["spec"],
        "metadata": {"arn": "arn:aws:appmesh:us-west-2:1:mesh/shop", "version": 3, "uid": "u"},
        "status": {"status": "ACTIVE"},
    }
    body = {name: value for name, value in route("orders", "all", a=1).items() if name != "kind"}
    answer = await api.apply(
        {"mesh": {"meshName": "shop", "spec": {}, "status": {"status": "ACTIVE"}}},
        {"virtualNode": described},
        {"meshName": "shop", "virtualRouterName": "orders", "spec": router("orders")["spec"]},
        {**body, "clientToken": "one"},
    )
    assert list(actions(answer)) == [
        "shop",
        "shop/virtualNode/a",
        "shop/virtualRouter/orders",
        "shop/virtualRouter/orders/route/all",
    ]


@pytest.mark.parametrize(
    ("document", "path", "why"),
    [
        ({"kind": "virtualnoed"}, "kind", "did you mean virtualNode?"),
        ({"spec": {}}, "kind", "is required, one of mesh"),
        ({"kind": "virtualNode", "virtualNodeName": "a", "spec": {}}, "meshName", "is required"),
        ({**node("a"), "virtualRouterName": "x"}, "virtualRouterName", "is not a member of this shape"),
        ({**node("a"), "meshOwner": "me"}, "meshOwner", "must be an AWS account"),
        ({**mesh(), "spec": {"surprise": 1}}, "spec.surprise", "is not a member of this shape"),
    ],
)
async def test_a_document_that_is_none_is_refused_by_its_member(
    api: OwnApi, document: object, path: str, why: str
) -> None:
    answer = await api.attempt(document)
    assert api.caller.status == 400
    found = [one for one in answer["violations"] if one["path"] == path]
    assert found, answer
    assert why in found[0]["why"]


async def test_a_member_that_stands_twice_is_told_with_its_path(api: OwnApi) -> None:
    text = json.dumps({"documents": [mesh(), node("a")]})
    twice = text.replace('"hostname": "a.local"', '"hostname": "a.local", "hostname": "b.local"')
    answer = await api.call("POST", "apply", twice.encode())
    assert answer["violations"] == [
        {
            "document": 1,
            "path": "spec.serviceDiscovery.dns.hostname",
            "why": "stands more than once in one object",
        }
    ]


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{", b"\xff", b'{"documents": {}}', b'{"document": []}', b'{"delete": [1]}', b"[" * 100_000],
)
async def test_a_body_that_is_none_is_a_bad_request(api: OwnApi, body: bytes) -> None:
    await api.call("POST", "apply", body)
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException")


async def test_labels_that_are_named_become_exactly_those(api: OwnApi) -> None:
    await api.apply(mesh(), node("a", tags=[{"key": "team", "value": "x"}, {"key": "old", "value": ""}]))
    answer = await api.apply(node("a"))
    assert actions(answer) == {"shop/virtualNode/a": "none"}
    answer = await api.apply(node("a", tags=[{"key": "team", "value": "y"}]))
    (change,) = answer["changes"]
    assert change["action"] == "update"
    assert change["tags"] == {"before": {"team": "x", "old": ""}, "after": {"team": "y"}}
    assert "+  team: y" in change["diff"]
    revision = (await api.get("meshes/shop/history"))["revisions"][0]
    assert (revision["action"], revision["version"]) == ("tag", 1)


async def test_each_resource_is_asked_for_and_none_is_written_if_one_is_not_allowed(api: OwnApi) -> None:
    own = f"arn:aws:appmesh:{REGION}:{ACCOUNT}:mesh/shop"
    api.may(allowing("appmesh:*", resource=[own, f"{own}/virtualNode/*"]))
    answer = await api.attempt(mesh(), node("a"), router("orders"))
    assert (api.caller.status, api.caller.error) == (403, "AccessDeniedException")
    (violation,) = answer["violations"]
    assert violation["document"] == 2
    assert f"appmesh:CreateVirtualRouter on resource: {own}/virtualRouter/orders" in violation["why"]
    assert await api.specs() == {}
    await api.apply(mesh(), node("a"))
    await api.attempt(delete=["shop/virtualNode/a", "shop"])
    assert api.caller.status == 200


async def test_what_a_resource_names_is_asked_for_too(api: OwnApi) -> None:
    await api.apply(*shop())
    own = f"arn:aws:appmesh:{REGION}:{ACCOUNT}:mesh/shop/virtual"
    api.may(allowing("appmesh:UpdateRoute", resource=[f"{own}Router/orders/route/*", f"{own}Node/v1"]))
    await api.apply(route("orders", "all", v1=1))
    await api.attempt(route("orders", "all", v2=1))
    assert api.caller.error == "AccessDeniedException"


async def test_every_written_resource_has_its_entry_in_the_audit_log(api: OwnApi) -> None:
    await api.apply(mesh(), node("a"))
    api.audited.clear()
    await api.apply(node("a", 81), node("b"), mesh(), dryRun=True)
    assert [one.name for one in api.audited] == ["POST /gossamer/v1/apply"]
    api.audited.clear()
    await api.apply(node("a", 81), node("b", tags=[{"key": "k", "value": "v"}]), mesh())
    names = [one.name for one in api.audited]
    assert sorted(names) == ["CreateVirtualNode", "POST /gossamer/v1/apply", "UpdateVirtualNode"]
    created = next(one for one in api.audited if one.name == "CreateVirtualNode")
    assert created.resources == (f"arn:aws:appmesh:{REGION}:{ACCOUNT}:mesh/shop/virtualNode/b",)
    assert json.loads(created.parameters)["tags"] == [{"key": "k", "value": "v"}]
    assert json.loads(created.document("id"))["responseElements"]["metadata"]["version"] == 1


async def test_a_mesh_of_another_account_is_written_as_far_as_it_is_shared(api: OwnApi) -> None:
    await api.apply(*shop())
    shared = MeshKey(ACCOUNT, "shop")
    api.may(allowing("*"), account=OTHER)
    theirs = {**node("theirs"), "meshOwner": ACCOUNT}
    await api.attempt(theirs)
    assert api.caller.error == "NotFoundException"
    api.may(allowing("*"), account=OTHER, shared=[shared])
    await api.apply(theirs)
    await api.attempt({**node("v1", 99), "meshOwner": ACCOUNT})
    assert api.caller.error == "ForbiddenException"
    gateway = {"meshName": "shop", "meshOwner": ACCOUNT, "virtualGatewayName": "g"}
    await api.attempt({**gateway, "spec": {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}})
    assert api.caller.error == "ForbiddenException"


async def test_a_router_is_not_deleted_under_a_route_that_comes_with_the_same_change(api: OwnApi) -> None:
    await api.apply(mesh(), router("orders"), node("a"))
    await api.attempt(route("orders", "all", a=1), delete=["shop/virtualRouter/orders"])
    assert api.caller.error == "ResourceInUseException"
    assert "shop/virtualRouter/orders/route/all" not in await api.specs()


@pytest.mark.parametrize("depth", [200, 900, 5_000])
async def test_a_document_that_is_nested_deeply_is_refused_however_deeply(api: OwnApi, depth: int) -> None:
    body = b'{"documents": [' + b'{"a":' * depth + b"1" + b"}" * depth + b"]}"
    answer = await api.call("POST", "apply", body)
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException"), answer


async def test_one_document_may_not_hold_too_much_and_all_of_them_not_either(api: OwnApi) -> None:
    large = node("a", backends=tuple(f"s{number}.local" for number in range(12_000)))
    answer = await api.attempt(mesh(), large)
    assert "the body holds too much" in answer["violations"][0]["why"]
    await api.call("POST", "apply", b" " * (17 * 1024 * 1024))
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException")


async def test_limits_are_kept_and_told_with_the_document_that_is_one_too_many(url: URL) -> None:
    async with own_api(url, Rules(limits=Limits(virtual_nodes=2))) as api:
        answer = await api.attempt(mesh(), *(node(name) for name in "abc"))
        assert (api.caller.status, api.caller.error) == (400, "LimitExceededException")
        assert [one["document"] for one in answer["violations"]] == [3]
        assert await api.specs() == {}


async def test_references_must_be_there_where_that_is_asked_for_in_whatever_order(url: URL) -> None:
    async with own_api(url, Rules(strict_references=True)) as api:
        await api.apply(*shop())
        answer = await api.attempt(route("orders", "all", nobody=1))
        assert (api.caller.status, api.caller.error) == (404, "NotFoundException")
        assert answer["violations"][0]["why"] == "VirtualNode with name nobody is missing"


async def test_many_documents_go_in_one_call(api: OwnApi) -> None:
    many = [node(f"n{number}", backends=tuple(f"s{one}.local" for one in range(44))) for number in range(400)]
    body = {"documents": [mesh(), *many]}
    assert len(json.dumps(body)) > 1024 * 1024
    answer = await api.call("POST", "apply", body)
    assert api.caller.status == 200
    assert len(answer["changes"]) == 401
