"""Pure: Envoy's statistics in Prometheus's text, narrowed to App Mesh's own and compared with a minute ago.

Source: App Mesh user guide, the agent for Envoy, `/stats/prometheus`; Prometheus, text exposition format
0.0.4.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

PREFIX: Final = "envoy_appmesh_"

_SAMPLE: Final = re.compile(r"(?P<name>[A-Za-z_:][\w:]*)(?P<labels>\{.*\})? (?P<value>\S+)(?P<rest>.*)")
_COUNTED: Final = frozenset({"counter", "histogram"})
_TYPE_WORDS: Final = 4
_PARTS: Final = ("_bucket", "_sum", "_count")

Snapshot = Mapping[str, float]


def appmesh_only(text: str) -> str:
    """App Mesh's own statistics, without the prefix that they share."""
    lines = (line for line in text.splitlines() if _name(line).startswith(PREFIX))
    return "".join(f"{line.replace(PREFIX, '', 1)}\n" for line in lines)


def snapshot(text: str) -> Snapshot:
    """What is counted, by name and labels; gauges are left out."""
    return {key: value for key, value, _ in _counted(text)}


def delta(text: str, before: Snapshot) -> str:
    """The text with every count less what it was before; a count that fell began anew."""
    changed = {line: _less(value, before.get(key, 0.0)) for key, value, line in _counted(text)}
    return "".join(
        f"{_with(line, changed[line]) if line in changed else line}\n" for line in text.splitlines()
    )


def active_connections(text: str, labels: Mapping[str, str], listener: re.Pattern[str]) -> str:
    """The one statistic of App Mesh's that Envoy cannot count: connections to the proxy's own listeners.

    Source: App Mesh user guide, metrics extension, `ActiveConnectionCount`.
    """
    found = (_SAMPLE.fullmatch(line) for line in text.splitlines())
    values = [
        float(sample["value"])
        for sample in found
        if sample
        and sample["name"] == "envoy_listener_downstream_cx_active"
        and listener.search(sample["labels"] or "")
    ]
    name = f"{PREFIX}ActiveConnectionCount"
    shown = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    return f"# TYPE {name} gauge\n{name}{{{shown}}} {sum(values):g}\n"


def _counted(text: str) -> Iterator[tuple[str, float, str]]:
    """Every sample of a counter or histogram: its name and labels, its value, its line."""
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        words = line.split()
        if line.startswith("# TYPE ") and len(words) == _TYPE_WORDS:
            kinds[words[2]] = words[3]
        elif (sample := _SAMPLE.fullmatch(line)) and _kind(sample["name"], kinds) in _COUNTED:
            yield sample["name"] + (sample["labels"] or ""), float(sample["value"]), line


def _kind(name: str, kinds: Mapping[str, str]) -> str:
    """What a sample is a part of."""
    for part in _PARTS:
        if name.endswith(part) and kinds.get(name.removesuffix(part)) == "histogram":
            return "histogram"
    return kinds.get(name, "")


def _name(line: str) -> str:
    """The statistic that a line is about."""
    return line.split()[2] if line.startswith("# ") and len(line.split()) > 2 else line  # noqa: PLR2004  `# TYPE NAME …`


def _less(now: float, before: float) -> float:
    return now - before if now >= before else now


def _with(line: str, value: float) -> str:
    """A line with another value."""
    sample = _SAMPLE.fullmatch(line)
    if sample is None:
        return line
    return f"{sample['name']}{sample['labels'] or ''} {value:g}{sample['rest']}"
