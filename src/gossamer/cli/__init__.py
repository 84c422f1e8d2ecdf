"""Everything at a terminal: one file a command group, loaded only when it is called.

main       the commands
serve      the control plane
agent      the sidecar
intercept  the proxy route manager
proxies    what each proxy runs
demo       the Getting Started, live
"""
