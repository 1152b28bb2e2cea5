"""`callnow demo`: the whole product on one machine, with a local phone company as its Twilio."""
