"""The database's migrations: every package's tables, in one line of revisions."""
