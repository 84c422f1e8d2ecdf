"""Our commands, run in the test's process as `main` runs them, against a real control plane."""

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from gossamer.cli.main import app


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def yaml(self) -> list[Any]:
        return list(yaml.safe_load_all(self.out))


@dataclass
class Terminal:
    """Nobody watches it, and its variables are the test's own."""

    url: str
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    #: What a person does who is asked, and answers; without one nobody is there to be asked.
    person: Callable[[], str] | None = None

    def run(self, *words: str, says: str = "") -> Done:
        """Run a command to its end."""
        self._settle({"GOSSAMER_ENDPOINT_URL": self.url, **self.variables}, says)
        self.capsys.readouterr()
        try:
            code = app(list(words), exit_on_error=True, result_action="return_value")
        except SystemExit as ended:
            code = ended.code
        told = self.capsys.readouterr()
        return Done(code if isinstance(code, int) else 0, told.out, told.err)

    def fine(self, *words: str, says: str = "") -> Done:
        """Run a command that must end well."""
        done = self.run(*words, says=says)
        assert done.code == 0, done
        return done

    def file(self, name: str, *documents: object) -> str:
        """A file of documents."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(one if isinstance(one, str) else f"---\n{yaml.safe_dump(one)}" for one in documents)
        path.write_text(text)
        return str(path)

    def _settle(self, variables: Mapping[str, str], says: str) -> None:
        usual = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_APP_MESH")
        for name in (*usual, "NO_COLOR", "FORCE_COLOR"):
            self.monkeypatch.delenv(name, raising=False)
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            self.monkeypatch.setenv(name, str(self.folder / "none"))
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)
        said = io.TextIOWrapper(io.BytesIO(says.encode()))
        self.monkeypatch.setattr(sys, "stdin", said if self.person is None else Asked(self.person))


class Asked(io.StringIO):
    """A terminal's input with somebody at it."""

    def __init__(self, person: Callable[[], str]) -> None:
        super().__init__()
        self._person = person

    def isatty(self) -> bool:
        return True

    def readline(self, _: int = -1, /) -> str:  # type: ignore[override]  # no size is ever asked for
        return self._person() + "\n"
