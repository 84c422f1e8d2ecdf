"""A mesh changed from a terminal: applied, compared, deleted, rolled back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documents import mesh, node, route, router, shop
from tests.support.terminal import Terminal

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Name: {Type: String, Default: shop}
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Mesh:
    Type: AWS::AppMesh::Mesh
    Properties: {MeshName: !Ref Name, Spec: {EgressFilter: {Type: ALLOW_ALL}}}
  Node:
    Type: AWS::AppMesh::VirtualNode
    Properties:
      MeshName: !GetAtt Mesh.MeshName
      VirtualNodeName: orders
      Tags: [{Key: team, Value: a}]
      Spec:
        Listeners:
          - PortMapping: {Port: 8080, Protocol: http}
            TLS: {Mode: STRICT, Certificate: {ACM: {CertificateArn: %s}}}
        ServiceDiscovery: {AWSCloudMap: {NamespaceName: local, ServiceName: orders}}
"""


def test_documents_are_applied_from_files_folders_and_standard_input(terminal: Terminal) -> None:
    documents = shop()
    terminal.file("mesh/one.yaml", *documents[:3])
    terminal.file("mesh/deep/two.yml", *documents[3:5])
    terminal.file("mesh/three.json", json.dumps(documents[5:], indent="\t"))
    terminal.file("mesh/readme.txt", "no document")
    done = terminal.fine("apply", str(terminal.folder / "mesh"))
    assert done.out.count(" created\n") == len(documents)
    assert "revision " in done.out
    done = terminal.fine("apply", "-", says=json.dumps(documents[3]))
    assert done.out == "shop/virtualNode/front unchanged\n"


def test_a_dry_run_writes_nothing_and_names_envoys_resources(terminal: Terminal) -> None:
    file = terminal.file("shop.yaml", *shop())
    done = terminal.fine("apply", file, "--dry-run", "--all-proxies")
    assert "proxies of shop/virtualNode/front:\n" in done.out
    assert "  + cluster " in done.out
    assert done.out.endswith("nothing was written: this was a dry run\n")
    assert terminal.fine("get", "meshes", "-o", "json").json == []
    assert terminal.fine("apply", file, "--dry-run", "-o", "json").json["changes"][0]["action"] == "create"


def test_a_mistake_is_told_with_the_line_that_it_is_on(terminal: Terminal) -> None:
    names = ("kind: virtualNode", "meshName: shop", "virtualNodeName: a")
    spec = ("spec:", "  listeners:", "    - portMapping:", "        protocol: http", "        port: 99999")
    file = terminal.file("shop.yaml", mesh(), "---", *names, *spec)
    line = Path(file).read_text().splitlines().index("        port: 99999") + 1
    done = terminal.run("apply", file)
    assert done.code == 1
    assert done.err.startswith(
        f"{file}:{line}: spec.listeners[0].portMapping.port: must be between 1 and 65535\n"
    )
    assert done.err.endswith("gossamer apply: nothing was written\n")
    assert done.out == ""


def test_a_rule_between_resources_is_told_with_the_document_that_breaks_it(terminal: Terminal) -> None:
    file = terminal.file("shop.yaml", mesh(), router("orders", 80, 81), route("orders", "all", a=1))
    done = terminal.run("apply", file)
    assert done.code == 1
    assert f"{file}:" in done.err
    assert (
        "shop/virtualRouter/orders/route/all: spec.httpRoute.match.port: Route must define a port" in done.err
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [1", "line 1, column 6: "),
        ("a: 1\na: 2", "line 2, column 1: a stands more than once in one object"),
        ("", "there is no document in it"),
        ("a: !!python/object:os.system {}", "could not determine a constructor"),
        ("a: .nan", "document 1: it holds what JSON cannot"),
        ("a: &a [*a]", "document 1: it holds what JSON cannot"),
    ],
)
def test_a_file_that_cannot_be_read_is_wrong_usage(terminal: Terminal, text: str, why: str) -> None:
    done = terminal.run("apply", terminal.file("bad.yaml", text))
    assert done.code == 2
    assert "bad.yaml" in done.err
    assert why in done.err


def test_no_file_and_a_missing_one_are_wrong_usage(terminal: Terminal) -> None:
    assert terminal.run("apply").code == 2
    done = terminal.run("apply", "/nowhere.yaml")
    assert (done.code, done.err) == (
        2,
        "gossamer apply: cannot read /nowhere.yaml: No such file or directory\n",
    )


def test_times_and_words_of_yaml_are_text_where_text_is_meant(terminal: Terminal) -> None:
    names = ("kind: virtualNode", "meshName: shop", "virtualNodeName: a", "spec: {}")
    terminal.fine(
        "apply", terminal.file("a.yaml", mesh(), "---", *names, "tags: [{key: since, value: 2026-01-31}]")
    )
    assert "tags: since=2026-01-31\n" in terminal.fine("history", "vn", "a", "--diff", "-n", "1").out
    assert terminal.fine("describe", "vn", "a", "-o", "json").json["tags"] == [
        {"key": "since", "value": "2026-01-31"}
    ]


def test_what_get_prints_is_what_apply_takes(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    for form in ("yaml", "json"):
        text = terminal.fine("get", "all", "-o", form).out
        terminal.fine("delete", "mesh", "shop", "--cascade", "--yes")
        terminal.fine("apply", "-", says=text)
        assert terminal.fine("diff", terminal.file("again.yaml", *shop())).out == ""


def test_diff_ends_as_the_program_diff_does(terminal: Terminal) -> None:
    file = terminal.file("shop.yaml", *shop())
    assert terminal.run("diff", file).code == 1
    terminal.fine("apply", file)
    assert terminal.run("diff", file).code == 0
    changed = terminal.file("route.yaml", route("orders", "all", v1=1))
    done = terminal.run("diff", changed)
    assert done.code == 1
    assert done.out.startswith("--- shop/virtualRouter/orders/route/all\n+++ ")
    wrong = terminal.file("wrong.yaml", {**mesh(), "spec": {"x": 1}})
    assert terminal.run("diff", wrong).code == 2
    assert terminal.run("diff").code == 2


def test_a_mesh_is_rolled_back_to_a_revision(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    before = terminal.fine("history", "-n", "1", "-o", "json").json[0]["sequence"]
    was = terminal.fine("get", "all", "-o", "json").out
    terminal.fine("apply", terminal.file("new.yaml", route("orders", "all", v1=1), node("v3")))
    assert terminal.run("diff", "--from", str(before)).code == 1
    assert terminal.run("rollback", "--to", str(before)).code == 2, "nobody is there to be asked"
    done = terminal.fine("rollback", "--to", str(before), "--dry-run", "--diff")
    assert "shop/virtualNode/v3 would be deleted\n" in done.out
    terminal.fine("rollback", "--to", str(before), "--yes")
    assert terminal.fine("get", "all", "-o", "json").out == was
    assert terminal.run("diff", "--from", str(before)).code == 0


def test_one_resource_is_rolled_back_by_its_kind_and_name(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    before = str(terminal.fine("history", "-n", "1", "-o", "json").json[0]["sequence"])
    terminal.fine("apply", terminal.file("new.yaml", route("orders", "all", v1=1), node("v2", 99)))
    done = terminal.fine("rollback", "route", "all", "--to", before)
    assert done.out.startswith("shop/virtualRouter/orders/route/all updated\n")
    shown = terminal.fine("history", "route", "all").out
    assert [line.split()[3] for line in shown.splitlines()[1:4]] == ["update", "update", "create"]
    assert "+      weight: 90" in terminal.fine("history", "route", "all", "--diff", "-n", "1").out


def test_what_is_deleted_goes_together_or_not_at_all(terminal: Terminal) -> None:
    file = terminal.file("shop.yaml", *shop())
    terminal.fine("apply", file)
    done = terminal.run("delete", "vn", "v1", "v2")
    assert done.code == 1
    assert "shop/virtualNode/v1: VirtualNode with name v1 cannot be deleted" in done.err
    assert terminal.run("delete", "virtualrouters", "orders", "--cascade").code == 1, "a service needs it"
    assert terminal.fine("delete", "route", "all", "--dry-run").out.startswith(
        "shop/virtualRouter/orders/route/all"
    )
    done = terminal.run("delete", "mesh", "shop", "--cascade")
    assert (done.code, done.err) == (
        2,
        "gossamer delete: to take away shop and all that is in it, 7 resources, say --yes\n",
    )
    done = terminal.fine("delete", "-f", file)
    assert done.out.count(" deleted\n") == len(shop())


def test_a_template_of_cloudformation_is_applied(terminal: Terminal) -> None:
    arn = "arn:aws:acm:us-west-2:000000000000:certificate/00000000-0000-0000-0000-000000000000"
    terminal.fine("apply", terminal.file("mesh.template", TEMPLATE % arn))
    found = terminal.fine("describe", "virtualNode", "orders", "-o", "json").json
    assert found["spec"]["serviceDiscovery"]["awsCloudMap"] == {
        "namespaceName": "local",
        "serviceName": "orders",
    }
    assert found["spec"]["listeners"][0]["tls"]["certificate"]["acm"]["certificateArn"] == arn
    assert found["tags"] == [{"key": "team", "value": "a"}]
    done = terminal.run("apply", terminal.file("sub.yaml", TEMPLATE % "!Sub '${Arn}'"))
    assert done.code == 2
    assert (
        "Resources.Node.Properties.Spec.Listeners[0].TLS.Certificate.ACM.CertificateArn: Fn::Sub of ${Arn}"
        in done.err
    )


def test_a_program_sees_no_colour(terminal: Terminal, tmp_path: Path) -> None:
    file = terminal.file("shop.yaml", *shop())
    environ = os.environ | {
        "GOSSAMER_ENDPOINT_URL": terminal.url,
        "HOME": str(tmp_path),
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "gossamer.cli.main", "apply", file]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, check=True, timeout=60)
    assert "\x1b" not in done.stdout
    assert done.stdout.count("created") == len(shop())


def test_who_is_asked_agrees_to_what_they_were_told_and_to_nothing_else(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop()))
    before = str(terminal.fine("history", "-n", "1", "-o", "json").json[0]["sequence"])
    terminal.fine("apply", terminal.file("new.yaml", node("v2", 99)))
    other = Terminal(terminal.url, terminal.monkeypatch, terminal.capsys, terminal.folder)

    ports = iter((98, 97))

    def agrees_too_late() -> str:
        other.fine("apply", other.file("newer.yaml", node("v2", next(ports))))
        return "y"

    terminal.person = agrees_too_late
    rolled = terminal.run("rollback", "--to", before)
    deleted = terminal.run("delete", "mesh", "shop", "--cascade")
    for done in (rolled, deleted):
        assert done.code == 1
        assert "nothing was written" in done.err
    assert (
        "shop/virtualNode/v2: VirtualNode with name v2 was changed after it was read: version 3" in rolled.err
    )
    terminal.person = lambda: "y"
    assert terminal.fine("rollback", "--to", before).out.startswith("shop/virtualNode/v2 updated\n")
    assert terminal.fine("delete", "mesh", "shop", "--cascade").out.count(" deleted\n") == len(shop())


def test_one_resource_is_removed_or_rolled_back_only_if_it_is_of_a_version(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop(), node("lone")))
    before = str(terminal.fine("history", "-n", "1", "-o", "json").json[0]["sequence"])
    terminal.fine("apply", terminal.file("new.yaml", node("lone", 99)))
    for words in (("rollback", "vn", "lone", "--to", before), ("delete", "vn", "lone")):
        done = terminal.run(*words, "--if-version", "1")
        assert done.code == 1
        assert "VirtualNode with name lone was changed after it was read: version 2 since" in done.err
    terminal.fine("rollback", "vn", "lone", "--to", before, "--if-version", "2")
    terminal.fine("delete", "vn", "lone", "--if-version", "3")
    done = terminal.run("delete", "vn", "v1", "v2", "--if-version", "3")
    assert (done.code, done.err) == (2, "gossamer delete: --if-version is of one resource, not of 2\n")


def test_a_described_document_deletes_only_the_version_that_it_is_of(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop(), node("lone")))
    metadata = terminal.fine("describe", "vn", "lone", "-o", "json").json["metadata"]
    described = {**node("lone"), "metadata": {**metadata, "version": 7}}
    done = terminal.run("delete", "-f", terminal.file("old.yaml", described))
    assert done.code == 1
    assert "was changed after it was read: version 1" in done.err
    elsewhere = {**described, "metadata": {"uid": "another", "version": 7}}
    terminal.fine("delete", "-f", terminal.file("elsewhere.yaml", elsewhere))


def test_what_the_documents_no_longer_name_is_taken_away_if_somebody_agrees(terminal: Terminal) -> None:
    terminal.fine("apply", terminal.file("shop.yaml", *shop(), node("old"), node("older")))
    file = terminal.file("less.yaml", *shop())
    listed = terminal.fine("apply", file, "--prune", "--dry-run").out
    assert [line for line in listed.splitlines() if line.endswith(" deleted")] == [
        "shop/virtualNode/old would be deleted",
        "shop/virtualNode/older would be deleted",
    ]
    done = terminal.run("apply", file, "--prune")
    asks = "gossamer apply: to take away shop/virtualNode/old, shop/virtualNode/older, say --yes\n"
    assert (done.code, done.err) == (2, asks)
    other = Terminal(terminal.url, terminal.monkeypatch, terminal.capsys, terminal.folder)

    def agrees_too_late() -> str:
        other.fine("apply", other.file("new.yaml", node("new")))
        return "y"

    terminal.person = agrees_too_late
    late = terminal.run("apply", file, "--prune")
    assert (late.code, "VirtualNode with name new was changed after it was read" in late.err) == (1, True)
    terminal.person = lambda: "y"
    assert terminal.fine("apply", file, "--prune").out.count(" deleted\n") == 3
    terminal.person = None
    assert " deleted\n" not in terminal.fine("apply", file, "--prune").out, "nobody need be asked for nothing"


def test_only_what_has_a_label_is_taken_away(terminal: Terminal) -> None:
    mine = {**node("mine"), "tags": [{"key": "team", "value": "a"}]}
    terminal.fine("apply", terminal.file("shop.yaml", mesh(), mine, node("theirs")))
    file = terminal.file("mesh.yaml", mesh())
    terminal.fine("apply", file, "--prune", "--prune-label", "team=a", "--yes")
    assert [one["virtualNodeName"] for one in terminal.fine("get", "vn", "-o", "json").json] == ["theirs"]
    for words in (("--prune", "--prune-label", "team"), ("--prune-label", "team=a")):
        assert terminal.run("apply", file, *words).code == 2
