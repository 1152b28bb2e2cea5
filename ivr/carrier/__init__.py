"""The Twilio edge: webhook routes, signatures, TwiML, the REST client. Only here is Twilio known."""
