"""Why a proxy is not ready: looks at everything on the workload's machine, and says what to do.

check       one thing that was looked at, and how it is
doctor      all that is looked at, in order
machine     ports, open files, name servers, interception
program     Envoy's program, and where the agent keeps its files
proxy       the running Envoy, by its admin interface
control_plane   whether the control plane is reached: DNS, TCP, TLS
probe       whether it lets this proxy in, asked by an Envoy of its own
"""
