"""Endpoints that others list: asked for as long as some proxy needs them.

source      the Source protocol
cloud_map   AWS Cloud Map
"""
