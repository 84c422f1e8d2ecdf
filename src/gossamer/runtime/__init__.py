"""The process of the control plane: what is read once, what is wired together, what is watched.

settings   every setting of `serve`, read once
follow     takes every change in, by whichever replica
reconcile  what changed → which proxies' views → what is published
problems   (in mesh) and proxies as plain values: `report`
health     the routes that operators and machines look at
journal    how logs are written
process    what runs, and what goes on beside the answers
ports      the two servers, each with its gate
admission  who may open a stream
stream_audit  a stream's life as entries of the audit log
tls_files  certificates that may be replaced while the process runs
access     who may come in, as a running server knows it
listen     what is held before anything starts
serve      starts it all, and ends it in order
"""
