"""Whether traces are collected, and where they go."""

import sys

import pytest

from gossamer.telemetry.tracing import CannotTrace, Destination, destination, set_up

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}


@pytest.mark.parametrize(
    ("environ", "endpoint", "found"),
    [
        ({}, "", None),
        (ENDPOINT, "", Destination("http/protobuf")),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/v1/traces"}, "", Destination("http/protobuf")),
        ({}, "http://c:4317", Destination("http/protobuf", "http://c:4317")),
        (ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "", Destination("grpc")),
        (
            ENDPOINT
            | {
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            },
            "",
            Destination("http/protobuf"),
        ),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "", Destination("http/protobuf")),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, "", None),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, "http://c:4317", None),
    ],
)
def test_the_standard_variables_and_a_setting_decide(
    environ: dict[str, str], endpoint: str, found: Destination | None
) -> None:
    assert destination(environ, endpoint) == found


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        (
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "OTEL_TRACES_EXPORTER is 'zipkin', and traces are sent by otlp only",
        ),
        (
            ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
            "the protocol of OTLP is 'http/json', and http/protobuf and grpc are spoken",
        ),
    ],
)
def test_what_cannot_be_is_refused(environ: dict[str, str], why: str) -> None:
    with pytest.raises(CannotTrace, match=why):
        destination(environ, "")


def test_without_the_library_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gossamer.telemetry.otlp", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(CannotTrace, match="pip install 'gossamer\\[otel\\]'"):
        set_up(ENDPOINT, "")


def test_where_an_older_copy_hides_the_messages_one_is_told_how_to_put_it_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "gossamer.telemetry.otlp", None)
    with pytest.raises(CannotTrace, match="--force-reinstall --no-deps opentelemetry-proto"):
        set_up(ENDPOINT, "")


def test_without_a_collector_nothing_is_loaded() -> None:
    assert not set_up({}, "")
