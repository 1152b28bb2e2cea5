"""The first hour of a stranger: a clean copy, `make run`, two calls, the desk's board."""
