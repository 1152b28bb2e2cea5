"""django-appointment, the rival, in an environment of its own; see environment.py.

Everything here but environment.py runs in that environment, which has Django and not our packages.
"""
