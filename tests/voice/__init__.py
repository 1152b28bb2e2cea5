"""The corpus spoken by synthetic voices, heard by a recogniser, understood by the line.

`make voice` runs it. What speaks and hears (hearing.py and below) runs in a virtual environment of
its own, .venv-voice, so that its heavy packages, one of them GPL, stay out of the product's.
"""
