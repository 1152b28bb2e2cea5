"""Pumps, when they are to be refilled, and the recalls that see to it."""
