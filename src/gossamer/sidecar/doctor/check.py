"""One thing that was looked at, and how it is."""

import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    """Well, doubtful, or why the proxy is not ready."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and, where it is not well, what to do."""

    name: str
    verdict: Verdict
    said: str
    todo: str = ""


def ok(name: str, said: str) -> Check:
    """It is well."""
    return Check(name, Verdict.OK, said)


def warn(name: str, said: str, todo: str) -> Check:
    """It may become a problem, or could not be looked at."""
    return Check(name, Verdict.WARN, said, todo)


def fail(name: str, said: str, todo: str) -> Check:
    """It keeps the proxy from working."""
    return Check(name, Verdict.FAIL, said, todo)
