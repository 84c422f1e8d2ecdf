"""What a running mesh tells about itself: routes of our own beside the App Mesh API, under /gossamer/v1.

routes      every route, from what the process hands over
sources     what the routes look at
meshes      the meshes as they stand
feed        what happens, for everybody who listens
events      the same over HTTP, as it happens
proxies     what each connected proxy runs, and what it refused
topology    a mesh as a graph
traffic     what goes where, from what proxies told: rates and percentiles; traffic_routes: over HTTP
certificates, holdings    certificates, until when they are good, and who uses each
ledger      keeps what they told, and says how often they should
explain     what becomes of a request
analysis    what in a mesh is wrong, doubtful or of no use
problems    what in a mesh cannot work
config      what one proxy was sent, and what it runs
history     every revision of a mesh, and how it differs between two moments
rollback    a resource, or a mesh, as it was at a moment
apply       many documents as one change
expected    what a caller had read before it writes
prune       what documents no longer name
seen        nothing is written that nobody has seen
document    one resource as an operator writes it down
change      a change of several resources: permitted, written, judged, noted
effects     what a change does: problems, and which resources of which proxies
writing     carries a change out for a route
moment      a sequence, a time, or now
body        JSON that means one thing
unified     two specs as people read changes
"""
