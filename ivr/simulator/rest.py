"""The part of Twilio's REST API that the product calls, in Twilio's JSON."""

import hmac
import socket
from datetime import datetime

from flask import Blueprint, Response, g, jsonify, request

from ivr.simulator import outgoing
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import RestError
from ivr.simulator.leg import API_VERSION, Leg
from ivr.simulator.recording import KeptRecording
from ivr.simulator.resources import Json, call_json, message_json, page_json, recording_json
from ivr.simulator.rest_forms import check_message, read_address, read_call_order

_CREATED = 201
_GONE = 204


def rest_blueprint(exchange: Exchange) -> Blueprint:
    """The REST API of one exchange, to be registered on a Flask application."""
    api = RestApi(exchange)
    rest = Blueprint("rest", __name__, url_prefix=f"/{API_VERSION}/Accounts/<account>")
    stand_before(rest, api)
    rest.add_url_rule("/Calls.json", view_func=api.create_call, methods=["POST"])
    rest.add_url_rule("/Calls.json", view_func=api.list_calls)
    rest.add_url_rule("/Calls/<sid>.json", view_func=api.show_call)
    rest.add_url_rule("/Calls/<sid>.json", view_func=api.update_call, methods=["POST"])
    rest.add_url_rule("/Messages.json", view_func=api.create_message, methods=["POST"])
    rest.add_url_rule("/Messages.json", view_func=api.list_messages)
    rest.add_url_rule("/Messages/<sid>.json", view_func=api.show_message)
    rest.add_url_rule("/Recordings/<sid>.json", view_func=api.show_recording)
    rest.add_url_rule("/Recordings/<sid>.wav", view_func=api.hear_recording)
    rest.add_url_rule("/Recordings/<sid>", view_func=api.hear_recording)
    rest.add_url_rule("/Recordings/<sid>.json", view_func=api.delete_recording, methods=["DELETE"])
    rest.add_url_rule(
        "/<path:rest>", view_func=api.unknown, methods=["GET", "POST", "PUT", "DELETE"]
    )
    return rest


def stand_before(blueprint: Blueprint, api: "RestApi") -> None:
    """Let a blueprint ask who asks, fail as planned, and refuse in Twilio's JSON."""
    blueprint.before_request(api.guard)
    blueprint.after_request(api.fail_as_planned)
    blueprint.register_error_handler(RestError, api.refused)


class RestApi:
    """The views. Each answers in Twilio's JSON and raises RestError for what Twilio refuses."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._account = exchange.config.account_sid

    def guard(self) -> Response | None:
        """Check who asks, and whether this request is planned to fail before it is obeyed."""
        _authenticate(self._exchange)
        with self._exchange.lock:
            planned = self._exchange.planned
            failure = next((f for f in planned if f.fits(request.method, request.path)), None)
            if failure is None:
                return None
            planned.remove(failure)
        g.failure = failure
        return None if failure.is_obeyed else Response()

    def fail_as_planned(self, response: Response) -> Response:
        """Lose or replace the answer to a request that was obeyed."""
        failure = g.pop("failure", None)
        if failure is None:
            return response
        if failure.has_an_answer:
            return _error(RestError(failure.http_status, failure.code, failure.message))
        connection: socket.socket = request.environ["werkzeug.socket"]
        if failure.unanswered:
            # Until they hang up, which is when there is nothing more to read.
            while connection.recv(1024):
                pass
        connection.shutdown(socket.SHUT_RDWR)
        return response

    def refused(self, error: RestError) -> Response:
        with self._exchange.lock:
            self._exchange.refuse(
                error.code, f"REST {request.method} {request.path}: {error.message}"
            )
        return _error(error)

    def create_call(self, **_: str) -> tuple[Response, int]:
        order = read_call_order(self._exchange, request.form)
        with self._exchange.lock:
            return jsonify(call_json(outgoing.place(self._exchange, order))), _CREATED

    def list_calls(self, **_: str) -> Response:
        with self._exchange.lock:
            legs = [
                leg
                for leg in reversed(self._exchange.legs.values())
                if _wanted(leg)
                and not (leg.direction == "outbound-api" and self._is_fresh(leg.created_at))
            ]
            return _page("calls", [call_json(leg) for leg in legs])

    def show_call(self, sid: str, **_: str) -> Response:
        with self._exchange.lock:
            return jsonify(call_json(self._leg(sid)))

    def update_call(self, sid: str, **_: str) -> Response:
        form = request.form
        with self._exchange.lock:
            leg = self._leg(sid)
            if "Status" in form:
                outgoing.stop(leg, form["Status"])
            elif "Url" in form or "Twiml" in form:
                outgoing.redirect(
                    leg,
                    url=read_address(form, "Url", 21205),
                    method=form.get("Method", "POST"),
                    twiml=form.get("Twiml", ""),
                )
            return jsonify(call_json(leg))

    def create_message(self, **_: str) -> tuple[Response, int]:
        form = request.form
        check_message(self._exchange, form)
        with self._exchange.lock:
            message = self._exchange.messaging.send(
                from_number=form["From"],
                to_number=form["To"],
                body=form["Body"],
                status_callback=read_address(form, "StatusCallback", 21609),
            )
            return jsonify(message_json(message, self._account)), _CREATED

    def list_messages(self, **_: str) -> Response:
        wanted = request.args
        with self._exchange.lock:
            found = [
                message_json(message, self._account)
                for message in reversed(self._exchange.messaging.messages.values())
                if wanted.get("To", message.to_number) == message.to_number
                and wanted.get("From", message.from_number) == message.from_number
                and not self._is_fresh(message.created_at)
            ]
            return _page("messages", found)

    def show_message(self, sid: str, **_: str) -> Response:
        with self._exchange.lock:
            message = self._exchange.messaging.messages.get(sid)
            if message is None:
                raise not_found()
            return jsonify(message_json(message, self._account))

    def show_recording(self, sid: str, **_: str) -> Response:
        with self._exchange.lock:
            return jsonify(recording_json(self._recording(sid), self._account))

    def hear_recording(self, sid: str, **_: str) -> Response:
        with self._exchange.lock:
            return Response(self._recording(sid).wav(), content_type="audio/x-wav")

    def delete_recording(self, sid: str, **_: str) -> tuple[str, int]:
        with self._exchange.lock:
            del self._exchange.recordings[self._recording(sid).sid]
        return "", _GONE

    def unknown(self, **_: str) -> Response:
        raise not_found()

    def _is_fresh(self, created_at: datetime) -> bool:
        """So fresh that the list lags behind it."""
        return self._exchange.clock.now() < created_at + self._exchange.list_lag

    def _recording(self, sid: str) -> KeptRecording:
        kept = self._exchange.recordings.get(sid)
        if kept is None:
            raise not_found()
        return kept

    def _leg(self, sid: str) -> Leg:
        leg = self._exchange.legs.get(sid)
        if leg is None:
            raise not_found()
        return leg


def _authenticate(exchange: Exchange) -> None:
    given = request.authorization
    account, token = exchange.config.account_sid, exchange.config.auth_token.get_secret_value()
    if (
        given is None
        or given.type != "basic"
        or given.username != account
        or not hmac.compare_digest((given.password or "").encode(), token.encode())
    ):
        raise RestError(401, 20003, "Authenticate")
    # The messaging part of the API names no account in its paths.
    if (request.view_args or {}).get("account", account) != account:
        raise not_found()


def not_found() -> RestError:
    """What is answered about a thing that there is not."""
    return RestError(404, 20404, f"The requested resource {request.path} was not found")


def _error(error: RestError) -> Response:
    response = jsonify(
        code=error.code,
        message=error.message,
        more_info=f"https://www.twilio.com/docs/errors/{error.code}",
        status=error.http_status,
    )
    response.status_code = error.http_status
    if error.http_status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def _wanted(leg: Leg) -> bool:
    wanted = request.args
    return (
        wanted.get("To", leg.to_number) == leg.to_number
        and wanted.get("From", leg.from_number) == leg.from_number
        and wanted.get("Status", leg.status) == leg.status
        and wanted.get("ParentCallSid", leg.parent.sid if leg.parent else "")
        == (leg.parent.sid if leg.parent else "")
        and _started_as_wanted(leg)
    )


def _started_as_wanted(leg: Leg) -> bool:
    started = (leg.started_at or leg.created_at).date().isoformat()
    wanted = request.args
    return (
        wanted.get("StartTime", started)[:10] == started
        and wanted.get("StartTime>", started)[:10] <= started
        and wanted.get("StartTime<", started)[:10] >= started
    )


def _page(name: str, items: list[Json]) -> Response:
    page = request.args.get("Page", 0, type=int)
    size = request.args.get("PageSize", 50, type=int)
    filters = [
        (key, value)
        for key, value in request.args.items(multi=True)
        if key not in {"Page", "PageSize"}
    ]
    return jsonify(page_json(name, request.path, items, page, size, filters))
