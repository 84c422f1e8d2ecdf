"""The process of the control plane: what is read once, what is wired together, what is watched.

settings   every setting of `serve`, read once
follow     takes every change in, by whichever replica
reconcile  what changed → which proxies' views → what is published
problems   (in mesh) and proxies as plain values: `report`
health     the routes that operators and machines look at
journal    how logs are written
access     who may come in, as a running server knows it
listen     what is held before anything starts
serve      starts it all, and ends it in order
"""
