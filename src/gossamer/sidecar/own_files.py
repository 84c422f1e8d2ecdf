"""Parts of the bootstrap that an operator brings in files: read, checked, and merged.

A file may spell members as Envoy's files do, `static_resources`, or as its JSON does, `staticResources`;
both at once is an error. Tracing and statistics' own settings may be there once; tags, sinks and static
resources are added to what is there; any other member takes the place of the agent's, with a line in the
log.

Source: App Mesh user guide, Envoy image variables `ENVOY_*_FILE`; App Mesh's agent, merging.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gossamer.sidecar.json_value import Json
from gossamer.sidecar.variable import Misconfigured, Text

RESOURCES_FILE: Final = Text(
    names=("ENVOY_RESOURCES_CONFIG_FILE",),
    flag="--resources-config-file",
    takes="a YAML file of bootstrap members",
    meaning="More of the bootstrap: listeners, clusters and secrets that are added to the generated ones.",
)

#: The lists that two files may both fill.
_ADDED: Final = {"listeners", "clusters", "secrets"}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")


def document(path: str, variable: str) -> Json:
    """A file's members, under Envoy's own spelling; an empty file has none.

    Raises: Misconfigured when it cannot be read, is no YAML, or says one thing twice.
    """
    import yaml  # noqa: PLC0415  most sidecars have no such file, and this costs them milliseconds

    try:
        found: object = yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise Misconfigured(f"{variable} is {path}: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{variable}: {path} is no YAML: {error}") from error
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise Misconfigured(f"{variable}: {path} must hold members of a bootstrap, such as static_resources.")
    return _snake(found, f"{variable}: {path}", deep=2)


def merged(base: Json, more: Json, variable: str) -> tuple[Json, tuple[str, ...]]:
    """The bootstrap with a file's members in it, and the names of those that took the place of others.

    Raises: Misconfigured where tracing or a tracer's, or statistics' settings are there already, or two
    resources share a name.
    """
    result = dict(base)
    replaced: list[str] = []
    for name, value in more.items():
        if name not in result:
            result[name] = value
        elif name == "static_resources":
            result[name] = _static(result[name], value, variable)
        elif name == "stats_sinks":
            result[name] = [*_list(result[name], name, variable), *_list(value, name, variable)]
        elif name == "tracing":
            raise Misconfigured(f"{variable} holds {name}, and another variable asks for it already.")
        else:
            result[name] = value
            replaced.append(name)
    return result, tuple(replaced)


def with_stats_config(base: Json, more: Json, variable: str) -> Json:
    """The bootstrap with an operator's statistics settings, whose tags join the agent's.

    Raises: Misconfigured when there are none.
    """
    own = more.get("stats_config", more)
    if not isinstance(own, Mapping) or not own:
        raise Misconfigured(f"{variable} must hold stats_config.")
    ours = base.get("stats_config")
    tags = [*_list(_member(ours, "stats_tags"), "stats_tags", variable)]
    own = _snake(own, variable, deep=1)
    return {
        **base,
        "stats_config": {**own, "stats_tags": [*tags, *_list(own.get("stats_tags"), "stats_tags", variable)]},
    }


def _static(ours: object, theirs: object, variable: str) -> Json:
    """Static resources of both; a name may be taken once."""
    if not isinstance(theirs, Mapping):
        raise Misconfigured(f"{variable}: static_resources must hold listeners, clusters or secrets.")
    result: Json = dict(ours) if isinstance(ours, Mapping) else {}
    for name, value in theirs.items():
        if name not in _ADDED:
            raise Misconfigured(f"{variable}: static_resources has no {name!r}.")
        both = [*_list(result.get(name), name, variable), *_list(value, name, variable)]
        names = [found for one in both if (found := _member(one, "name"))]
        if twice := sorted({str(one) for one in names if names.count(one) > 1}):
            raise Misconfigured(
                f"{variable}: {name} has {twice[0]!r} twice; the agent may have made the other."
            )
        result[name] = both
    return result


def _snake(members: Mapping[object, object], where: str, *, deep: int) -> Json:
    """Members in Envoy's own spelling, so many levels deep; what is further down Envoy reads either way."""
    result: Json = {}
    for name, value in members.items():
        own = _CAMEL.sub(lambda found: f"_{found[1].lower()}", str(name))
        if own in result:
            raise Misconfigured(f"{where} has {own} twice, spelled in two ways.")
        is_deeper = deep > 1 and isinstance(value, Mapping) and own in {"static_resources", "stats_config"}
        result[own] = (
            _snake(value, where, deep=deep - 1) if is_deeper and isinstance(value, Mapping) else value
        )
    return result


def _list(value: object, name: str, variable: str) -> list[object]:
    """A list; nothing is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Misconfigured(f"{variable}: {name} must be a list.")
    return value


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None
