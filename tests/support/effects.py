"""What each variable of the agent does: an example, and where its effect is seen on what runs.

The effect on the bootstrap, on Envoy's command or on the agent's settings is computed: it is the difference that
the variable makes. `seen` is a page of Envoy's admin interface and a text that is on it in the run of that name;
`shown_by` is a test of the running agent that shows it otherwise.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gossamer.sidecar.binary import envoy_command
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import Settings, settings
from gossamer.sidecar.facts import Facts
from gossamer.sidecar.variable import Misconfigured

NODE: Final = "mesh/m/virtualNode/n"
FACTS: Final = Facts(nameservers=("10.0.0.2",))
SOCKET: Final = "/run/gossamer/admin.sock"

MANAGEMENT: Final = "tests/e2e/test_agent_management.py"
CREDENTIALS: Final = "tests/e2e/test_agent_credentials.py"
AGENT: Final = "tests/e2e/test_agent.py"
CLOUD: Final = "tests/unit/sidecar/test_cloud.py"
WISHES: Final = "tests/e2e/test_wishes.py"
STREAM: Final = "tests/e2e/test_agent_stream.py"

CONFIG: Final = "/config_dump"
COMMAND: Final = "/server_info"
XRAY: Final = {"ENABLE_ENVOY_XRAY_TRACING": "1"}
DATADOG: Final = {"ENABLE_ENVOY_DATADOG_TRACING": "1"}
JAEGER: Final = {"ENABLE_ENVOY_JAEGER_TRACING": "1"}
OTEL: Final = {"ENABLE_ENVOY_OTEL_TRACING": "1"}
STATSD: Final = {"ENABLE_ENVOY_DOG_STATSD": "1"}
RELAY: Final = {"APPNET_ENABLE_RELAY_MODE_FOR_XDS": "1", "APPMESH_XDS_ENDPOINT": "mesh.example"}
K8S: Final = {
    "APPMESH_PLATFORM_K8S_VERSION": "v1.30",
    "APPMESH_PLATFORM_K8S_POD_UID": "f906",
    "APPMESH_PLATFORM_APP_MESH_CONTROLLER_VERSION": "v1.13",
}
TCP: Final = {"APPNET_AGENT_ADMIN_MODE": "tcp"}
UDS: Final = {"APPNET_AGENT_ADMIN_MODE": "uds"}
LOG: Final = {"APPNET_ENVOY_LOG_DESTINATION": "/var/log/envoy"}
DNS: Final = {"GOSSAMER_DNS": "1"}
TLS: Final = {"APPMESH_XDS_ENDPOINT": "mesh.example:18000", "GOSSAMER_XDS_CA_FILE": "/etc/ca.pem"}


@dataclass(frozen=True)
class Effect:
    """One variable's."""

    variable: str
    given: str
    also: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    seen: tuple[str, str] = ("", "")
    shown_by: str = ""


def on(run: str, page: str, variable: str, given: str, text: str, **also: str) -> Effect:
    """An effect that is seen on a page."""
    return Effect(variable, given, also, run, (page, text))


def by(test: str, variable: str, given: str, **also: str) -> Effect:
    """An effect that a test shows."""
    return Effect(variable, given, also, shown_by=test)


EFFECTS: Final = (
    on("node", CONFIG, "APPMESH_RESOURCE_ARN", "mesh/shop/virtualNode/front", '"id":"mesh/shop/virtualNode/front"'),
    on("node", CONFIG, "APPMESH_RESOURCE_CLUSTER", "shop", '"cluster":"shop"'),
    on("node", CONFIG, "AWS_REGION", "eu-west-1", '"region":"eu-west-1"', GOSSAMER_AVAILABILITY_ZONE_ID="euw1-az2"),
    on("node", CONFIG, "GOSSAMER_AVAILABILITY_ZONE_ID", "euw1-az2", '"zone":"euw1-az2"'),
    on("node", CONFIG, "APPMESH_METRIC_EXTENSION_VERSION", "1", '"aws.appmesh.metric_filter":{"level":"1"}'),
    by("tests/behaviour/test_http2_between_sidecars.py::test_a_proxy_that_does_not_say_so_brings_callers_back_without_a_failed_request", "GOSSAMER_ACCEPTS_HTTP2", "0"),
    by("tests/e2e/test_request_wishes.py::test_a_request_gets_no_id_and_keeps_one_that_it_has", "GOSSAMER_MAKES_REQUEST_IDS", "0"),
    by("tests/e2e/test_request_wishes.py::test_every_connection_of_a_proxy_notices_when_the_other_end_is_gone", "GOSSAMER_ENDS_IDLE_REQUESTS", "0"),
    by("tests/e2e/test_request_wishes.py::test_nothing_tells_of_envoy", "GOSSAMER_SHOWS_ENVOY", "0"),
    on("node", CONFIG, "APPMESH_PLATFORM_K8S_VERSION", "v1.30", '"k8sVersion":"v1.30"', **K8S),
    on("node", CONFIG, "APPMESH_PLATFORM_K8S_POD_UID", "f906", '"podUid":"f906"', **K8S),
    on("node", CONFIG, "APPMESH_PLATFORM_APP_MESH_CONTROLLER_VERSION", "v1.13", '"appMeshControllerVersion":"v1.13"', **K8S),
    by("tests/unit/sidecar/test_node.py::test_a_task_tells_of_itself_and_of_its_machine", "ECS_CONTAINER_INSTANCE_ARN", "arn:aws:ecs:i"),
    on("node", CONFIG, "APPNET_FIPS_MODE_ENABLED", "1", '"fipsModeEnabled":true'),
    on("node", CONFIG, "APPNET_CONTAINER_IP_MAPPING", '{"app": "172.17.0.2"}', '"app":"172.17.0.2"'),
    on("node", CONFIG, "APPNET_LISTENER_PORT_MAPPING", '{"in": 15000}', '"in":15000'),
    on("node", CONFIG, "APPMESH_XDS_ENDPOINT", "127.0.0.1:1", '"port_value":1'),
    by(f"{CREDENTIALS}::test_a_control_plane_that_strangers_vouch_for_is_not_spoken_to", "GOSSAMER_XDS_CA_FILE", "/etc/ca.pem", APPMESH_XDS_ENDPOINT="mesh.example:18000"),
    by(f"{CREDENTIALS}::test_keys_of_the_application_need_not_be_shown", "GOSSAMER_XDS_AUTH", "none", AWS_ACCESS_KEY_ID="AKID"),
    by(f"{CREDENTIALS}::test_keys_are_found_wherever_awss_own_programs_find_them", "APPMESH_SIGNING_NAME", "mesh", GOSSAMER_XDS_AUTH="sigv4"),
    on("sigv4", CONFIG, "APPMESH_PREVIEW", "1", '"service_name":"appmesh-preview"', GOSSAMER_XDS_AUTH="sigv4", AWS_ACCESS_KEY_ID="AKID", AWS_SECRET_ACCESS_KEY="x"),
    by(f"{CREDENTIALS}::test_keys_in_the_environment_sign_the_stream_for_app_mesh_in_its_region", "AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    by(f"{CREDENTIALS}::test_a_token_stands_in_no_bootstrap_and_no_dump_of_it", "GOSSAMER_XDS_TOKEN", "a token"),
    by(f"{CREDENTIALS}::test_a_token_that_is_renewed_is_shown_from_the_next_stream_on", "GOSSAMER_XDS_TOKEN_FILE", "/run/token"),
    by(f"{CREDENTIALS}::test_a_certificate_is_shown_and_its_renewal_on_the_next_connection", "GOSSAMER_XDS_CERT_FILE", "/etc/own.pem", GOSSAMER_XDS_KEY_FILE="/etc/own.key", **TLS),
    by(f"{CREDENTIALS}::test_a_certificate_is_shown_and_its_renewal_on_the_next_connection", "GOSSAMER_XDS_KEY_FILE", "/etc/own.key", GOSSAMER_XDS_CERT_FILE="/etc/own.pem", **TLS),
    on("node", CONFIG, "ENVOY_INITIAL_FETCH_TIMEOUT", "7", '"initial_fetch_timeout":"7s"'),
    by(f"{AGENT}::test_a_variable_that_changes_nothing_is_reported", "APPMESH_DUALSTACK_ENDPOINT", "1"),
    by(f"{AGENT}::test_a_variable_that_changes_nothing_is_reported", "APPMESH_FIPS_ENDPOINT", "1"),
    by(f"{AGENT}::test_both_health_checks_pass_word_for_word_when_envoy_is_live_and_neither_before", "ENVOY_CONFIG_FILE", "/etc/envoy.yaml"),
    on("node", COMMAND, "ENVOY_LOG_LEVEL", "error", '"log_level":"error"'),
    on("node", COMMAND, "ENVOY_CONCURRENCY", "2", '"concurrency":2'),
    by("tests/unit/sidecar/test_workers.py::test_a_share_of_the_processors_becomes_envoys_threads", "GOSSAMER_WORKERS", "share"),
    on("node", CONFIG, "ENVOY_OUTLIER_DETECTION_EVENT_LOG_PATH", "/dev/null", '"event_log_path":"/dev/null"'),
    by(f"{AGENT}::test_without_an_envoy_the_admin_interface_says_that_it_is_down", "GOSSAMER_ENVOY_PATH", "/usr/bin/envoy"),
    by(f"{AGENT}::test_envoy_as_another_user_may_write_to_the_log_and_does_not_outlive_the_agent_either", "GOSSAMER_ENVOY_UID", "1337"),
    by(f"{MANAGEMENT}::test_envoy_as_another_user_keeps_the_rights_that_it_needs", "GOSSAMER_ENVOY_GID", "1337"),
    by(f"{CREDENTIALS}::test_a_token_stands_in_no_bootstrap_and_no_dump_of_it", "GOSSAMER_RUN_DIR", "/run/gossamer"),
    on("node", COMMAND, "ENVOY_SKIP_DEPRECATED_LOGS", "0", '"skip_deprecated_logs":true'),
    on("node", COMMAND, "DISABLE_HOT_RESTART", "0", '"disable_hot_restart":true'),
    by(f"{MANAGEMENT}::test_the_admin_interface_answers_on_a_socket_when_asked_to", "ENVOY_ADMIN_MODE", "uds"),
    by(f"{AGENT}::test_a_port_that_is_taken_is_named", "ENVOY_ADMIN_ACCESS_PORT", "9999"),
    by(f"{AGENT}::test_a_port_that_is_taken_is_named", "GOSSAMER_ADMIN_ADDRESS", "0.0.0.0"),  # noqa: S104
    by(f"{MANAGEMENT}::test_the_admin_interface_answers_on_a_socket_when_asked_to", "GOSSAMER_ADMIN_UDS_PATH", "/run/admin.sock", ENVOY_ADMIN_MODE="uds"),
    by(f"{AGENT}::test_the_admin_interface_answers_on_ipv6_when_asked_to", "ENVOY_ADMIN_ACCESS_ENABLE_IPV6", "1"),
    on("node", CONFIG, "ENVOY_ADMIN_ACCESS_LOG_FILE", "/dev/stderr", '"path":"/dev/stderr"'),
    by(f"{WISHES}::test_the_decision_to_trace_stays_out_of_the_request_id_when_that_is_asked", "APPMESH_SET_TRACING_DECISION", "false"),
    on("node", "/runtime", "MAX_REQUESTS_PER_IO_CYCLE", "1", '"http.max_requests_per_io_cycle":{"final_value":"1"'),
    by(f"{AGENT}::test_a_variable_that_changes_nothing_is_reported", "ENVOY_NO_EXTENSION_LOOKUP_BY_NAME", "false"),
    by(f"{AGENT}::test_a_variable_that_changes_nothing_is_reported", "ENVOY_USE_HTTP_CLIENT_TO_FETCH_AWS_CREDENTIALS", "1"),
    by(f"{AGENT}::test_a_variable_that_changes_nothing_is_reported", "ENVOY_ENABLE_TCP_POOL_IDLE_TIMEOUT", "0"),
    on("node", "/stats/prometheus", "ENABLE_ENVOY_STATS_TAGS", "1", 'appmesh_mesh="shop",appmesh_virtual_node="front"'),
    on("node", CONFIG, "ENABLE_ENVOY_DOG_STATSD", "1", '"name":"envoy.stat_sinks.dog_statsd"'),
    on("node", CONFIG, "STATSD_ADDRESS", "127.0.0.2", '"address":"127.0.0.2"', **STATSD),
    on("node", CONFIG, "STATSD_PORT", "8126", '"port_value":8126', **STATSD),
    on("xray", CONFIG, "STATSD_SOCKET_PATH", "/run/statsd.sock", '"path":"/run/statsd.sock"', **STATSD),
    on("node", CONFIG, "ENVOY_STATS_FLUSH_INTERVAL", "1500ms", '"stats_flush_interval":"1.500s"'),
    on("files", CONFIG, "ENVOY_STATS_CONFIG_FILE", "files/stats.yaml", '"tag_name":"shop"'),
    on("files", CONFIG, "ENVOY_STATS_SINKS_CFG_FILE", "files/sinks.yaml", '"name":"envoy.stat_sinks.statsd"'),
    on("xray", CONFIG, "ENABLE_ENVOY_XRAY_TRACING", "1", '"name":"envoy.tracers.xray"'),
    on("xray", CONFIG, "XRAY_DAEMON_PORT", "2001", '"port_value":2001', **XRAY),
    on("xray", CONFIG, "AWS_XRAY_DAEMON_ADDRESS", "127.0.0.3", '"address":"127.0.0.3"', **XRAY),
    on("xray", CONFIG, "XRAY_SAMPLING_RATE", "0.5", '\\"rate\\": 0.5', **XRAY),
    on("rules", CONFIG, "XRAY_SAMPLING_RULE_MANIFEST", "files/rules.json", "/files/rules.json", **XRAY),
    on("xray", CONFIG, "XRAY_SEGMENT_NAME", "own", '"segment_name":"own"', **XRAY),
    on("datadog", CONFIG, "ENABLE_ENVOY_DATADOG_TRACING", "1", '"name":"envoy.tracers.datadog"'),
    on("datadog", CONFIG, "DATADOG_TRACER_ADDRESS", "127.0.0.4", '"address":"127.0.0.4"', **DATADOG),
    on("datadog", CONFIG, "DATADOG_TRACER_PORT", "8127", '"port_value":8127', **DATADOG),
    on("datadog", CONFIG, "DD_SERVICE", "own", '"service_name":"own"', **DATADOG),
    on("jaeger", CONFIG, "ENABLE_ENVOY_JAEGER_TRACING", "1", '"name":"envoy.tracers.zipkin"'),
    on("jaeger", CONFIG, "JAEGER_TRACER_ADDRESS", "127.0.0.5", '"address":"127.0.0.5"', **JAEGER),
    on("jaeger", CONFIG, "JAEGER_TRACER_PORT", "9412", '"port_value":9412', **JAEGER),
    on("jaeger", CONFIG, "JAEGER_TRACER_VERSION", "JSON", '"collector_endpoint_version":"HTTP_JSON"', **JAEGER),
    on("otel", CONFIG, "ENABLE_ENVOY_OTEL_TRACING", "1", '"name":"envoy.tracers.opentelemetry"'),
    on("otel", CONFIG, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.6:4399", '"port_value":4399', **OTEL),
    on("otel", CONFIG, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf", "/v1/traces", **OTEL),
    by("tests/e2e/test_agent.py::test_envoy_accepts_every_bootstrap_without_a_complaint", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/etc/ca.pem", OTEL_EXPORTER_OTLP_ENDPOINT="https://collector:4317", **OTEL),
    on("otel", CONFIG, "OTEL_SERVICE_NAME", "own", '"service_name":"own"', **OTEL),
    on("files", CONFIG, "ENVOY_TRACING_CFG_FILE", "files/tracing.yaml", '"name":"envoy.tracers.zipkin"'),
    on("xray", CONFIG, "APPMESH_SDS_SOCKET_PATH", "/run/sds.sock", '"name":"static_cluster_sds_unix_socket"'),
    on("resources", CONFIG, "ENVOY_RESOURCES_CONFIG_FILE", "files/resources.yaml", '"max_active_downstream_connections":"1000"'),
    by(f"{AGENT}::test_an_envoy_that_dies_is_started_again_and_says_so_until_it_may_no_more", "APPNET_ENVOY_RESTART_COUNT", "1"),
    on("node", COMMAND, "LISTENER_DRAIN_WAIT_TIME_S", "7", '"drain_time":"7s"'),
    by("tests/unit/sidecar/test_env.py::test_envoys_health_is_looked_at_as_often_as_the_more_particular_variable_says", "HC_POLL_INTERVAL_MS", "2000"),
    by("tests/unit/sidecar/test_health.py::test_a_proxy_is_healthy_while_it_serves_and_its_control_plane_is_not_away_for_too_long", "HC_DISCONNECTED_TIMEOUT_S", "3600"),
    by(f"{MANAGEMENT}::test_a_readiness_check_waits_until_envoy_is_ready_and_gives_up_in_time", "APPNET_AGENT_POLL_ENVOY_READINESS_INTERVAL_S", "3"),
    by(f"{MANAGEMENT}::test_a_readiness_check_waits_until_envoy_is_ready_and_gives_up_in_time", "APPNET_AGENT_POLL_ENVOY_READINESS_TIMEOUT_S", "60"),
    by(f"{MANAGEMENT}::test_envoys_log_and_access_log_go_to_files_of_limited_size", "APPNET_ENVOY_LOG_DESTINATION", "/var/log/envoy"),
    by(f"{MANAGEMENT}::test_envoys_log_and_access_log_go_to_files_of_limited_size", "APPNET_ENVOY_LOG_NAME", "envoy.log", **LOG),
    by(f"{MANAGEMENT}::test_envoys_log_and_access_log_go_to_files_of_limited_size", "APPNET_AGENT_MAX_LOG_FILE_SIZE", "0.5", **LOG),
    by(f"{MANAGEMENT}::test_envoys_log_and_access_log_go_to_files_of_limited_size", "APPNET_AGENT_MAX_RETENTION_COUNT", "2", **LOG),
    by(f"{AGENT}::test_a_variable_that_changes_nothing_is_reported", "PID_POLL_INTERVAL_MS", "100"),
    by(f"{MANAGEMENT}::test_without_its_variable_the_interface_does_not_answer", "APPNET_AGENT_ADMIN_MODE", "tcp"),
    by(f"{MANAGEMENT}::test_the_status_tells_of_a_live_envoy", "APPNET_AGENT_HTTP_BIND_ADDRESS", "127.0.0.1", **TCP),
    by(f"{MANAGEMENT}::test_the_status_tells_of_a_live_envoy", "APPNET_AGENT_HTTP_PORT", "9999", **TCP),
    by(f"{MANAGEMENT}::test_the_interface_answers_on_a_socket_for_its_own_user", "APPNET_AGENT_ADMIN_UDS_PATH", "/tmp/agent.sock", **UDS),  # noqa: S108
    by(f"{MANAGEMENT}::test_a_louder_log_is_quiet_again_by_itself", "APPNET_AGENT_LOGGING_RESET_TIMEOUT", "2"),
    by("tests/unit/sidecar/test_prometheus.py::test_counts_are_told_less_what_they_were_and_gauges_as_they_are", "ENABLE_STATS_SNAPSHOT", "true"),
    by(f"{WISHES}::test_a_program_finds_and_calls_a_service_by_its_name", "GOSSAMER_DNS", "1"),
    on("node", CONFIG, "GOSSAMER_DNS_ADDRESS", "127.0.0.53", '"address":"127.0.0.53"', **DNS),
    on("node", CONFIG, "GOSSAMER_DNS_PORT", "5353", '"port":5353', **DNS),
    by(f"{WISHES}::test_other_names_are_passed_on", "GOSSAMER_DNS_RESOLVERS", "10.0.0.9", **DNS),
    by(f"{CLOUD}::test_ecs_tells_a_task_of_itself", "ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/id"),
    by(f"{CLOUD}::test_ecs_tells_a_task_of_itself", "AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"),
    by(f"{CLOUD}::test_ec2_tells_a_machine_where_it_stands_for_a_token", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[fd00:ec2::254]"),
    by(f"{CLOUD}::test_ec2_is_not_asked_where_that_is_forbidden", "AWS_EC2_METADATA_DISABLED", "true"),
    by(f"{CLOUD}::test_a_platform_that_is_silent_is_waited_for_no_longer_than_allowed_and_named", "GOSSAMER_PLATFORM_TIMEOUT_MS", "50"),
    on("relay", CONFIG, "APPNET_ENABLE_RELAY_MODE_FOR_XDS", "1", '"name":"relay_listener"', APPMESH_XDS_ENDPOINT="mesh.example"),
    on("relay", CONFIG, "APPNET_MANAGEMENT_DOMAIN_NAME", "own.example", '"sni":"own.example"', **RELAY),
    on("relay", CONFIG, "APPNET_MANAGEMENT_PORT", "444", '"port_value":444', **RELAY),
    on("relay", CONFIG, "APPNET_RELAY_LISTENER_UDS_PATH", "tmp/relay.sock", '/relay.sock"', **RELAY),
    on("relay", CONFIG, "RELAY_STREAM_IDLE_TIMEOUT", "10m", '"stream_idle_timeout":"600s"', **RELAY),
    on("relay", CONFIG, "RELAY_BUFFER_LIMIT_BYTES", "65536", '"per_connection_buffer_limit_bytes":65536', **RELAY),
    by("tests/e2e/test_agent.py::test_a_proxy_that_is_to_tell_nothing_of_its_traffic_tells_nothing", "GOSSAMER_TRAFFIC_REPORTS", "0"),
)  # fmt: skip


def differences(effect: Effect) -> list[str]:
    """What a variable changes, as `place: value`; in the bootstrap, else in the command, else in the settings."""
    without = {"APPMESH_RESOURCE_ARN": NODE, **{k: v for k, v in effect.also.items() if k != effect.variable}}
    given = {**without, effect.variable: effect.given}
    if effect.variable == "APPMESH_RESOURCE_ARN":
        without = {"APPMESH_RESOURCE_ARN": NODE}
    before, after = (_read(environ) for environ in (without, given))
    if not before["command"]:  # half of a pair is refused: as if there were nothing of it
        before = _read({"APPMESH_RESOURCE_ARN": NODE, **TLS})
    for part in ("bootstrap", "command", "agent"):
        changed = [
            f"{place}: {value}" for place, value in after[part].items() if before[part].get(place) != value
        ]
        gone = [f"{place}: gone" for place in before[part] if place not in after[part]]
        if changed or gone:
            return [f"{part} {line}" for line in changed or gone]
    return []


def _read(environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    try:
        found = settings(environ)[0]
        written = {} if found.envoy.config_file else bootstrap(found, SOCKET, FACTS)
    except Misconfigured:
        return {"bootstrap": {}, "command": {}, "agent": {}}
    command = envoy_command(found, "envoy", ("--config-path", "bootstrap.json"))
    return {
        "bootstrap": dict(_leaves(written)),
        "command": {str(number): word for number, word in enumerate(command)},
        "agent": dict(_leaves(_plain(found))),
    }


def _plain(found: Settings) -> dict[str, object]:
    return dataclasses.asdict(found)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value that holds no other, by its path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, str(value)
