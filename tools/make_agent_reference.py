"""Writes docs/reference/agent-variables.md from the tables of the agent and of the interception.

`--check` writes nothing and fails when the page is out of date.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from gossamer.sidecar import env
from gossamer.sidecar.intercept import env as intercept_env
from gossamer.sidecar.variable import Variable, accepts, fallback

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "agent-variables.md"

HEAD: Final = """\
# Variables of the sidecar

<!-- Written by tools/make_agent_reference.py; change the tables in the code, not this page. -->

Every setting is a variable and a flag; the flag wins. A variable has App Mesh's name where App Mesh has one.
Where a setting lists several names, the first that is set wins. An empty variable is an absent one. True is
written `1`, `t`, `T`, `true`, `True` or `TRUE`, and false in the same ways.
"""

AGENT: Final = """
## gossamer agent

A number out of its range, an unknown word, or a truth spelled otherwise gives way to the default, with a line
in the log (`setting_ignored`). A missing or wrong identity and a wrong endpoint end the agent.

While it runs, Envoy's admin interface answers on `ENVOY_ADMIN_ACCESS_PORT`, unchanged but for one thing:
`/server_info` has one member more, `status`, its state in lower case. So both health checks that App Mesh's
task definitions carry succeed when Envoy is live, and neither does before:

```sh
curl -s http://localhost:9901/server_info | cut -d' ' -f3 | grep -q live
curl -s http://localhost:9901/server_info | grep state | grep -q LIVE
```

SIGTERM and SIGQUIT fail Envoy's health checks, drain its listeners, wait, close the way in, give what is
still being answered up to three seconds, stop Envoy, and kill it three seconds later. SIGINT stops it at
once. SIGHUP, SIGUSR1 and SIGUSR2 are passed on to it. An Envoy that ends by itself is started again after
0.1 s, 0.2 s, and so on to 5 s. After a stop that was asked for, the agent exits with 0; after Envoy's last
restart, with Envoy's code.

The agent's own interface answers where `APPNET_AGENT_ADMIN_MODE` says, ten requests a second, twenty at once:

| Request | Answer |
|---|---|
| `/status` | health, Envoy's state and restarts, and the control plane: since when it is away, while it is |
| `POST /drain_listeners?inboundonly` | no more connections are let in |
| `POST /enableLogging?level=LEVEL` | that level for a while; with `&permanent=true` for good |
| `GET /stats/prometheus` | statistics; `usedonly`, `filter=metrics_extension`, and `delta` beside both |

`gossamer agent -envoyReadiness` asks the same interface until the proxy is ready, and exits with 0, or with 1
when its time is up. [What each variable does](agent-effects.md) is a page of its own.
"""

INTERCEPT: Final = """
## gossamer intercept

`enable` puts the rules in place of any earlier ones, `disable` takes them away, `status` tells in words
what is in place (`--rules`: as nft or iptables list it) and exits with 1 when traffic is not intercepted.
`--dry-run` prints what would be done, and changes nothing. A wrong value is refused, and nothing changes.

Connections that are open when the rules come or go live on. While the proxy holds some, `disable` keeps
rules that nothing leads to, says so, and takes them away when it is run again after they have ended;
`--now` takes them away at once and cuts these connections.

Without a command, as the route manager's container: it shows its variables, enables if
`APPMESH_START_ENABLED` says so, and takes `enable`, `disable`, `status` and `quit` from its input, a line
each. `quit` disables. The end of the input ends it and leaves the rules in place.
"""


def page() -> str:
    """The whole page."""
    sections = (HEAD, AGENT, *entries(env.TABLE), INTERCEPT, *entries(intercept_env.TABLE))
    return "".join(sections)


def entries(table: Sequence[Variable]) -> Iterator[str]:
    """A heading, its facts and its meaning for every variable."""
    for variable in table:
        facts = {
            "Flag": f"`{variable.flag}`",
            "Takes": accepts(variable),
            "Default": f"`{fallback(variable)}`" if fallback(variable) else "",
            "Also": ", ".join(f"`{name}`" for name in variable.names[1:]),
        }
        lines = "".join(f"- {name}: {fact}\n" for name, fact in facts.items() if fact)
        yield f"\n### {variable.name}\n\n{variable.meaning}\n\n{lines}"


def main() -> int:
    """Write the page, or say that it is out of date."""
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        return 0
    is_current = PAGE.exists() and PAGE.read_text() == page()
    print("agent-variables.md:", "fine" if is_current else "out of date; run tools/make_agent_reference.py")
    return 0 if is_current else 1


if __name__ == "__main__":
    raise SystemExit(main())
