"""Copies of the database that can be brought back, and what must be seen to when one is."""


class BackupError(Exception):
    """It was not copied or not brought back. The text says why and what to do."""
