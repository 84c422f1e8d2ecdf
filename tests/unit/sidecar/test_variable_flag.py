import contextlib
import io

import cyclopts
import pytest

from gossamer.cli import agent, intercept
from gossamer.cli.variable_flag import given_over
from gossamer.sidecar import env
from gossamer.sidecar.intercept import env as intercept_env
from gossamer.sidecar.variable import Variable


def test_a_flag_wins_over_every_name_of_its_variable() -> None:
    environ = {"APPMESH_VIRTUAL_NODE_NAME": "old", "APPMESH_RESOURCE_ARN": "new", "OTHER": "kept"}
    given = given_over(environ, env.TABLE, {"resource_arn": "flag", "admin_ipv6": True, "region": None})
    assert given == {**environ, "APPMESH_RESOURCE_ARN": "flag", "ENVOY_ADMIN_ACCESS_ENABLE_IPV6": "true"}


def test_a_flag_can_say_no() -> None:
    given = given_over({"ENVOY_ADMIN_ACCESS_ENABLE_IPV6": "1"}, env.TABLE, {"admin_ipv6": False})
    assert given == {"ENVOY_ADMIN_ACCESS_ENABLE_IPV6": "false"}


@pytest.mark.parametrize(
    ("app", "arguments", "table"),
    [
        (agent.app, ["--help"], env.TABLE),
        (intercept.app, ["enable", "--help"], intercept_env.TABLE),
        (intercept.app, ["--help"], intercept_env.TABLE),
    ],
    ids=["agent", "intercept enable", "intercept"],
)
def test_the_help_names_every_flag_and_every_variable(
    app: cyclopts.App, arguments: list[str], table: tuple[Variable, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        app(arguments)
    for variable in table:
        assert variable.flag in said.getvalue()
        assert all(name in said.getvalue() for name in variable.names)
