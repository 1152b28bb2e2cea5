"""Calls and texts while nothing can be stored, and what becomes of them afterwards."""
