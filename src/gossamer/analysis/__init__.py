"""Pure: what in a mesh is wrong, doubtful or of no use, before anybody is hurt by it.

rule        every rule: its name, how bad it is, what to do
finding     one thing that a rule found
analysis    all rules over one mesh
hidden      routes that earlier ones hide; together: several of them, by conditions on headers
patience    timeouts and retries that defeat each other
listeners   ports that proxies need for themselves, and mutual TLS of which one half is missing
targets     shares, protocols, and nodes that call themselves
unused      what nobody refers to
expiry      certificates that are about to expire
document    findings as JSON
"""
