"""What scheduling/ promises."""
