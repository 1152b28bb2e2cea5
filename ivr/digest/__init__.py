"""The daily digest: what the desk reads first when it opens, counted by the worker, once a day."""
