"""`gossamer demo`: the Getting Started, live on this machine, with nothing faked.

run        from start to end: control plane, mesh, stage, shifts, clean-up
namespaces the command that gives the stage machines, as root and as anybody
stage      the machines: network namespaces with an application and its sidecar in each
layout     who is on the stage, and under which addresses
explicit   the stage without machines, on loopback
app        the applications
aws        the AWS CLI, run as a user would run it
odds       whether an observed split can come from its weights
traffic    what requests met, counted
show       what a person sees
processes  programs that end with us
"""
