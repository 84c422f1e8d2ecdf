"""How fast the API answers, against the same HTTP server without any work, and against moto's.

request    whole requests as bytes, signed
load       sixteen connections that send them and time the answers
server     the servers: ours as `gossamer serve`, a canned answer, moto's
scenario   creates, reads and lists in turns
"""
