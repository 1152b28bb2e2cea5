"""Urgent help: the ticket of an urgent call, who is on call, who is rung next, who has it."""
