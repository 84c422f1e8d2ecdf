"""Pure: whether labels are what a label selector asks for.

Source: Kubernetes API `LabelSelector`: all of `matchLabels` and `matchExpressions` must hold; an empty one
takes everything.
"""

from collections.abc import Callable, Mapping
from typing import Final

from gossamer.inject.document import Json, Refused, rows, table, text

_OPERATORS: Final[Mapping[str, Callable[[object, list[object]], bool]]] = {
    "In": lambda value, among: value in among,
    "NotIn": lambda value, among: value not in among,
    "Exists": lambda value, _: value is not None,
    "DoesNotExist": lambda value, _: value is None,
}


def is_selected(labels: Mapping[str, object], selector: Json) -> bool:
    """Whether labels are selected.

    Raises: Refused for an operator that there is not.
    """
    wanted = table(selector, "matchLabels")
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        _holds(labels, expression) for expression in rows(selector, "matchExpressions")
    )


def _holds(labels: Mapping[str, object], expression: Json) -> bool:
    """Whether one expression holds."""
    operator = _OPERATORS.get(text(expression, "operator"))
    if operator is None:
        raise Refused(
            f"a selector's operator is {expression.get('operator')!r}; known: {', '.join(_OPERATORS)}"
        )
    values = expression.get("values")
    return operator(labels.get(text(expression, "key")), values if isinstance(values, list) else [])
