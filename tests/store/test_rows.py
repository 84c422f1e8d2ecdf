import gc
import json
import weakref

from gossamer.model.kind import Kind
from gossamer.store import rows
from gossamer.store.rows import spec_of


def text(number: int) -> str:
    listener = {"portMapping": {"port": number + 1, "protocol": "http"}}
    return json.dumps({"listeners": [listener], "serviceDiscovery": {"dns": {"hostname": "n.local"}}})


def test_a_spec_that_somebody_holds_is_read_once() -> None:
    held = spec_of(Kind.VIRTUAL_NODE, text(0))
    for number in range(1, 2 * rows._HELD_SPECS):
        spec_of(Kind.VIRTUAL_NODE, text(number))
    assert spec_of(Kind.VIRTUAL_NODE, text(0)) is held


def test_a_spec_that_nobody_holds_is_forgotten() -> None:
    gone = weakref.ref(spec_of(Kind.VIRTUAL_NODE, text(0)))
    assert gone() is not None
    for number in range(1, 2 * rows._HELD_SPECS):
        spec_of(Kind.VIRTUAL_NODE, text(number))
    gc.collect()
    assert gone() is None
