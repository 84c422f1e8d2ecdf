"""Containers of the images that `make images` builds, run by podman and crun in networks of the test's."""

import contextlib
import json
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HYBRID = Path("/sys/fs/cgroup/unified")
#: Crun refuses machines that mount both kinds of control groups; in here only one is seen.
HOLD = f"if [ -d {HYBRID} ]; then umount {HYBRID}; fi; echo ready; exec cat"


@dataclass(frozen=True)
class Engine:
    """Podman, in a mount namespace of the test's."""

    within: tuple[str, ...]

    def podman(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = (*self.within, "podman", "--runtime", "crun", "--cgroup-manager", "cgroupfs", *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, (arguments, done.stderr)
        return done

    def has(self, image: str) -> bool:
        return self.podman("image", "exists", image, check=False).returncode == 0

    def inspected(self, image: str) -> Any:
        return json.loads(self.podman("image", "inspect", image).stdout)[0]

    @contextlib.contextmanager
    def running(
        self,
        image: str,
        *command: str,
        options: tuple[str, ...] = (),
        variables: Mapping[str, str] | None = None,
    ) -> Iterator["Container"]:
        """A container that runs until the test is done with it."""
        done = self.podman("run", "--detach", *self._options(options, variables), image, *command)
        name = done.stdout.strip()
        try:
            yield Container(self, name)
        finally:
            self.podman("rm", "--force", "--volumes", "--time", "2", name, check=False)

    def run(
        self,
        image: str,
        *command: str,
        options: tuple[str, ...] = (),
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """A container that runs to its end; what it printed."""
        done = self.podman("run", "--rm", *self._options(options, variables), image, *command)
        return done.stdout

    @staticmethod
    def _options(options: tuple[str, ...], variables: Mapping[str, str] | None) -> list[str]:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        limits = ("--ulimit", f"nofile={soft}:{hard}", "--ulimit", "nproc=4000:4000")
        given = [word for name, value in (variables or {}).items() for word in ("--env", f"{name}={value}")]
        return ["--cgroups=disabled", "--pull=never", *limits, *options, *given]


@dataclass(frozen=True)
class Container:
    """A running container."""

    engine: Engine
    name: str

    def logs(self) -> str:
        done = self.engine.podman("logs", self.name, check=False)
        return done.stdout + done.stderr

    def exec(self, *command: str) -> str:
        return self.engine.podman("exec", self.name, *command).stdout

    def is_healthy(self) -> bool:
        """Run the image's own health check."""
        return self.engine.podman("healthcheck", "run", self.name, check=False).returncode == 0


@contextlib.contextmanager
def engine() -> Iterator[Engine]:
    """Podman, where it works."""
    for program in ("podman", "crun"):
        assert shutil.which(program), f"{program} is missing"
    with subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        try:
            yield Engine(("nsenter", f"--target={holder.pid}", "--mount", "--"))
        finally:
            holder.stdin.close()
