"""The patient's call. Read flow.py first: it is the whole call, top to bottom."""
