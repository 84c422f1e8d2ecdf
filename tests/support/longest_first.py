"""Who does what in `make test`: the longest files first, so that nobody works alone at the end.

A file goes to one worker as a whole, because its tests share what takes long to start; but where they share
little and take long, each goes its own way.
"""

from typing import Final

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

#: Files whose tests go their own ways.
SPLIT: Final = frozenset(
    {
        "tests/e2e/test_demo.py",
        "tests/properties/test_explain.py",
        "tests/properties/test_meshes.py",
        "tests/unit/docs/test_generated_pages.py",
    }
)

#: About how many seconds a file takes, or the longest test of one that is split; what is not here takes less.
#: It need not be right, only tell the long from the short.
SECONDS: Final = {
    "tests/properties/test_meshes.py": 40,
    "tests/conformance/test_compatibility.py": 38,
    "tests/browser/test_everywhere.py": 28,
    "tests/browser/test_live_mesh.py": 26,
    "tests/e2e/test_demo.py": 24,
    "tests/store/test_upkeep.py": 23,
    "tests/browser/test_forms.py": 19,
    "tests/e2e/test_intercept_connections.py": 16,
    "tests/e2e/test_replicas.py": 15,
    "tests/insight/test_apply.py": 14,
    "tests/e2e/test_sdk_export.py": 13,
    "tests/unit/docs/test_reference.py": 13,
    "tests/browser/test_editing.py": 12,
    "tests/e2e/test_intercept.py": 12,
    "tests/fuzz/test_schemathesis.py": 12,
    "tests/behaviour/test_change.py": 11,
    "tests/behaviour/test_seamless.py": 11,
    "tests/e2e/test_shutdown.py": 11,
    "tests/e2e/test_store_command.py": 11,
    "tests/behaviour/test_traffic.py": 10,
    "tests/behaviour/test_connection_pool.py": 9,
    "tests/behaviour/test_health_check.py": 9,
    "tests/e2e/test_agent.py": 9,
    "tests/e2e/test_agent_management.py": 9,
    "tests/e2e/test_aws_cli.py": 9,
    "tests/e2e/test_first_canary.py": 9,
    "tests/e2e/test_intercept_iptables.py": 9,
    "tests/store/test_store.py": 9,
    "tests/e2e/test_control_plane.py": 8,
    "tests/behaviour/test_seamless_gateway.py": 7,
    "tests/behaviour/test_seamless_tls.py": 7,
    "tests/e2e/test_canary.py": 7,
    "tests/e2e/test_top.py": 7,
    "tests/e2e/test_traces.py": 7,
    "tests/properties/test_explain.py": 7,
    "tests/unit/cli/test_main.py": 7,
    "tests/unit/docs/test_generated_pages.py": 5,
}

#: Files that share what goes on running once it is started; their turn comes last, so that it runs no longer.
LAST: Final = "tests/behaviour/"


class LongestFirst(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out files, or single tests of some, the longest that is left to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file in SPLIT else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(max(self.workqueue, key=self._length), last=False)
        super()._assign_work_unit(node)

    def _length(self, scope: str) -> tuple[bool, int, int]:
        file = scope.partition("::")[0]
        return not file.startswith(LAST), SECONDS.get(file, 0), len(self.workqueue[scope])
