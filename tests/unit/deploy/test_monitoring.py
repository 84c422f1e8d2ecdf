"""Rules and dashboards under deploy: they can be read, and what they ask for is there."""

from pathlib import Path

import promql_parser as promql
import pytest
import yaml
from prometheus_client import REGISTRY

import gossamer.telemetry.metrics
from tests.support.monitoring import DASHBOARDS, DEPLOY, RULES, alerts, expressions, metrics, panels

OURS = {name for name in metrics() if name.startswith("gossamer_")}


def test_every_expression_is_promql() -> None:
    found = list(expressions())
    assert len(found) > 40
    for text in found:
        promql.parse(text)


def test_every_metric_of_the_control_plane_that_is_named_is_one_that_it_has() -> None:
    assert gossamer.telemetry.metrics.PROXIES is not None
    assert "gossamer_change_acked_seconds_bucket" in OURS
    assert OURS - REGISTRY._names_to_collectors.keys() == set()


def test_every_metric_is_ours_or_envoys() -> None:
    assert {name.partition("_")[0] for name in metrics()} == {"gossamer", "envoy", "up"}


@pytest.mark.parametrize("file", RULES, ids=lambda one: one.name)
def test_every_alert_says_how_bad_it_is_and_what_it_means(file: Path) -> None:
    found = list(alerts(file))
    assert len({one["alert"] for one in found}) == len(found)
    for one in found:
        assert one["labels"]["severity"] in {"warning", "critical"}, one
        assert one["annotations"]["summary"].endswith("."), one
        assert set(one) <= {"alert", "expr", "for", "labels", "annotations"}


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda one: one.name)
def test_every_panel_of_a_dashboard_has_its_place_and_its_name(file: Path) -> None:
    found = panels(file)
    for member in ("id", "title"):
        assert len({one[member] for one in found}) == len(found)
    places = {(one["gridPos"]["x"], one["gridPos"]["y"]) for one in found}
    assert len(places) == len(found)
    for panel in found:
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_prometheus_is_told_of_every_rule() -> None:
    told = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    assert sorted(told["rule_files"]) == [one.name for one in RULES]
