"""How the control plane uses the processor."""

from gossamer.runtime.tuning import choose_poller


def test_grpc_waits_without_its_event_engine() -> None:
    environ: dict[str, str] = {}
    choose_poller(environ)
    assert environ == {"GRPC_EXPERIMENTS": "-event_engine_listener"}


def test_what_an_operator_chose_for_grpc_stays() -> None:
    environ = {"GRPC_EXPERIMENTS": ""}
    choose_poller(environ)
    assert environ == {"GRPC_EXPERIMENTS": ""}
