"""The rules and dashboards that come with us, and the metrics that they name."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import promql_parser as promql
import yaml

DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
RULES: Final = tuple(sorted((DEPLOY / "prometheus").glob("*.rules.yml")))
DASHBOARDS: Final = tuple(sorted((DEPLOY / "grafana").glob("*.json")))


def alerts(file: Path) -> Iterator[dict[str, Any]]:
    """Every alert of a file."""
    for group in yaml.safe_load(file.read_text())["groups"]:
        yield from group["rules"]


def panels(file: Path) -> list[dict[str, Any]]:
    """Every panel of a dashboard."""
    found: list[dict[str, Any]] = json.loads(file.read_text())["panels"]
    return found


def expressions() -> Iterator[str]:
    """Every expression that is asked for."""
    for file in RULES:
        yield from (one["expr"] for one in alerts(file))
    for file in DASHBOARDS:
        yield from (target["expr"] for panel in panels(file) for target in panel["targets"])


def metrics() -> set[str]:
    """Every metric that is named."""
    return {name for text in expressions() for name in named(promql.parse(text))}


def named(expression: object) -> Iterator[str]:
    """The metrics in an expression."""
    if isinstance(expression, promql.VectorSelector):
        yield str(expression.name)
    for part in _parts(expression):
        yield from named(part)


def _parts(expression: object) -> Iterable[object]:
    match expression:
        case promql.MatrixSelector():
            return (expression.vector_selector,)
        case promql.BinaryExpr():
            return (expression.lhs, expression.rhs)
        case promql.Call():
            return expression.args
        case promql.AggregateExpr() | promql.ParenExpr() | promql.SubqueryExpr() | promql.UnaryExpr():
            return (expression.expr,)
        case _:
            return ()
