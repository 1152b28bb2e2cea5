"""The local phone company: it takes Twilio's place in development, demonstrations and tests.

Read ``exchange`` first (what the company owns), then ``execution`` (how one call obeys TwiML)
and ``dialling`` (how several phones ring for one caller), ``queueing`` and ``dequeueing`` (how a
caller waits for whoever is first). ``testing`` is the Python interface for
tests, ``control`` and ``rest`` are the HTTP interfaces for the browser page and for the product.

It imports nothing of the product, so that it can disagree with it.
"""
