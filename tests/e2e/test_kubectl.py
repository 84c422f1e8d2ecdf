"""What comes out of the injection, read by kubectl's own types, which lose an unknown or misplaced member."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.golden.inject.cases import Case
from tests.golden.inject.test_inject_golden import KUBERNETES, by_name, documents

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
]
#: Kinds whose images kubectl can set; what it prints went through its own types.
KINDS = {"Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"}


def as_kubectl_reads(document: dict[str, Any]) -> Any:
    done = subprocess.run(
        ["kubectl", "set", "image", "--local", "-f", "-", "-o", "json", "--dry-run=client", "*=same"],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def lost(written: Any, read: Any, path: str = "") -> list[str]:
    """Every member that was written and not read, but for images, which kubectl was told to set."""
    if isinstance(written, dict):
        return [
            each
            for name, value in written.items()
            if name != "image"
            for each in (lost(value, read.get(name, ""), f"{path}/{name}"))
        ]
    if isinstance(written, list):
        pairs = enumerate(zip(written, read, strict=True))
        return [each for index, (one, other) in pairs for each in lost(one, other, f"{path}/{index}")]
    return [] if written == read else [f"{path}: {written!r} became {read!r}"]


@pytest.mark.parametrize("case", KUBERNETES, ids=by_name)
def test_kubectl_loses_nothing_of_a_manifest(case: Case) -> None:
    for document in documents(case):
        if document["kind"] in KINDS:
            assert lost(document, as_kubectl_reads(document)) == []
