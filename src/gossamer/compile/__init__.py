"""Pure: one proxy's view in, Envoy's messages out.

resources   what comes out: Envoy messages by type
proxy       the table of contents of one proxy
virtual_node, virtual_gateway    the same for each of the two kinds of endpoint
wish, fulfil    what a single Envoy asks for beyond its endpoint's configuration, laid over it
idle_request    what a proxy needs that keeps idle requests
names       every name that Envoy sees
flow        what the statistics of clusters are about
listener    the two listeners of a virtual node
egress      what the application can dial, port by port
filter_chain, hcm, tcp_proxy, virtual_host, route    what a listener is made of, from the outside in
match, action, retry, timeout    what a route is made of
gateway_route, gateway_match, rewrite    the same at gateways
flat_gateway, flat_path    a gateway route and the routes behind it in one step
step_log    counts a step that is left out
destination what every proxy gets for the places that it sends requests to
cluster     where requests go
tls, san, secret    how a connection is protected, and with what
circuit_breaker, health_check, outlier_detection, service_discovery, endpoint    what a cluster is made of
access_log  where requests are written down
stats_log, metric_log    statistics from access logs; App Mesh's own metrics
name_service    DNS, answered by the proxy
memory      what was translated already
address, config_source, metric_tag, value    the small parts
"""
