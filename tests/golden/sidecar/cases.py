"""Golden pairs of the sidecar: an environment becomes a bootstrap, or rules, or the sentence of a refusal.

`X.env` is the input; its output lies beside it, as `X.bootstrap.json`, `X.nft` and `X.iptables`, or `X.txt`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from gossamer.sidecar.bootstrap import bootstrap, with_own_files
from gossamer.sidecar.env import settings
from gossamer.sidecar.facts import Facts
from gossamer.sidecar.intercept import iptables
from gossamer.sidecar.intercept.env import interception
from gossamer.sidecar.intercept.nft import enabling
from gossamer.sidecar.intercept.plan import plan
from gossamer.sidecar.run_directory import documents
from gossamer.sidecar.variable import Misconfigured

HERE: Final = Path(__file__).resolve().parent
ADMIN_SOCKET: Final = "/run/gossamer/admin.sock"
REFUSED: Final = ".txt"
WIDTH: Final = 110

#: What a machine without a platform says of itself.
FACTS: Final = Facts(nameservers=("10.0.0.2",))

#: In a case, the members of the bootstrap that its golden holds; without it, all.
SHOW: Final = "SHOW"

Environ = Mapping[str, str]


def as_bootstrap(environ: Environ) -> str:
    written = whole_bootstrap(environ, ADMIN_SOCKET)
    shown = environ.get(SHOW, "").split() or written
    return folded({name: written[name] for name in shown}) + "\n"


def whole_bootstrap(environ: Environ, admin_socket: str) -> dict[str, object]:
    """All of it; files of an operator's own are found in `files/`."""
    found, _ = settings({name: value.replace("files/", f"{HERE}/files/") for name, value in environ.items()})
    written, _ = with_own_files(bootstrap(found, admin_socket, FACTS), found.files, documents(found.files))
    return written


def folded(value: object, indent: str = "") -> str:
    """JSON in which whatever fits on a line has one, so that a bootstrap fits on a screen."""
    line = json.dumps(value)
    deeper = indent + "  "
    if len(deeper) + len(line) <= WIDTH or not isinstance(value, dict | list):
        return line
    if isinstance(value, list):
        items = [deeper + folded(item, deeper) for item in value]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    members = [f"{deeper}{json.dumps(name)}: {folded(item, deeper)}" for name, item in value.items()]
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


def as_rules(environ: Environ) -> str:
    return enabling(plan(interception(environ)))


def as_iptables(environ: Environ) -> str:
    """What ip6tables is told stands below what iptables is told."""
    wanted = plan(interception(environ))
    scripts = (
        iptables.replacing("", lines) for lines in (iptables.wanted(wanted, 4), iptables.wanted(wanted, 6))
    )
    return "\n".join(scripts)


TRANSFORMS: Final[tuple[tuple[str, str, Callable[[Environ], str]], ...]] = (
    ("bootstrap", ".bootstrap.json", as_bootstrap),
    ("intercept", ".nft", as_rules),
    ("intercept", ".iptables", as_iptables),
)


def outputs() -> Iterator[tuple[Path, str]]:
    """Every output file, and what must be in it."""
    for folder, suffix, transform in TRANSFORMS:
        for case in sorted((HERE / folder).glob("*.env")):
            try:
                yield case.with_suffix(suffix), transform(environ(case))
            except Misconfigured as error:
                yield case.with_suffix(REFUSED), f"{error}\n".replace(f"{HERE}/", "")


def environ(case: Path) -> dict[str, str]:
    """The variables of one case; lines that begin with # say why it exists."""
    text = case.read_text().replace("# Show: ", f"{SHOW}=")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def written() -> set[Path]:
    """Every output file that there is."""
    return {path for folder, *_ in TRANSFORMS for path in (HERE / folder).iterdir() if path.suffix != ".env"}


def rewrite() -> None:
    """Write the outputs anew, and delete stale ones."""
    wanted = dict(outputs())
    for stale in written() - wanted.keys():
        stale.unlink()
    for path, text in wanted.items():
        path.write_text(text)


if __name__ == "__main__":
    rewrite()
