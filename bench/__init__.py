"""What we measure, each against a baseline in the same run.

propagation  a change answered by the API → applied by one Envoy
fanout       one change → a thousand delta streams acknowledged
creates      durable creates a second through the API
mesh-size    everything compiled from nothing, and one route changed, as the mesh grows
dataplane    a sidecar's configuration against a minimal one
"""
