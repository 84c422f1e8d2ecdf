"""What stands in every line that is logged for a call."""

from gossamer.telemetry import facts


def test_what_is_known_of_a_call_stands_in_its_events_until_it_is_over() -> None:
    known = facts.know({"request_id": "one"})
    assert facts.merged(None, "info", {"event": "x"}) == {"event": "x", "request_id": "one"}
    facts.forget(known)
    assert facts.merged(None, "info", {"event": "x"}) == {"event": "x"}


def test_what_an_event_says_itself_stands() -> None:
    known = facts.know({"request_id": "one"})
    assert facts.merged(None, "info", {"request_id": "two"}) == {"request_id": "two"}
    facts.forget(known)
