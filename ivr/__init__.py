"""Call Now: everything that talks to a person."""
