"""Keys and words → what the caller meant, in English and Spanish; one file for each kind of thing.

Pure. What is not understood is None, never a guess: the engine asks again.
"""

from ivr.call.understanding.alarming_names import alarming_name, is_introduced
from ivr.call.understanding.choices import CONFIDENT, SURE, choice
from ivr.call.understanding.entries import DIGITS, hints, keyed, spoken
from ivr.call.understanding.names import person_name
from ivr.call.understanding.numbers import callback_number, caller_number
from ivr.call.understanding.urgent import is_urgent, urgent_category

__all__ = [
    "CONFIDENT",
    "DIGITS",
    "SURE",
    "alarming_name",
    "callback_number",
    "caller_number",
    "choice",
    "hints",
    "is_introduced",
    "is_urgent",
    "keyed",
    "person_name",
    "spoken",
    "urgent_category",
]
