"""What a gateway makes of a request's path and host: by the entry of its routes that took it.

Source: compile.rewrite, compile.flat_path.
"""

import re
from dataclasses import replace

from envoy.config.route.v3.route_components_pb2 import Route, RouteAction
from envoy.type.matcher.v3.regex_pb2 import RegexMatchAndSubstitute

from gossamer.compile.rewrite import WHOLE_PATH
from gossamer.explain.heard import Heard
from gossamer.explain.path import normalized
from gossamer.explain.story import Stage, Story
from gossamer.model.kind import Ref


def tell_rewrite(story: Story, entry: Route, resource: Ref, heard: Heard) -> dict[str, str]:
    """What changes, as pseudo-headers."""
    # The way out tidies the path once more; what goes straight on is tidy, or would not.
    changes = {":path": normalized(rewritten(entry, heard.target))}
    if entry.route.host_rewrite_literal:
        changes[":authority"] = entry.route.host_rewrite_literal
    told_of = [
        ("path", heard.target, changes[":path"]),
        ("host", heard.authority, changes.get(":authority", heard.authority)),
    ]
    changed = {name: new for name, old, new in told_of if new != old}
    said = "; ".join(f"{name} {old} becomes {new}" for name, old, new in told_of if new != old)
    story.matched(Stage.REWRITE, said or "path and host stay as they are", resource)
    story.result = replace(story.result, rewrite=changed)
    return changes


def rewritten(entry: Route, target: str) -> str:
    """A path with its query after a route changed it.

    Source: Envoy, `RouteAction.prefix_rewrite`, `regex_rewrite`.
    """
    action: RouteAction = entry.route
    path, mark, query = target.partition("?")
    if action.prefix_rewrite:
        matched = entry.match.prefix or entry.match.path
        return action.prefix_rewrite + target[len(matched) :]
    if action.HasField("regex_rewrite"):
        return _substituted(path, action.regex_rewrite) + mark + query
    return path + mark + query


def _substituted(path: str, rewrite: RegexMatchAndSubstitute) -> str:
    """Only two expressions are ever compiled: the whole path, and a root that stays what it is."""
    is_whole = rewrite.pattern.regex == WHOLE_PATH
    return re.sub(r"\\(.)", r"\1", rewrite.substitution) if is_whole else path
