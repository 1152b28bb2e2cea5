"""What the browser page (or a test of a running company) does with the telephones, over HTTP.

``GET /control/state?version=N&seen=M`` waits up to 20 s until something differs from version N
and answers with everything to show. ``POST /control/phones`` hands out a telephone. ``POST
/control/phones/NUMBER/ACTION`` acts: call (to), press (keys), say (words), text (to, body),
answer, reject, hang-up; stay-silent and let-ring let the other side's patience run out at once.
Bodies are JSON; what cannot be done now is answered with 409 and a
sentence in ``error``, what makes no sense with 400.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.simulator.config import PhoneConfig, is_phone_number
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import NothingToDoError
from ivr.simulator.phone import Phone
from ivr.simulator.snapshot import snapshot

_PATIENCE_S = 20.0
Answer = Response | tuple[Response, int]


class Order(BaseModel):
    """The fields that an action may carry."""

    model_config = ConfigDict(extra="forbid")

    to: str = ""
    keys: str = ""
    words: str = Field("", max_length=1000)
    body: str = Field("", max_length=1600)
    withhold_number: bool = False


class NewPhone(BaseModel):
    """A telephone to hand out; without a number it gets the next free one."""

    model_config = ConfigDict(extra="forbid")

    number: str = ""
    label: str = Field("", max_length=60)
    kind: str = Field("staff", pattern="^(patient|staff)$")


def control_blueprint(exchange: Exchange) -> Blueprint:
    """The control interface of one exchange, to be registered on a Flask application."""
    control = Blueprint("control", __name__, url_prefix="/control")
    api = Control(exchange)
    control.before_request(_refuse_strangers)
    control.register_error_handler(NothingToDoError, lambda error: (jsonify(error=str(error)), 409))
    control.register_error_handler(ValidationError, _bad_order)
    control.add_url_rule("/state", view_func=api.state)
    control.add_url_rule("/phones", view_func=api.add_phone, methods=["POST"])
    control.add_url_rule("/phones/<number>/<action>", view_func=api.act, methods=["POST"])
    return control


class Control:
    """The views."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def state(self) -> Response:
        known = request.args.get("version", -1, type=int)
        with self._exchange.lock:
            self._exchange.lock.wait_for(
                lambda: self._exchange.version != known, timeout=_PATIENCE_S
            )
            seen = request.args.get("seen", 0, type=int)
            return jsonify(snapshot(self._exchange, seen_after=seen))

    def add_phone(self) -> Answer:
        order = NewPhone.model_validate(request.get_json())
        with self._exchange.lock:
            number = order.number or self._free_number()
            wanted = PhoneConfig.model_validate(
                {"number": number, "label": order.label, "kind": order.kind}
            )
            phone = self._exchange.add_phone(wanted.number, wanted.label, wanted.kind)
            return jsonify(number=phone.number), 201

    def act(self, number: str, action: str) -> Answer:
        order = Order.model_validate(request.get_json())
        with self._exchange.lock:
            phone = self._exchange.phones.get(number)
            if phone is None:
                return jsonify(error=f"There is no telephone {number}."), 404
            actions = self._actions(phone, order)
            if action not in actions:
                return jsonify(error=f"{action!r} is none of {', '.join(actions)}."), 404
            actions[action]()
            self._exchange.changed()
        return jsonify(done=action)

    def _actions(self, phone: Phone, order: Order) -> dict[str, Callable[[], Any]]:
        exchange = self._exchange
        return {
            "call": lambda: exchange.place_call(
                phone, order.to, withhold_number=order.withhold_number
            ),
            "press": lambda: phone.press(order.keys),
            "say": lambda: phone.say(order.words),
            "answer": phone.answer,
            "reject": phone.reject,
            "hang-up": phone.hang_up,
            "stay-silent": phone.stay_silent,
            "let-ring": phone.let_ring,
            "text": lambda: exchange.messaging.receive(phone, order.to, order.body),
        }

    def _free_number(self) -> str:
        taken = {*self._exchange.phones, *self._exchange.numbers}
        # 555-0100 to 555-0199 are reserved for fiction in every area code.
        for last in range(160, 200):
            number = f"+15125550{last}"
            if number not in taken and is_phone_number(number):
                return number
        raise NothingToDoError("No fictional number is free: name one.")


def _refuse_strangers() -> Answer | None:
    # A page from elsewhere cannot send JSON here without a permission that is never given.
    if request.method == "POST" and not request.is_json:
        return jsonify(error="Send JSON, with Content-Type: application/json."), 415
    return None


def _bad_order(error: ValidationError) -> Answer:
    faults = [
        f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    ]
    return jsonify(error="; ".join(faults)), 400
