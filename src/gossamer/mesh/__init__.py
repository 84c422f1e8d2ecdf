"""What the resources mean: one immutable mesh, and the view of each proxy.

snapshot  all revisions of one mesh, indexed
resolve   service → provider → routes → targets
view      all that one proxy needs, no more
problems  what an operator wrote that cannot work, in plain words
"""
