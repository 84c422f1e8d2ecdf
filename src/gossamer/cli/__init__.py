"""Everything at a terminal: one file a command group, loaded only when it is called.

entry      where the program begins: a sidecar without flags at once, everything else through `main`
main       the commands
serve      the control plane
agent, sidecar    the sidecar, with flags and without
variable_flag     a flag for each of its variables
intercept  the proxy route manager
cni        the same as a plugin of a container runtime
inject, webhook   sidecars into task definitions and pods: by files, and as the API server asks
proxies    what each proxy runs
explain    what becomes of a request
audit      what was done, by whom
keys       who may use the API and the xDS port, and what they may do
ca         the local certificate authority
store      the database: checked, backed up, restored, moved, brought to another version
progress   long work shown to whoever watches
share      which other accounts may use a mesh
database   the database of a data directory, beside a running server
control_plane  our commands as callers of the API
sdk        the API's description, for an AWS CLI or SDK that has none
demo       the Getting Started, live
"""
