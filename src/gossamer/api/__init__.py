"""The App Mesh REST API, as the AWS CLI and every SDK speak it.

app         the request path, as one list
call        one call as it arrived
gate        who calls, and whether they may
operations  every operation: method, path, kind
kinds       what differs between the kinds: one row each
request     a call that was understood, its body read
handlers    what an operation does: create, describe, update, delete, list
wire        resources as answers
tagging     the operations on labels
pagination  the token between two pages
faults      errors as the service names them
"""
