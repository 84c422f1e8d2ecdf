"""What holds for every valid mesh, tried on random ones; the real Envoy is the judge of what it is given."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings

from gossamer.compile.proxy import resources
from gossamer.compile.resources import Resources, ResourceType
from gossamer.mesh.problems import problems
from gossamer.mesh.resolve import proxy_view
from gossamer.model.kind import Ref
from gossamer.model.specs import spec_from_json
from gossamer.xds import wire
from gossamer.xds.protocol import Published
from tests.support import oldest_envoy
from tests.support.chance import tries
from tests.support.judge import Judge, judging_envoy
from tests.support.random_meshes import Drawn, drawn_meshes, mesh_of, proxies, views

MANY = settings(max_examples=tries(usual=30, fuzz=2000))

pytestmark = pytest.mark.fuzz


@MANY
@given(drawn_meshes())
def test_every_valid_mesh_compiles_whatever_is_known_of_the_world(drawn: Drawn) -> None:
    mesh = mesh_of(drawn)
    problems(mesh)
    for ref in proxies(mesh):
        alone = proxy_view(mesh, ref)
        assert alone is not None
        resources(alone)
    for _, view in views(drawn):
        resources(view)


@MANY
@given(drawn_meshes())
def test_the_same_mesh_gives_the_same_bytes_whatever_order_it_was_written_in(drawn: Drawn) -> None:
    backwards = dict(reversed(drawn.items()))
    assert _published(drawn) == _published(backwards)


@MANY
@given(drawn_meshes())
def test_every_cluster_and_secret_that_is_named_is_there(drawn: Drawn) -> None:
    for ref, view in views(drawn):
        compiled = resources(view)
        clusters = {one.name for one in compiled.of(ResourceType.CLUSTER)}
        secrets = {one.name for one in compiled.of(ResourceType.SECRET)}
        assert set(_named(compiled, "cluster")) | set(_weighted(compiled)) <= clusters, ref
        # At a gateway, routes wait for the routes of the way out.
        routes = {one.name for one in compiled.of(ResourceType.ROUTE)}
        assert {one for user in compiled.compiled for one in user.needs} <= clusters | routes, ref
        assert set(_secrets_over_ads(compiled)) == secrets, ref


@MANY
@given(drawn_meshes())
def test_what_we_read_we_write_back(drawn: Drawn) -> None:
    for ref, written in drawn.items():
        spec = spec_from_json(ref.kind, json.dumps(written))
        again = spec_from_json(ref.kind, spec.to_json())
        assert again == spec
        assert again.to_json() == spec.to_json()


@pytest.fixture(scope="module", params=[None, oldest_envoy.PROGRAM], ids=["the newest", "the oldest"])
def envoy(request: pytest.FixtureRequest) -> Iterator[tuple[asyncio.Runner, Judge]]:
    with asyncio.Runner() as runner, tempfile.TemporaryDirectory() as directory:
        judging = judging_envoy(Path(directory), request.param)
        try:
            yield runner, runner.run(judging.__aenter__())
        finally:
            runner.run(judging.__aexit__(None, None, None))


@pytest.mark.e2e
@pytest.mark.timeout(1800)
def test_the_real_envoy_accepts_every_valid_mesh(envoy: tuple[asyncio.Runner, Judge]) -> None:
    """It answers between the steps of a test that does not wait, so that Hypothesis can shrink."""
    runner, judge = envoy
    is_oldest = judge.build() == oldest_envoy.BUILD
    many = tries(usual=30, fuzz=1000) if is_oldest else tries(usual=100, fuzz=2000)

    @settings(max_examples=many)
    @given(drawn_meshes())
    def accepts(drawn: Drawn) -> None:
        for ref, view in views(drawn):
            assert runner.run(judge.refusals(resources(view))) == [], f"what {ref} gets is refused"

    accepts()
    assert runner.run(judge.rejected()) == 0


def _published(drawn: Drawn) -> dict[Ref, Published]:
    return {ref: wire.published(resources(view)) for ref, view in views(drawn)}


def _documents(compiled: Resources) -> Iterator[Any]:
    for one in compiled.compiled:
        if one.type in (ResourceType.ROUTE, ResourceType.LISTENER, ResourceType.CLUSTER):
            yield json_format.MessageToDict(one.message, preserving_proto_field_name=True)


def _values(document: object, key: str) -> Iterator[Any]:
    """Everything under a key, at any depth."""
    if isinstance(document, dict):
        for name, value in document.items():
            if name == key:
                yield value
            yield from _values(value, key)
    elif isinstance(document, list):
        for value in document:
            yield from _values(value, key)


def _named(compiled: Resources, key: str) -> Iterator[str]:
    for document in _documents(compiled):
        yield from (value for value in _values(document, key) if isinstance(value, str))


def _weighted(compiled: Resources) -> Iterator[str]:
    for document in _documents(compiled):
        for group in _values(document, "weighted_clusters"):
            yield from (one["name"] for one in group["clusters"])


def _secrets_over_ads(compiled: Resources) -> Iterator[str]:
    for document in _documents(compiled):
        for key in ("tls_certificate_sds_secret_configs", "validation_context_sds_secret_config"):
            for value in _values(document, key):
                for one in value if isinstance(value, list) else [value]:
                    if "ads" in one["sds_config"]:
                        yield one["name"]
