"""The sidecar: what runs beside an application. It imports nothing of the control plane.

variable      a setting that comes from the environment or a flag: its names, range, default and meaning
env           the agent's one table of variables, and the settings that they make
identity      who a proxy is: an ARN, or `mesh/M/virtualNode/N`
endpoint      where the control plane is: `host:port` or `unix:///path`
bootstrap     pure: settings to Envoy's bootstrap
binary        where Envoy's program is, and how it is called
lifecycle     pure: when Envoy is started, drained, stopped, started again, or given up
supervise     carries the lifecycle out: processes, signals, timers
server_info   pure: `/server_info` in a shape that old and new health checks accept
http1         pure: the little of HTTP/1.1 that the front of the admin interface must understand
admin         Envoy's admin interface, fronted
journal       the agent's log: one JSON object a line
agent         all of it put together
intercept     the workload's TCP traffic through its sidecar, by nftables
"""
