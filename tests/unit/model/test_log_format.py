"""Format strings of access logs: what Envoy would refuse, the API refuses with a sentence; Envoy agrees."""

import json
import subprocess
from typing import Any, Final

import pytest

from gossamer.errors import InvalidSpec
from gossamer.model.access_log import LoggingFormat
from gossamer.model.log_format import CHOICES, COMMANDS, MEASURED, NEEDY, OF_HEADERS, OPTIONAL, PLAIN
from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.env import settings

#: Parameters of those that need some.
NEEDED: Final = {
    **dict.fromkeys(NEEDY, "a"),
    **dict.fromkeys(OF_HEADERS, "X-A?:PATH"),
    **{name: words[0] for name, words in CHOICES.items()},
    "COALESCE": '{"operators": ["PROTOCOL"]}',
    "COMMON_DURATION": "DS_RX_BEG:US_TX_BEG:ms",
    "METADATA": "CLUSTER:a:b",
    "CEL": "request.path",
}

TAKEN: Final = (
    *(f"%{name}%" for name in sorted(PLAIN | OPTIONAL | CHOICES.keys())),
    *(f"%{name}({NEEDED[name]})%" for name in sorted(NEEDED)),
    *(f"%{name}({NEEDED[name]}):5%" for name in sorted(MEASURED)),
    *(f"%{name}(x)%" for name in sorted(OPTIONAL)),
    "100%% of %PROTOCOL%%PROTOCOL%",
    "%START_TIME(%Y/%m/%dT%H:%M:%S%z %3f)%\n",
    "%FILTER_STATE(a:FIELD:b)%",
    "%PATH(WQ:ORIG)%",
    "plain text\n",
)

REFUSED: Final = {
    "50% of": "has no command at character 3; a percent sign of its own is written %%",
    "%req(x)%": "has no command at character 1; a percent sign of its own is written %%",
    "%REQ(X)": "has no command at character 1; a percent sign of its own is written %%",
    "%REQ(X):a%": "has no command at character 1; a percent sign of its own is written %%",
    "%%%": "has no command at character 3; a percent sign of its own is written %%",
    "%RESPONSE_CODES%": "has %RESPONSE_CODES%, which is no command of Envoy: did you mean %RESPONSE_CODE%?",
    "%ZZZ%": "has %ZZZ%, which is no command of Envoy",
    "%REQ%": "has %REQ% without parameters, which it requires",
    "%DYNAMIC_METADATA()%": "has %DYNAMIC_METADATA% without parameters, which it requires",
    "%PROTOCOL(x)%": "has %PROTOCOL% with more than its name: it takes no parameters and no length",
    "%PROTOCOL:3%": "has %PROTOCOL% with more than its name: it takes no parameters and no length",
    "%START_TIME:3%": "has %START_TIME% with a length, which it does not take",
    "%PATH(x)%": "has %PATH(x)%: its parameter must be one of WQ, NQ",
    "%FILTER_STATE(a:b)%": (
        "has %FILTER_STATE(a:b)%: what follows the colon must be one of PLAIN, TYPED, FIELD"
    ),
    "%REQ(a?b?c)%": "has %REQ(a?b?c)%, which names more than one alternative",
    "%REQ(a b)%": "has %REQ(a b)%, which names no header",
}


def told(form: object) -> list[str]:
    try:
        LoggingFormat.from_json(json.dumps(form))
    except InvalidSpec as error:
        return [str(one) for one in error.violations]
    return []


def test_every_command_is_taken_in_each_form_that_it_has() -> None:
    assert [text for text in TAKEN if told({"text": text})] == []


@pytest.mark.parametrize("text", REFUSED)
def test_what_envoy_would_refuse_is_refused_with_a_sentence(text: str) -> None:
    assert told({"text": text}) == [f"text: {REFUSED[text]}"]
    json_form = {"json": [{"key": "a", "value": "%PROTOCOL%"}, {"key": "b", "value": text}]}
    assert told(json_form) == [f"json[1].value: {REFUSED[text]}"]


def test_a_key_that_is_written_twice_is_refused() -> None:
    pairs = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    assert told({"json": pairs}) == ["json[1].key: must differ from the keys of other members"]


def test_no_command_is_in_two_tables() -> None:
    assert len(COMMANDS) == sum(map(len, (PLAIN, OPTIONAL, OF_HEADERS, NEEDY, CHOICES)))


def envoy_takes(*formats: str) -> bool:
    """Whether Envoy starts with access logs of these formats."""
    found, _ = settings({"ENVOY_CONFIG_FILE": "/dev/null"})
    base = "type.googleapis.com/envoy.extensions."
    logs: list[Any] = [
        {
            "name": "file",
            "typed_config": {
                "@type": f"{base}access_loggers.file.v3.FileAccessLog",
                "path": "/dev/null",
                "log_format": {"text_format_source": {"inline_string": text}},
            },
        }
        for text in formats
    ]
    proxy = {
        "@type": f"{base}filters.network.tcp_proxy.v3.TcpProxy",
        "stat_prefix": "a",
        "cluster": "a",
        "access_log": logs,
    }
    listener = {
        "address": {"pipe": {"path": "/none"}},
        "filter_chains": [{"filters": [{"name": "tcp", "typed_config": proxy}]}],
    }
    cluster = {"name": "a", "connect_timeout": "1s"}
    config = {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
    command = [envoy_path(found), "--mode", "validate", "--config-yaml", json.dumps(config)]
    done = subprocess.run([*command, "--log-level", "off"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.e2e
def test_envoy_agrees_with_what_is_taken() -> None:
    assert envoy_takes(*TAKEN)


@pytest.mark.e2e
@pytest.mark.parametrize("text", REFUSED)
def test_envoy_agrees_with_what_is_refused(text: str) -> None:
    assert not envoy_takes(text)
