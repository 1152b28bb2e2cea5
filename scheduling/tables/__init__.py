"""The tables of scheduling. Every primary key begins with the clinic."""

from scheduling.tables.bookings import AgendaChange, Hold, Occupancy, Visit, VisitEvent
from scheduling.tables.clinics import Clinic, Provider, Room, VisitType
from scheduling.tables.opening import Closure, ExtraSession, WeeklyHours
from scheduling.tables.patients import Patient, PatientPhone

__all__ = [
    "AgendaChange",
    "Clinic",
    "Closure",
    "ExtraSession",
    "Hold",
    "Occupancy",
    "Patient",
    "PatientPhone",
    "Provider",
    "Room",
    "Visit",
    "VisitEvent",
    "VisitType",
    "WeeklyHours",
]
