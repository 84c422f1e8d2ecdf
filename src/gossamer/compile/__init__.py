"""Pure: one proxy's view in, Envoy's messages out.

resources   what comes out: Envoy messages by type
proxy       the table of contents of one proxy
names       every name that Envoy sees
listener    the two listeners of a virtual node
egress      what the application can dial, port by port
filter_chain, hcm, tcp_proxy, virtual_host, route    what a listener is made of, from the outside in
match, action, retry, timeout    what a route is made of
cluster     where requests go
tls, san, secret    how a connection is protected, and with what
circuit_breaker, health_check, outlier_detection, service_discovery, endpoint    what a cluster is made of
access_log  where requests are written down
memory      what was translated already
address, config_source, metric_tag, value    the small parts
"""
