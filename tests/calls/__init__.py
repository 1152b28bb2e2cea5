"""Whole calls, as a patient and the staff live them: the local phone company rings the product."""
