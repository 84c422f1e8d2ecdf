"""Our own routes, asked as somebody who has a key asks them, or as somebody without one."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from gossamer.cli.control_plane import Ask, answered
from gossamer.clock import SystemClock
from tests.support.access_keys import Key


def fetched(url: str, query: Mapping[str, str], key: Key | None) -> Any:
    """What a route answers."""
    return _answer(Ask(f"{url}?{urlencode(query)}" if query else url), key)


def posted(url: str, document: object, key: Key) -> Any:
    """What a route answers to a document."""
    return _answer(Ask(url, "POST", json.dumps(document).encode()), key)


def _answer(ask: Ask, key: Key | None) -> Any:
    environ = {} if key is None else {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret}
    return answered(ask, environ, SystemClock().now())
