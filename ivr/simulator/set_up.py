"""The part of Twilio's REST API with which an account is set up: itself, its numbers, and whether
its texts are registered. What is set here is what the next call or text follows.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ivr.simulator.config import NumberConfig
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import RestError
from ivr.simulator.leg import API_VERSION
from ivr.simulator.resources import Json, page_json
from ivr.simulator.rest import RestApi, not_found, stand_before
from ivr.simulator.rest_forms import read_address

ADDRESSES = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
}
METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
}
OTHERS = {
    "VoiceApplicationSid": "voice_application_sid",
    "SmsApplicationSid": "sms_application_sid",
    "TrunkSid": "trunk_sid",
    "FriendlyName": "friendly_name",
}
"""Twilio's field of a form → ours. An empty value takes away what was set."""

_CAMPAIGNS = {"verified": "VERIFIED", "in progress": "IN_PROGRESS", "failed": "FAILED"}
_VERIFICATIONS = {
    "verified": "TWILIO_APPROVED",
    "in progress": "IN_REVIEW",
    "failed": "TWILIO_REJECTED",
}
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
_OWNED_SINCE = "Thu, 01 Jan 2026 00:00:00 +0000"


def set_up_blueprint(exchange: Exchange) -> Blueprint:
    """The account and its numbers."""
    api = _SetUp(exchange)
    blueprint = Blueprint("set_up", __name__, url_prefix=f"/{API_VERSION}/Accounts")
    stand_before(blueprint, RestApi(exchange))
    add: Callable[..., None] = blueprint.add_url_rule
    add("/<account>.json", view_func=api.show_account)
    add("/<account>/IncomingPhoneNumbers.json", view_func=api.list_numbers)
    add("/<account>/IncomingPhoneNumbers/<sid>.json", view_func=api.show_number)
    add("/<account>/IncomingPhoneNumbers/<sid>.json", view_func=api.update_number, methods=["POST"])
    return blueprint


def messaging_blueprint(exchange: Exchange) -> Blueprint:
    """Messaging services and registrations, which Twilio serves at an address of their own."""
    api = _SetUp(exchange)
    blueprint = Blueprint("messaging", __name__, url_prefix="/v1")
    stand_before(blueprint, RestApi(exchange))
    add: Callable[..., None] = blueprint.add_url_rule
    add("/Services", view_func=api.list_services)
    add("/Services/<service>/PhoneNumbers", view_func=api.list_service_numbers)
    add("/Services/<service>/Compliance/Usa2p", view_func=api.list_campaigns)
    add("/Tollfree/Verifications", view_func=api.list_verifications)
    return blueprint


def number_sid(number: str) -> str:
    """The id of a number: the same each time it is asked for."""
    return "PN" + hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()


def _service_sid(number: str) -> str:
    return "MG" + number_sid(number)[2:]


class _SetUp:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._account = exchange.config.account_sid

    def show_account(self, account: str) -> Response:
        return jsonify(
            sid=account,
            owner_account_sid=account,
            friendly_name="Local phone company",
            status=self._exchange.config.account_status,
            type=self._exchange.config.account_type,
            date_created=_OWNED_SINCE,
            date_updated=_OWNED_SINCE,
            auth_token="",
            subresource_uris={},
            uri=f"/{API_VERSION}/Accounts/{account}.json",
        )

    def list_numbers(self, **_: str) -> Response:
        wanted = request.args.get("PhoneNumber", "")
        with self._exchange.lock:
            found: list[Json] = [
                self._number_json(one)
                for one in self._exchange.numbers.values()
                if wanted in one.phone_number
            ]
        page, size = (request.args.get(name, 0, type=int) for name in ("Page", "PageSize"))
        return jsonify(page_json("incoming_phone_numbers", request.path, found, page, size or 50))

    def show_number(self, sid: str, **_: str) -> Response:
        with self._exchange.lock:
            return jsonify(self._number_json(self._number(sid)))

    def update_number(self, sid: str, **_: str) -> Response:
        form = request.form
        for field in METHODS:
            if form.get(field, "POST") not in {"GET", "POST"}:
                raise RestError(400, 21401, f"{field} {form[field]!r} is neither GET nor POST.")
        changes: dict[str, Any] = {
            ours: read_address(form, field, 21402) or None
            for field, ours in ADDRESSES.items()
            if field in form
        }
        changes |= {
            ours: form[field] for field, ours in {**METHODS, **OTHERS}.items() if field in form
        }
        with self._exchange.lock:
            number = self._number(sid).model_copy(update=changes)
            self._exchange.numbers[number.phone_number] = number
            self._exchange.note(f"{number.phone_number} was set up over REST.")
            return jsonify(self._number_json(number))

    def list_services(self) -> Response:
        with self._exchange.lock:
            services: list[Json] = [
                {
                    "sid": _service_sid(one.phone_number),
                    "account_sid": self._account,
                    "friendly_name": one.friendly_name,
                    "inbound_request_url": one.service_inbound_url,
                    "inbound_method": "POST",
                    "use_inbound_webhook_on_number": one.service_inbound_url is None,
                    "us_app_to_person_registered": one.text_registration == "verified",
                    "links": {},
                    "url": "",
                }
                for one in self._exchange.numbers.values()
                if self._is_in_a_service(one)
            ]
        return _page("services", services)

    def list_service_numbers(self, service: str) -> Response:
        one = self._of_service(service)
        found = {
            "sid": number_sid(one.phone_number),
            "account_sid": self._account,
            "service_sid": service,
            "phone_number": one.phone_number,
            "country_code": "US",
            "capabilities": ["SMS", "Voice"],
        }
        return _page("phone_numbers", [found])

    def list_campaigns(self, service: str) -> Response:
        one = self._of_service(service)
        found = []
        if one.text_registration != "none" and not _is_toll_free(one.phone_number):
            found.append(
                {
                    "sid": "QE" + service[2:],
                    "account_sid": self._account,
                    "messaging_service_sid": service,
                    "campaign_status": _CAMPAIGNS[one.text_registration],
                }
            )
        return _page("compliance", found)

    def list_verifications(self) -> Response:
        wanted = request.args.get("TollfreePhoneNumberSid", "")
        with self._exchange.lock:
            found: list[Json] = [
                {
                    "sid": "HH" + number_sid(one.phone_number)[2:],
                    "account_sid": self._account,
                    "tollfree_phone_number_sid": number_sid(one.phone_number),
                    "status": _VERIFICATIONS[one.text_registration],
                }
                for one in self._exchange.numbers.values()
                if _is_toll_free(one.phone_number)
                and one.text_registration != "none"
                and wanted in ("", number_sid(one.phone_number))
            ]
        return _page("verifications", found)

    def _is_in_a_service(self, number: NumberConfig) -> bool:
        registered = number.text_registration != "none" and not _is_toll_free(number.phone_number)
        return registered or number.service_inbound_url is not None

    def _of_service(self, service: str) -> NumberConfig:
        with self._exchange.lock:
            for one in self._exchange.numbers.values():
                if _service_sid(one.phone_number) == service and self._is_in_a_service(one):
                    return one
        raise not_found()

    def _number(self, sid: str) -> NumberConfig:
        for one in self._exchange.numbers.values():
            if number_sid(one.phone_number) == sid:
                return one
        raise not_found()

    def _number_json(self, number: NumberConfig) -> Json:
        sid = number_sid(number.phone_number)
        ours = {**ADDRESSES, **METHODS, **OTHERS}.values()
        return {
            **{name: getattr(number, name) or "" for name in ours},
            "sid": sid,
            "account_sid": self._account,
            "phone_number": number.phone_number,
            "sms_fallback_method": "POST",
            "address_requirements": "none",
            "api_version": API_VERSION,
            "beta": False,
            "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
            "date_created": _OWNED_SINCE,
            "date_updated": _OWNED_SINCE,
            "origin": "twilio",
            "status": "in-use",
            "voice_caller_id_lookup": False,
            "voice_receive_mode": "voice",
            "uri": f"/{API_VERSION}/Accounts/{self._account}/IncomingPhoneNumbers/{sid}.json",
        }


def _is_toll_free(number: str) -> bool:
    return number.startswith("+1") and number[2:5] in _TOLL_FREE


def _page(name: str, items: list[Json]) -> Response:
    """All on one page: no account of this company has more than a few."""
    meta = {
        "page": 0,
        "page_size": 50,
        "first_page_url": request.url,
        "previous_page_url": None,
        "next_page_url": None,
        "key": name,
        "url": request.url,
    }
    return jsonify({name: items, "meta": meta})
