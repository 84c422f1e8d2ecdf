"""What a request costs on its way through sidecars and gateways, way by way, each against the others.

ways      what is compared: App Mesh's own configuration, ours, each improvement alone, all together
minimal   a hand-written configuration, the least that does the same
track     machines, applications and Envoys: one of everything for each way
load      the load generator, and the processor time that each process spent
compare   rounds in turn, and what they say

It needs root, for network namespaces, and wrk and nginx, which are Debian's (`wrk`, `nginx-light`). Other
work on the machine spreads the numbers; ratios are taken round by round, and hold within a tenth.
"""
