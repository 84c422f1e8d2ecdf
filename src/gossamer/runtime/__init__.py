"""The process of the control plane: what is read once, what is wired together, what is watched.

settings   every setting of `serve`, read once
follow     takes every change in, by whichever replica
outside, lookout    who is asked about what is outside of meshes; kept fresh while proxies need it
flows      what the clusters of proxies are about
due        what is to be published, in slices of time
reconcile  what changed → which proxies' views → what is published
acceptance  whose proxies all accept HTTP/2, as they say
health, health_routes    whether it is alive and ready, and the routes that tell
observe    what metrics are looked up when somebody asks
journal    how logs are written
allocator  how memory that was let go is found and given back
process    what runs, and what goes on beside the answers
xds_port   the management server with its gate
api_port   the API with its gate, and what is mounted beside it
http_protocol    one HTTP connection, with bounds; joined: an answer's head leaves with its body
admission  who may open a stream
stream_audit  a stream's life as entries of the audit log
tls_files  certificates that may be replaced while the process runs
local_certificates    the local authority: changes are noticed, what time brings is done
access     who may come in, as a running server knows it
listen     what is held before anything starts
tuning     a light start, gRPC's threads, and how often Python looks for garbage
stop_signals    told to stop: in order, or at once
serve      starts it all, and ends it in order
"""
