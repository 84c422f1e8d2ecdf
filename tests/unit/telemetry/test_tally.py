"""What is counted without the client library is told as the library would tell it."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from gossamer.telemetry.tally import LoopCounter, LoopHistogram

BOUNDS = (0.001, 0.25, 1, 2_500_000)


def test_a_counter_is_told_as_the_librarys_own() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counted = LoopCounter("sent_total", "Answers.", "type", ours)
    counter = Counter("sent_total", "Answers.", ("type",), registry=theirs)
    counted.labels("route").add()
    counter.labels("route").inc()
    counted.labels("route").add(41)
    counter.labels("route").inc(41)
    counted.labels("cluster")
    counter.labels("cluster")
    assert generate_latest(ours) == generate_latest(theirs)


def test_a_histogram_is_told_as_the_librarys_own() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    timed = LoopHistogram("ack_seconds", "Acks.", "type", BOUNDS, ours)
    histogram = Histogram("ack_seconds", "Acks.", ("type",), buckets=BOUNDS, registry=theirs)
    for seconds in (0.0, 0.001, 0.0010001, 0.25, 0.5, 1, 3, 2_500_000, 1e9):
        timed.labels("route").observe(seconds)
        histogram.labels("route").observe(seconds)
    timed.labels("cluster")
    histogram.labels("cluster")
    assert generate_latest(ours) == generate_latest(theirs)


def test_series_can_be_asked_for_by_name() -> None:
    registry = CollectorRegistry()
    LoopHistogram("ack_seconds", "Acks.", "type", BOUNDS, registry).labels("route").observe(0.5)
    LoopCounter("sent_total", "Answers.", "type", registry).labels("route").add()
    told = generate_latest(registry.restricted_registry(["ack_seconds_count", "sent_total"])).decode()
    lines = [line for line in told.splitlines() if not line.startswith("#")]
    assert sorted(lines) == ['ack_seconds_count{type="route"} 1.0', 'sent_total{type="route"} 1.0']
