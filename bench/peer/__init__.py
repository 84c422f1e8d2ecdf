"""A peer: go-control-plane's snapshot cache as a server; `build` makes it where Go is installed."""
