"""Writes type stubs for Envoy's messages into stubs/, so that a wrong field is a type error.

The messages come from `xds-protos`, which ships no stubs; the generator is mypy-protobuf's sibling in protoc
(`--pyi_out`), fed with the descriptors that the package itself registers. Only files that our code imports,
and what they import, are written.
"""

import importlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import grpc_tools
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / "stubs"
IMPORT = re.compile(r"^from ((?:envoy|xds|udpa|validate|google\.rpc)\.[\w.]*_pb2) import\b", re.MULTILINE)


def used_modules() -> set[str]:
    """The message modules that our code imports, as dotted names."""
    sources = [path for tree in ("src", "tests", "bench", "tools") for path in (ROOT / tree).rglob("*.py")]
    return {found for path in sources for found in IMPORT.findall(path.read_text())}


def closure(files: list[FileDescriptor]) -> dict[str, FileDescriptor]:
    """The files and everything that they import, by name."""
    found: dict[str, FileDescriptor] = {}
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file.name not in found:
            found[file.name] = file
            waiting.extend(file.dependencies)
    return found


def main() -> int:
    """Write the stubs; return protoc's exit code."""
    files = closure([importlib.import_module(name).DESCRIPTOR for name in sorted(used_modules())])
    described = descriptor_pb2.FileDescriptorSet()
    for name in sorted(files):
        files[name].CopyToProto(described.file.add())
    wanted = [name for name in sorted(files) if not name.startswith("google/protobuf/")]
    STUBS.mkdir(exist_ok=True)
    if not wanted:
        return 0
    with tempfile.NamedTemporaryFile(suffix=".binpb") as descriptors:
        descriptors.write(described.SerializeToString())
        descriptors.flush()
        bundled = Path(grpc_tools.__file__).parent / "_proto"
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={descriptors.name}"]
        return subprocess.run(
            [*command, f"-I{bundled}", f"--pyi_out={STUBS}", *wanted], check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
