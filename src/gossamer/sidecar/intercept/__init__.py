"""The workload's TCP traffic through its sidecar, and the rules away again.

env     the one table of variables, and the interception that they ask for
plan    pure: an interception to rules
nft     pure: rules to one transaction of nftables
apply   runs nft
"""
