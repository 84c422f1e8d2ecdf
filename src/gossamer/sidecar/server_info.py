"""Pure: `/server_info` in a shape that old and new health checks accept.

Envoy 1.8 answered in text whose third word was `live`, and task definitions of that time still look for it:
`cut -d' ' -f3 | grep -q live`. Later ones look for the JSON member `"state": "LIVE"`. Both ask for the same
page with the same words, so one body serves both: Envoy's JSON, with one member more, on a line of its own,
whose third blank-separated word is the state in lower case. Before Envoy is live, neither check passes.

Source: App Mesh user guide, health checks of the Envoy container, 2018 and later; envoy.admin.v3.ServerInfo.
"""

import re
from typing import Final

PATH: Final = "/server_info"

#: Envoy indents by one blank a level, so only the top level's own `state` matches.
_STATE: Final = re.compile(rb'^ "state": "([A-Z_]+)",?$', re.MULTILINE)


def with_old_state(body: bytes) -> bytes:
    """Envoy's answer with ` "status": "live"` in front, where it is live.

    Absent: an answer without a state, or of another form, is left as it is.
    """
    state = _STATE.search(body)
    if state is None or not body.startswith(b"{\n"):
        return body
    return b'{\n "status": "' + state[1].lower() + b'",\n' + body.removeprefix(b"{\n")
