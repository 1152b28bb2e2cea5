"""Who waits for an earlier or better time, and who gets a time that has become free."""
