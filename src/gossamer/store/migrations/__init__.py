"""How the tables became what they are: one file a step, up and down, in `versions`.

A step names in `opens_to` the oldest version whose Gossamer may go on with what it leaves behind: such a
step is taken while older replicas serve. `loses` says in words what the way down forgets. Steps never change
once they are on main: a mistake is mended by the next one.

- `env`: what Alembic runs for every command.
"""
