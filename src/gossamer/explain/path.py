"""What a proxy makes of a path before it looks at any route.

compile.hcm asks for `normalize_path` and `merge_slashes`, and leaves escaped slashes alone.
Source: Envoy, `PathUtil::canonicalPath`, which is Chromium's URL canonicalization; RFC 3986 section 6.
"""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
#: What may not stand in a path as it is.
_UNSAFE: Final = re.compile(r'["<>^`{|}]')
#: What is as good without its escape.
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalized(target: str) -> str:
    """A request's path as routes see it, with the query, which stays as it is."""
    path, mark, query = target.partition("?")
    plain = _ESCAPE.sub(_unescaped, path).replace("\\", "/")
    safe = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", plain)
    return _merged(_without_dots(safe)) + mark + query


def without_query(target: str) -> str:
    """The path alone: what conditions on paths are about."""
    return target.partition("?")[0]


def _unescaped(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0]


def _merged(path: str) -> str:
    """A path without empty segments. Of slashes alone two are left, as Envoy leaves them."""
    if "//" not in path:
        return path
    inside = "/".join(one for one in path.split("/") if one)
    return f"/{inside}{'/' if path.endswith('/') else ''}"


def _without_dots(path: str) -> str:
    """A path whose dots are resolved: `.` is where one is, `..` one higher, never above the root."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
