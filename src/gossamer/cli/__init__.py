"""Everything at a terminal: one file a command group, loaded only when it is called.

main       the commands
serve      the control plane
agent      the sidecar
intercept  the proxy route manager
proxies    what each proxy runs
audit      what was done, by whom
keys       who may use the API and the xDS port, and what they may do
share      which other accounts may use a mesh
database   the database of a data directory, beside a running server
control_plane  our commands as callers of the API
demo       the Getting Started, live
"""
