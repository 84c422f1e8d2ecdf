"""The preview API, 2018-10-01: meshes, virtual nodes, virtual routers and routes, served from the same store.

shape      what a caller may write
node       a virtual node, told in either version
route      a route, told in either version
router     the listeners of a virtual router, which follow from its targets
follow     keeps them so
inputs     the bodies of requests
operations which operations there are
plans      what each write does, as one
handlers   what an operation does
wire       resources as answers
service    its description
"""
