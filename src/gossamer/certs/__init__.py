"""Identities and trust: where the certificates behind ARNs come from.

source      the Source protocol
local       Gossamer's own certificate authority, as a source
acm         AWS: certificates of ACM, authorities of ACM PCA

What proxies need is kept fresh by `runtime.lookout`. The local authority's own parts:

pem         certificates and keys: made, signed, read
ledger      what happens to them: created, issued, imported, rotated, renewed, taken away; pure
arn         names that ACM and ACM PCA could have given
"""
