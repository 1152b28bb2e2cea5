"""Tests of tickets, escalation and the rota."""
