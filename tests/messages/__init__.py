"""Tests of the outbox and of the desk's tasks."""
