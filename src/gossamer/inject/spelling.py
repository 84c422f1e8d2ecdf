"""How members are written: as the ECS API spells them, or as CloudFormation does.

Source: Amazon ECS API; CloudFormation's `AWS::ECS::TaskDefinition`.
"""

from collections.abc import Callable
from typing import Final

Spelling = Callable[[str], str]

#: Where CloudFormation's name is not just the API's with a capital.
_OWN: Final = {"properties": "ProxyConfigurationProperties"}


def api(name: str) -> str:
    """The API's spelling."""
    return name


def cloudformation(name: str) -> str:
    """CloudFormation's spelling."""
    return _OWN.get(name, name[:1].upper() + name[1:])
