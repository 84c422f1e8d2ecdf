"""Gossamer: the open service mesh that carries on AWS App Mesh."""
