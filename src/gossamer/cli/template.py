"""CloudFormation templates: their `AWS::AppMesh::*` resources as documents.

What a template computes is not known here: `Ref` and `Fn::GetAtt` to names in the same template are followed,
parameters have their default, and every other function is refused by its name.
Source: AWS CloudFormation user guide, the resource types of AWS App Mesh and their property names; intrinsic
function reference.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.cli.words import WrongUsage
from gossamer.model.kind import Kind

PREFIX: Final = "AWS::AppMesh::"
_KINDS: Final = {f"{PREFIX}{kind.noun}": kind for kind in Kind}

#: The capitals that a property's name begins with, but for the one that begins its next word.
_HEAD: Final = re.compile(r"^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z][A-Z0-9]*(?![a-z])|[A-Z])")


def is_template(document: object) -> bool:
    """Whether a document is a template of CloudFormation."""
    return isinstance(document, dict) and isinstance(document.get("Resources"), dict)


def template_documents(document: object, file: str) -> Iterator[dict[str, object]]:
    """The resources of App Mesh in a template; others are somebody else's.

    Raises: WrongUsage.
    """
    if not isinstance(document, dict):
        return
    template = _Template(document, file)
    for name, resource in document["Resources"].items():
        kind = _KINDS.get(str(resource.get("Type"))) if isinstance(resource, dict) else None
        if kind is not None:
            properties = resource.get("Properties") or {}
            yield {"kind": kind.value, **template.read(properties, f"Resources.{name}.Properties")}


@dataclass(frozen=True, slots=True)
class _Template:
    """One template."""

    document: Mapping[str, object]
    file: str

    def read(self, properties: Mapping[str, object], path: str) -> dict[str, object]:
        """Properties with App Mesh's own names."""
        return {_camel(name): self._value(value, f"{path}.{name}") for name, value in properties.items()}

    def _value(self, value: object, path: str) -> object:
        if isinstance(value, list):
            return [self._value(one, f"{path}[{index}]") for index, one in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._computed(name, argument, path)
        return self.read(value, path)

    def _computed(self, name: str, argument: object, path: str) -> object:
        """What a function stands for.

        Raises: WrongUsage for one that cannot be known here.
        """
        if name == "Ref":
            found = self._part("Parameters", str(argument)).get("Default")
            if found is not None:
                return found
        if name == "Fn::GetAtt":
            resource, attribute = self._attribute(argument)
            properties = self._part("Resources", resource).get("Properties")
            found = properties.get(attribute) if isinstance(properties, dict) else None
            if found is not None and attribute.endswith("Name"):
                return self._value(found, path)
        raise WrongUsage(
            f"{self.file}: {path}: {name} of {argument} cannot be worked out here; write its value"
        )

    def _part(self, section: str, name: str) -> Mapping[str, object]:
        found = self.document.get(section)
        part = found.get(name) if isinstance(found, dict) else None
        return part if isinstance(part, dict) else {}

    def _attribute(self, argument: object) -> tuple[str, str]:
        parts = argument if isinstance(argument, list) else str(argument).split(".", 1)
        return (str(parts[0]), str(parts[1])) if len(parts) > 1 else (str(parts[0]), "")


def _camel(name: str) -> str:
    """`AWSCloudMap` as `awsCloudMap`, `TLS` as `tls`, `HttpRoute` as `httpRoute`."""
    return _HEAD.sub(lambda found: found[0].lower(), name)
