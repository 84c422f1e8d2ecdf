"""The xDS management server: gives every connected Envoy its configuration, and knows what each runs.

It knows proxies and resources, never meshes.

protocol      the vocabulary: resources, what is published, events and commands of a stream
session       one stream as a state machine: hears events, yields commands, never waits
subscription  what one stream watches of one type
wire          bytes: resources serialised once, answers put together from them
shown         what is on the wire, as JSON for people, without secrets
holding       one resource on one stream: published, sent, running
node_id       who a proxy says it is
node_wish     what its metadata asks for
hub           who is connected, and what each is to run
register      which proxies came, changed and left, in order
counts, meter what streams count; each change timed and traced on one of them
reports, reporting    what proxies tell of their traffic; metric_message: bytes of it
status        what each proxy runs now
admission     who may open a stream; what the streams ask of the runtime
token         signed tokens that proxies may show
call, pump    one call, and what moves things between it and its stream
life          one stream as the audit log sees it
pulse         one timer for all streams that wait for time to pass
outbox        what waits to be written to a proxy, bounded
turnstile     streams are let in one after another
door          how streams come in: where, with which options, and for how long
tls           certificates of the port, which may change
server        gRPC, the only I/O
"""
