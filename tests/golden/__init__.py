"""Whole calls, written down as they are heard: a page for each, in the words of the line.

A page says who does what, and below each step what is heard then. `make golden` plays every page
and writes down anew what is heard; to review the difference is to review the conversation.
"""
