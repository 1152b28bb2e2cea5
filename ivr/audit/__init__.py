"""What is kept of who read or changed what, and the seals that show when it was tampered with."""
