"""The workload's TCP traffic through its sidecar, and the rules away again.

env       the one table of variables, and the interception that they ask for
plan      pure: an interception to rules
nft       pure: rules to one transaction of nftables
iptables  pure: rules to a transaction of iptables-restore a family
words     pure: what is in place, in sentences
cni       the interception as a plugin of a container runtime
loop      the commands that the route manager takes while it runs
apply     runs nft or iptables
"""
