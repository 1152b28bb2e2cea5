"""Everything about time: slots, holds, visits. Knows no phone, no web page, no Flask, no Twilio."""
