"""What a running mesh tells about itself: routes of our own beside the App Mesh API, under /gossamer/v1.

routes      every route, from what the process hands over
sources     what the routes look at
meshes      the meshes as they stand
feed        what happens, for everybody who listens
events      the same over HTTP, as it happens
proxies     what each connected proxy runs, and what it refused
topology    a mesh as a graph
problems    what in a mesh cannot work
"""
