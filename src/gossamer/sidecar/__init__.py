"""The sidecar: what runs beside an application. It imports nothing of the control plane.

Variables and what they mean, a file a concept:
variable             a setting that comes from the environment or a flag: names, range, default, meaning
env                  the agent's one table of variables, and the settings that they make
identity             who a proxy is: an ARN, or `mesh/M/virtualNode/N`
endpoint             where the control plane is: `host:port` or `unix:///path`
node                 who and where the proxy is, as Envoy tells the control plane
stream               the stream to the control plane, and who vouches for it
traffic              what Envoy tells the control plane of its traffic
credential           how the proxy proves who it is: SigV4, a token, a certificate
tracing              where spans go; xray and opentelemetry have files of their own
stats                what is counted under which tags, and where it goes
runtime_layer        Envoy's runtime
upstream             how Envoy speaks to a server that the bootstrap names: HTTP/2, TLS
sds                  certificates from a provider beside the proxy
dns                  names that the proxy answers for
relay                the proxy that is none: it signs and forwards the streams of others
own_files            parts of the bootstrap that an operator brings
admin_settings, envoy_settings, life_settings, management_settings

The bootstrap, and what the machine says:
bootstrap            pure: settings to Envoy's bootstrap
facts                pure: what the machine says of itself
machine, cloud       ask the kernel; ask ECS and EC2
run_directory        writes the bootstrap where Envoy reads it
secret_files         the files beside it that Envoy reads secrets from

Envoy, tended:
binary               where Envoy's program is, and how it is called
lifecycle            pure: when Envoy is started, drained, stopped, started again, or given up
workers              how many threads Envoy gets for a share of the processors
supervise            carries the lifecycle out: processes, signals, timers
capability           the rights of root that Envoy keeps as another user
log_file             Envoy's log in a file
health, status       pure: how Envoy is, and how that is told
watch                looks at Envoy now and then

What answers:
admin                Envoy's admin interface, fronted
server_info          pure: `/server_info` in a shape that old and new health checks accept
management           the agent's own interface
rate_limit, prometheus   pure: how often it answers; statistics narrowed and compared
log_level, telemetry     a louder log for a while; statistics and their snapshots
readiness            whether the proxy is ready, asked of the agent beside it
listening, http1, http_client   the little of HTTP that all this needs

agent                all of it put together
journal              the agent's log: one JSON object a line
json_value           JSON as bootstraps are made of it
doctor               why the proxy is not ready
intercept            the workload's TCP traffic through its sidecar
"""
