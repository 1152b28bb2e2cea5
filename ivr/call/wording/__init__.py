"""A clinic's own wording of the line's prompts: what may be said, how long it takes, who must sign.

The files' wording stands in ivr/call/prompts and in the clinic's folder; what the desk changes of
it, in the database (tables.py), and what a process speaks of both, in kept.py.
"""
