"""What a running mesh tells about itself: routes of our own beside the App Mesh API, under /gossamer/v1.

routes      every route, from what the process hands over
sources     what the routes look at
proxies     what each connected proxy runs, and what it refused
problems    what in a mesh cannot work
"""
