"""Makes up for what the carrier took while we stored nothing: its lists of calls and of texts."""
