"""Envoy's metrics messages, as far as we read them: bytes -> plain values.

The published Python messages leave them out: they are built on `io.prometheus.client`, whose name Python's
own `io` takes. So the few fields are declared here; what is not declared is skipped.
Source: envoy.service.metrics.v3.StreamMetricsMessage; prometheus/client_model, metrics.proto.
"""

from collections.abc import Collection, Iterable
from typing import Final, Protocol, cast

from envoy.config.core.v3.base_pb2 import Node
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from gossamer.xds.reports import Measured, Summary

_PACKAGE: Final = "gossamer.metrics"

#: Every message, with its fields: name, number, type (or another message's name), and whether it repeats.
_SHAPES: Final = {
    "Quantile": (("quantile", 1, "double", False), ("value", 2, "double", False)),
    "Summary": (
        ("sample_count", 1, "uint64", False),
        ("sample_sum", 2, "double", False),
        ("quantile", 3, "Quantile", True),
    ),
    "Counter": (("value", 1, "double", False),),
    "Metric": (("counter", 3, "Counter", False), ("summary", 4, "Summary", False)),
    "MetricFamily": (("name", 1, "string", False), ("metric", 4, "Metric", True)),
    "Identifier": (("node", 1, "bytes", False),),
    "StreamMetricsMessage": (
        ("identifier", 1, "Identifier", False),
        ("envoy_metrics", 2, "MetricFamily", True),
    ),
}
_TYPES: Final = {
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
}


class _Quantile(Protocol):
    quantile: float
    value: float


class _Summary(Protocol):
    sample_count: int
    quantile: Iterable[_Quantile]


class _Counter(Protocol):
    value: float


class _Metric(Protocol):
    counter: _Counter
    summary: _Summary


class _MetricFamily(Protocol):
    name: str
    metric: Iterable[_Metric]


class _Identifier(Protocol):
    node: bytes


class _Message(Protocol):
    identifier: _Identifier
    envoy_metrics: Iterable[_MetricFamily]


def node_of(raw: bytes) -> Node:
    """Who sends the stream; only its first message says so."""
    return Node.FromString(_read(raw).identifier.node)


def measured(raw: bytes, seconds: float, wanted: Collection[str]) -> Measured:
    """What a message says of some statistics over so many seconds, as far as anything happened."""
    summaries: dict[str, Summary] = {}
    counts: dict[str, int] = {}
    for family in _read(raw).envoy_metrics:
        if family.name in wanted:
            for metric in family.metric:
                if metric.summary.sample_count:
                    found = tuple((one.quantile, one.value) for one in metric.summary.quantile)
                    summaries[family.name] = Summary(metric.summary.sample_count, found)
                elif metric.counter.value:
                    counts[family.name] = int(metric.counter.value)
    return Measured(seconds, summaries, counts)


def _read(raw: bytes) -> _Message:
    return cast(_Message, _STREAM_METRICS.FromString(raw))


def _declared() -> FileDescriptorProto:
    file = FileDescriptorProto(name="gossamer/metrics.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _SHAPES.items():
        message = DescriptorProto(name=name)
        for field, number, type_, is_repeated in fields:
            label = (
                FieldDescriptorProto.LABEL_REPEATED if is_repeated else FieldDescriptorProto.LABEL_OPTIONAL
            )
            one = FieldDescriptorProto(name=field, number=number, label=label)
            if type_ in _TYPES:
                one.type = _TYPES[type_]
            else:
                one.type, one.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{_PACKAGE}.{type_}"
            message.field.append(one)
        file.message_type.append(message)
    return file


_POOL: Final = DescriptorPool()
_POOL.Add(_declared())
_STREAM_METRICS: Final = GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.StreamMetricsMessage"))
