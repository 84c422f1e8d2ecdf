"""Revisions: what was written, kept so that it survives; the truth that everything else is derived from.

- `store`: the Store protocol and its value types; what callers import.
- `request`: a write as it was asked for, and how a repeated one is recognised.
- `log`: one entry of the log.
- `tags`: labels of resources that are there.
- `plans`: several reads and writes as one.
- `room`: how much is left under the limits.
- `tail`: the end of the log, and who waits for it; `vitals`: how the store is.
- `integrity`: what must exist, what is in use; pure rules over `neighbours`.
- `ports`, `backend_ports`: how ports agree, as pure.
- `neighbours`: what a rule may ask about other resources, inside the transaction of the write.
- `schema`: the tables.
- `versions`: which version of the tables a database has.
- `migration`: from one version to another, by the steps in `migrations`.
- `statements`: every SQL statement, built once.
- `rows`: rows to revisions and back.
- `reads`, `writes`: what is done on one connection.
- `writer`: the one thread that writes, a group of waiting writes to a transaction.
- `checkpoint`: keeps SQLite's write-ahead log short, beside the writer.
- `engine`: opening a database.
- `database`: one database, and what differs between the engines; `sqlite`, `postgresql`: the two.
- `keys`, `shares`: who may come in; `access_tables`: their tables; `directory`: all of them as one value.
- `vault`: secrets at rest.
- `credential_tables`, `credentials`: certificates of the local authority.
- `visit`: a database opened for a moment by a command.
- `audit`: the audit log; `audit_event`: one entry; `audit_tables`: its table.
- `upkeep`: what `gossamer store` does: check, back up, restore, move.
- `sql`: `SqlStore`, which puts them together.
"""
