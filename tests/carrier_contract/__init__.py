"""What we say to Twilio and what we take from it, held against Twilio's own published tools."""
