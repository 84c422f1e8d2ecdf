"""Thousands of light delta xDS clients in one process, and how a scenario drives them.

call       one gRPC call on an HTTP/2 connection of its own, by hand
member     one client: subscribes, acknowledges, remembers what it holds
process    the process: commands in, reports out, and a watch over itself
crowd      a scenario's hold of that process
"""
