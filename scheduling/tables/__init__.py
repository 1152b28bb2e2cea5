"""The tables of scheduling. Every primary key begins with the clinic."""

from scheduling.tables.bookings import AgendaChange, Hold, Occupancy, Visit, VisitEvent
from scheduling.tables.clinics import (
    Clinic,
    LoadedDefinition,
    Provider,
    Room,
    RulesMark,
    VisitType,
    VisitTypeProvider,
    VisitTypeRoom,
)
from scheduling.tables.opening import Closure, ExtraSession, WeeklyHours
from scheduling.tables.patients import (
    Patient,
    PatientConsent,
    PatientEvent,
    PatientNote,
    PatientPhone,
)
from scheduling.tables.refills import Pump, Recall, RecallAttempt
from scheduling.tables.waitlist import WaitlistEntry, WaitlistOffer

__all__ = [
    "AgendaChange",
    "Clinic",
    "Closure",
    "ExtraSession",
    "Hold",
    "LoadedDefinition",
    "Occupancy",
    "Patient",
    "PatientConsent",
    "PatientEvent",
    "PatientNote",
    "PatientPhone",
    "Provider",
    "Pump",
    "Recall",
    "RecallAttempt",
    "Room",
    "RulesMark",
    "Visit",
    "VisitEvent",
    "VisitType",
    "VisitTypeProvider",
    "VisitTypeRoom",
    "WaitlistEntry",
    "WaitlistOffer",
    "WeeklyHours",
]
