"""Who may come in: what the request path asks before it carries out a call."""

from typing import Protocol

from gossamer.api.call import Call
from gossamer.api.request import Caller, Request


class Gate(Protocol):
    """Tells who calls, and whether they may do what they ask for."""

    def authenticate(self, call: Call) -> Caller:
        """Whoever sent a call.

        Raises: Unauthenticated.
        """
        ...

    async def authorize(self, request: Request) -> None:
        """Let a request pass.

        Raises: AccessDenied.
        """
        ...


class OpenGate:
    """Takes every caller for the root of one account, whatever their credentials are."""

    def __init__(self, account: str) -> None:
        self._caller = Caller(account, f"arn:aws:iam::{account}:root")

    def authenticate(self, _: Call) -> Caller:
        """The one caller that there is."""
        return self._caller

    async def authorize(self, _: Request) -> None:
        """They may do everything."""
