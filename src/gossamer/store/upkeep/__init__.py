"""Tending a database: what `gossamer store` does. Every function works inside the caller's transaction.

- `rows`: the rows of every table, whatever its version.
- `archive`: the file format of backups; it knows nothing of databases.
- `backup`, `restore`, `move`: between a database, a file and another database.
- `check`: what is wrong with a database, in sentences; `replay`: the log against what is there.
- `info`: what a database is, and how much is in it.
- `opening`: a database opened to be tended: as it is, beside a server, or alone.
"""
