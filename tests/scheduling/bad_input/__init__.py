"""The table of bad input: what is asked, what is wrong with it, and the error's name."""
