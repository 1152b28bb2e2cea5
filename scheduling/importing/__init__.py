"""Takes over a clinic's old book: its patients and their visits, past and to come.

One import is one transaction: a book of which half is stored would offer the time of the other
half. Nothing of it is stored where one row is at fault, and importing the same rows again changes
nothing.
"""
