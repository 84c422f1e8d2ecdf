"""The App Mesh REST API, as the AWS CLI and every SDK speak it.

app         the request path, as one list
version     the versions of the API: what of that path differs between them
answer      a whole body in, an answer out
call        one call: what arrived, and what was understood of it
measure     each call counted and timed
gate        who calls, and whether they may
session     a signed cookie that stands for a key; session_routes: signing in and out
throttle    how often an account may call
sigv4       AWS Signature Version 4; recall: what was made of texts that come with call after call
authorize   which resources an action is about, and whether policies allow it
refusal     every reason not to let somebody in
guard       the same gate for our own routes
own_route   a route of our own: its query, its errors
query       the members of a query
audit       calls as entries of the audit log; audit_routes: the log over HTTP
operations  every operation: method, path, kind
kinds       what differs between the kinds: one row each
request     a call that was understood, its body read
handlers    what an operation does: create, describe, update, delete, list
wire        resources as answers
tagging     the operations on labels
pagination  the token between two pages
faults      errors as the service names them
description what the API is, told to machines
preview     the earlier version of the API
"""
