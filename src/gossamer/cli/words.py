"""How people name kinds and resources at a terminal, and what they probably meant."""

from collections.abc import Mapping
from typing import Final

from gossamer.model.kind import Kind
from gossamer.model.likeness import did_you_mean


class WrongUsage(Exception):
    """The command line says something that cannot be meant; the text says what."""


def _spellings(kind: Kind) -> tuple[str, ...]:
    """What a kind may be called: App Mesh's word in the singular and plural, with hyphens, and in short."""
    words = [f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.value]
    hyphened = "".join(words)
    short = "".join(word[0] for word in hyphened.split("-"))
    singular = (kind.value, hyphened, f"AWS::AppMesh::{kind.noun}")
    plural = (kind.plural, f"{hyphened}s" if kind is not Kind.MESH else kind.plural)
    return (*singular, *plural, *((short,) if len(short) > 1 else ()))


SPELLINGS: Final[Mapping[str, Kind]] = {
    spelling.lower(): kind for kind in Kind for spelling in _spellings(kind)
}


def kind_of(text: str) -> Kind:
    """The kind that is meant.

    Raises: WrongUsage.
    """
    found = SPELLINGS.get(text.lower())
    if found is None:
        known = ", ".join(kind.value for kind in Kind)
        hint = did_you_mean(text.lower(), SPELLINGS)
        raise WrongUsage(f"{text} is no kind of resource{hint or f': there are {known}'}")
    return found


def resource_name(kind: Kind, mesh: str, name: str, parent: str | None = None) -> str:
    """A resource as our routes name it: `shop/virtualRouter/orders/route/all`."""
    if kind is Kind.MESH:
        return mesh
    around = f"{kind.parent.value}/{parent}/" if kind.parent is not None else ""
    return f"{mesh}/{around}{kind.value}/{name}"
