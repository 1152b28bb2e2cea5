"""The Twilio edge: webhook routes, signatures, TwiML, REST. Only here is Twilio known."""
