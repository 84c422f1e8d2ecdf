"""What `gossamer top` makes of what it is told."""

from typing import Any

from rich.console import Console

from gossamer.cli.top import Screen, drawn, rows

LATENCY = {"p50": 4.0, "p90": 7.0, "p99": 90.0}


def moving(name: str, requests: float, errors: float = 0.0, p99: float = 1.0) -> dict[str, Any]:
    return {
        "id": f"shop/virtualNode/{name}",
        "requestsPerSecond": requests,
        "errorsPerSecond": errors,
        "successRate": 1 - errors / requests,
        "latencyMs": {**LATENCY, "p99": p99},
        "activeRequests": 2,
    }


def proxy(name: str, state: str, *, stale: bool = False) -> dict[str, Any]:
    return {"endpoint": f"shop/virtualNode/{name}", "state": state, "stale": stale, "mesh": "shop"}


def screen() -> Screen:
    edge = moving("x", 10.0) | {
        "from": "shop/virtualNode/front",
        "to": "shop/virtualNode/blue",
        "service": "orders.test",
    }
    traffic = {
        "at": "2026-01-01T09:30:15.000+00:00",
        "edges": [edge],
        "nodes": [moving("blue", 10.0, p99=90.0), moving("green", 30.0, errors=3.0)],
    }
    proxies = [proxy("front", "in sync"), proxy("blue", "in sync"), proxy("blue", "refused", stale=True)]
    return Screen("shop", traffic, proxies)


def names(found: Screen) -> list[str]:
    return [row.name.rpartition("/")[2] for row in rows(found)]


def test_what_moves_most_comes_first_and_what_only_has_proxies_is_there_too() -> None:
    assert names(screen()) == ["green", "blue", "front"]


def test_the_key_goes_through_every_order() -> None:
    found, seen = screen(), []
    for _ in range(4):
        found.press("s")
        seen.append((found.order, names(found)[0]))
    assert seen == [("errors", "green"), ("p99", "blue"), ("name", "blue"), ("requests", "green")]


def test_the_other_key_shows_edges() -> None:
    found = screen()
    found.press("e")
    assert [row.name for row in rows(found)] == ["virtualNode/front → virtualNode/blue (orders.test)"]
    found.press("x")
    assert found.shows_edges


def test_a_screen_tells_what_people_look_for() -> None:
    text = printed(screen())
    for part in ("3 proxies: 2 in sync, 1 refused, 1 stale", "09:30:15", "90.0%", "1/2", "q quit"):
        assert part in text


def test_what_nobody_measured_is_a_dash() -> None:
    found = Screen("shop", {}, [proxy("front", "in sync")])
    assert rows(found)[0].success is None
    (line,) = (one for one in printed(found).splitlines() if "front" in one)
    assert line.split()[1:] == ["1/1", "0.0", "0.0", "-", "-", "-", "0"]


def printed(found: Screen) -> str:
    console = Console(width=110)
    with console.capture() as text:
        console.print(drawn(found))
    return text.get()
