"""Pure: what becomes of one request, step by step, and why: what is compiled, read back as Envoy reads it.

story       what is told: steps, and what they come to
request     what somebody asks about, read from a method, a URL and headers
path, heard what a proxy makes of a request before it looks at any route
condition   one of Envoy's matchers, and the sentence for one that does not hold
member      where in an operator's words a condition stands
routing     virtual hosts and routes, tried in order
refusal     why nobody takes a connection or a host, and what would help
node, gateway    the way out of a virtual node, and the way through a virtual gateway
flat_gateway     what a gateway sends straight on, in one step
rewriting   what a gateway makes of path and host
exit        what both have in common: from a virtual host to targets
patience    timeouts and retries, and who set them
protection  TLS or not, and why
arrival     targets, their endpoints, and the way in at the callee
explain     the whole of it, for a mesh and a request
document    the same as JSON
"""
