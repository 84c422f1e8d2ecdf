"""What the AWS CLI is told of an endpoint, a region and credentials: the same variables, files and profiles.

Source: AWS SDKs and tools reference: shared `config` and `credentials` files, service-specific endpoints (the
identifier of App Mesh is `app_mesh`), `AWS_CA_BUNDLE`; environment variables come before the profile.
"""

import configparser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gossamer.contract import API_PORT, DEFAULT_REGION

#: Where a control plane answers that was started without a word.
USUAL_ENDPOINT: Final = f"http://127.0.0.1:{API_PORT}"

#: The profile that `gossamer keys create -o credentials` writes; the usual one is tried after it.
PROFILE: Final = "gossamer"
PROFILES: Final = (PROFILE, "default")

#: How App Mesh is called in variables and in the `services` sections of the configuration.
SERVICE_NAME: Final = "app_mesh"

_IGNORED: Final = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call is signed with."""

    key: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


def credentials(environ: Mapping[str, str]) -> Credentials | None:
    """Those of the environment, or of a profile; None if there are none.

    Raises: configparser.Error.
    """
    if environ.get("AWS_ACCESS_KEY_ID"):
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return Credentials(*(environ.get(name, "") for name in names))
    for section in _sections(environ):
        if "aws_access_key_id" in section:
            names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
            return Credentials(*(section.get(name, "") for name in names))
    return None


def region(environ: Mapping[str, str]) -> str:
    """What calls are signed for.

    Raises: configparser.Error.
    """
    said = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    return said or _setting(environ, "region") or DEFAULT_REGION


def ca_bundle(environ: Mapping[str, str]) -> str | None:
    """The file of the authorities that are trusted; None for the system's.

    Raises: configparser.Error.
    """
    return environ.get("AWS_CA_BUNDLE") or _setting(environ, "ca_bundle")


def endpoint(environ: Mapping[str, str]) -> str:
    """Where the control plane answers, if the command was not told.

    Raises: configparser.Error.
    """
    if environ.get(_IGNORED, "").lower() == "true":
        return USUAL_ENDPOINT
    said = environ.get(f"AWS_ENDPOINT_URL_{SERVICE_NAME.upper()}") or environ.get("AWS_ENDPOINT_URL")
    return said or _service_endpoint(environ) or _setting(environ, "endpoint_url") or USUAL_ENDPOINT


def _service_endpoint(environ: Mapping[str, str]) -> str | None:
    """What a profile's section of services says of ours, indented below its name."""
    config = _read(_config_file(environ))
    named = _setting(environ, "services")
    if named is None or not config.has_option(f"services {named}", SERVICE_NAME):
        return None
    for line in config.get(f"services {named}", SERVICE_NAME).splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "endpoint_url":
            return value.strip() or None
    return None


def _setting(environ: Mapping[str, str], name: str) -> str | None:
    return next((section[name] for section in _sections(environ) if section.get(name)), None)


def _sections(environ: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Where settings may stand, the first that counts first: each profile in both files."""
    secrets, config = _read(_credentials_file(environ)), _read(_config_file(environ))
    named = environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")
    for profile in (named,) if named else PROFILES:
        word = profile if profile == "default" else f"profile {profile}"
        yield from (file[name] for file, name in ((secrets, profile), (config, word)) if name in file)


def _read(file: Path) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser()
    found.read(file)
    return found


def _credentials_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or _home(environ) / "credentials").expanduser()


def _config_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("AWS_CONFIG_FILE") or _home(environ) / "config").expanduser()


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME", "/")) / ".aws"
