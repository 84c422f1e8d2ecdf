"""The web console: built files, and what serves them.

site        the console over HTTP
static/     the built console, from console/ in the repository; made by `make console`, not kept in git
"""
