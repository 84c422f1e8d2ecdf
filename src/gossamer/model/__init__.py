"""What an operator may write: the shapes of the API, frozen, with their rules.

mesh, virtual_node, virtual_service, virtual_router, route, virtual_gateway, gateway_route    the seven kinds
input       the bodies of create and update
specs       the spec of each kind
completion  what the service fills in
listener, port_mapping, health_check, outlier_detection, connection_pool, tls    what a listener is made of
match, regex, action, retry, timeout, duration    what a route is made of
gateway_match, rewrite, virtual_gateway_tls       what gateways and their routes are made of
backend, service_discovery, access_log, log_format    what else a node is made of
tags, names labels, and how things may be called
spec, rule  the base of all shapes, and of the rules of single values
meaning     what each member of a shape means, for descriptions
body        what a body must be before it is read as a shape
policy, permission    what a principal may do, and whether policies let it be done
credential  what is kept of a certificate; no shape of the API
likeness    which name was probably meant
kind, arn   the kinds, and how one resource is named
revision    one resource as it stands
"""
