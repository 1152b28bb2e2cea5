"""How often somebody may try to be known as a patient. Pure.

A lock-out closes a patient's visits to the telephone and nothing else: urgent help and `0` stay
as they are, and whoever is locked out is led to a person in the same words as whoever was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

TRIES_A_CALL = 3
FAILURES_A_RECORD = 5
"""Failed tries that name the same date of birth, or the same phone or name."""
RECORD_WINDOW = timedelta(days=1)
RECORDS_A_NUMBER = 10
"""Different patients asked for from one telephone; callers without a number count as one."""
NUMBER_WINDOW = timedelta(hours=1)
FAILURES_A_CLINIC = 20
"""Then the desk is told: somebody may be guessing. [J]"""
CLINIC_WINDOW = timedelta(hours=1)
LONGEST_WINDOW = max(RECORD_WINDOW, NUMBER_WINDOW, CLINIC_WINDOW)
"""Tries older than this count no more, and are forgotten."""


@dataclass(frozen=True, slots=True)
class TriesBefore:
    """What was tried before this try, within the windows above.

    failed_for_birth, failed_for_other: failed tries that named the same date of birth; the same
        phone or name. records_of_number: other patients asked for from this telephone.
    failed_in_clinic: failed tries of everybody.
    """

    failed_for_birth: int
    failed_for_other: int
    records_of_number: int
    failed_in_clinic: int

    @property
    def locked(self) -> bool:
        """Whether this try is not to be looked at, be it right or wrong."""
        return (
            self.failed_for_birth >= FAILURES_A_RECORD
            or self.failed_for_other >= FAILURES_A_RECORD
            or self.records_of_number >= RECORDS_A_NUMBER
        )

    @property
    def alarming(self) -> bool:
        """Whether one more failure is to be told to the desk."""
        return self.failed_in_clinic + 1 >= FAILURES_A_CLINIC
