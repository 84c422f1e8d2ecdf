"""Servers that are told to change one route, and that tell when every stream has acknowledged it.

Each is a process of its own, as it would be anywhere: what runs beside it takes nothing from it.

server    what each of them can do, and what one that speaks in lines does
gossamer  `gossamer serve`, changed through its API
canned    the least that a management server can be
peer      another control plane's library, go-control-plane
"""
