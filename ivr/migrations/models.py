"""Imports every module that declares tables, so that the metadata is whole."""

from ivr.audit import tables as audit_tables
from ivr.call import tables as call_tables
from ivr.call import verification_tables
from ivr.call.wording import tables as wording_tables
from ivr.digest import tables as digest_tables
from ivr.frontdesk import calendar_tables, prompt_tables, settings_tables
from ivr.frontdesk import tables as frontdesk_tables
from ivr.messages import consent_tables, incoming_tables, list_looks, notice_tables
from ivr.messages import tables as messages_tables
from ivr.oncall import pin_tables, rota_tables, trial_tables
from ivr.oncall import tables as oncall_tables
from scheduling import tables as scheduling_tables

__all__ = [
    "audit_tables",
    "calendar_tables",
    "call_tables",
    "consent_tables",
    "digest_tables",
    "frontdesk_tables",
    "incoming_tables",
    "list_looks",
    "messages_tables",
    "notice_tables",
    "oncall_tables",
    "pin_tables",
    "prompt_tables",
    "rota_tables",
    "scheduling_tables",
    "settings_tables",
    "trial_tables",
    "verification_tables",
    "wording_tables",
]
