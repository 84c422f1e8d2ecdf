"""The App Mesh REST API, as the AWS CLI and every SDK speak it.

app         the request path, as one list
operations  every operation: method, path, kind
kinds       what differs between the kinds: one row each
handlers    what an operation does: create, describe, update, delete, list
wire        resources as answers
pagination  the token between two pages
faults      errors as the service names them
"""
