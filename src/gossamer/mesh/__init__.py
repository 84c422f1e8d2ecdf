"""What the resources mean: one immutable mesh, and the view of each proxy.

snapshot, shelf    all revisions of one mesh, indexed; those of one kind, and how they are changed
resolve   service → provider → routes → targets
findings, inputs    what services were found to mean, and who looked at what: shared until it changes
surroundings, outlook    endpoints and certificates known outside of meshes; what of them a view looked for
client_policy, client_tls    which policy holds for a backend, and how it makes a client speak to a listener
data_plane    where the data plane differs from App Mesh's own, and why it may
view      all that one proxy needs, no more
problems  what an operator wrote that cannot work, in plain words
route_problems, gateway_problems, outside_problems    its parts
problem   one of them, and the words for a name that is not there
"""
