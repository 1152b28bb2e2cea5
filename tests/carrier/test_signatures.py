"""Nobody but the carrier can speak to a webhook."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from ivr.carrier.signature import SignatureCheck
from tests.product import OLD_TOKEN, TOKEN, Product, incoming, sign

OPEN_TO_ALL = {
    *("/healthz", "/readyz", "/voice/recorded/<clinic_id>/<name>"),
    # The address itself is the secret: tests/frontdesk/test_calendar_feeds.py.
    "/calendar/<secret>.ics",
    # So it is here, for one visit: tests/calls/test_confirmation_texts.py.
    "/c/<token>.ics",
}
"""Routes that say nothing about anybody, or ask for a secret that nobody guesses.

A recorded prompt is what every caller hears, asked for by a hash of its content; the carrier
fetches what it plays through caches that sign nothing.
"""


def webhook_paths(product: Product) -> list[str]:
    values = {
        "number": 1,
        "attempt": 0,
        "ticket_id": UUID(int=1),
        "ring_id": UUID(int=2),
        "message_id": UUID(int=3),
        "person": "ana",
        "language": "en",
        "longest": 60,
        "clinic_id": "demo",
    }
    adapter = product.app.url_map.bind("localhost")
    return [
        adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, method="POST")
        for rule in product.app.url_map.iter_rules()
        if rule.endpoint.startswith("carrier.")
    ]


def is_guarded(product: Product, rule: Rule) -> bool:
    """By the signature, by a log-in, by a token (tests/metrics), or harmless by name."""
    return (
        rule.rule in OPEN_TO_ALL
        or rule.rule == "/metrics"
        or rule.endpoint.startswith("carrier.")
        or rule.rule.startswith("/frontdesk")
    )


def stored_rows(product: Product) -> int:
    return sum(product.count(table) for table in ("call", "call_turn", "ticket", "desk_task"))


def test_every_route_is_signed_or_behind_the_log_in(product: Product) -> None:
    """Fails when somebody adds a route without either; the desk's own log-in test walks its."""
    unguarded = [r.rule for r in product.app.url_map.iter_rules() if not is_guarded(product, r)]
    assert unguarded == []


def test_there_are_webhooks_to_guard(product: Product) -> None:
    assert {"/voice/incoming", "/voice/fallback", "/voice/status", "/sms/incoming"} <= set(
        webhook_paths(product)
    )


def test_a_missing_signature_is_refused_everywhere_and_stores_nothing(product: Product) -> None:
    for path in webhook_paths(product):
        answer = product.client.post(path, data=incoming())
        assert (path, answer.status_code) == (path, 403)
    assert stored_rows(product) == 0


def test_a_wrong_signature_is_refused_everywhere_and_stores_nothing(product: Product) -> None:
    for path in webhook_paths(product):
        forged = sign(product.url(path), incoming(), token="0123456789abcdef0123456789abcdef")
        answer = product.client.post(path, data=incoming(), headers={"X-Twilio-Signature": forged})
        assert (path, answer.status_code) == (path, 403)
    assert stored_rows(product) == 0


def test_a_signature_replayed_to_another_url_is_refused_everywhere(product: Product) -> None:
    for path in webhook_paths(product):
        elsewhere = sign(product.url("/voice/other"), incoming())
        answer = product.client.post(
            path, data=incoming(), headers={"X-Twilio-Signature": elsewhere}
        )
        assert (path, answer.status_code) == (path, 403)
    assert stored_rows(product) == 0


def test_what_a_proxy_altered_is_refused_everywhere(product: Product) -> None:
    for path in webhook_paths(product):
        signature = sign(product.url(path), incoming())
        for altered in (
            {**incoming(), "From": "+15125550199"},
            {**incoming(), "Digits": ""},
            {k: v for k, v in incoming().items() if k != "CallStatus"},
        ):
            answer = product.client.post(
                path, data=altered, headers={"X-Twilio-Signature": signature}
            )
            assert (path, answer.status_code) == (path, 403)
        answer = product.client.post(
            f"{path}?extra=1", data=incoming(), headers={"X-Twilio-Signature": signature}
        )
        assert (path, answer.status_code) == (path, 403)
    assert stored_rows(product) == 0


def test_the_url_is_the_public_one_whatever_the_request_headers_say(product: Product) -> None:
    headers = {
        "X-Twilio-Signature": sign(product.url("/voice/incoming"), incoming()),
        "Host": "internal:8000",
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Host": "evil.example",
    }
    assert (
        product.client.post("/voice/incoming", data=incoming(), headers=headers).status_code == 200
    )
    host = urlsplit(product.settings.public_base_url).netloc
    forged = sign("http://evil.example/voice/incoming", incoming())
    headers = {"X-Twilio-Signature": forged, "Host": "evil.example", "X-Forwarded-Host": host}
    assert (
        product.client.post("/voice/incoming", data=incoming(), headers=headers).status_code == 403
    )


def test_the_old_token_is_taken_while_tokens_are_rotated(product: Product) -> None:
    for token in (TOKEN, OLD_TOKEN):
        signature = sign(product.url("/voice/incoming"), incoming(), token=token)
        answer = product.client.post(
            "/voice/incoming", data=incoming(), headers={"X-Twilio-Signature": signature}
        )
        assert answer.status_code == 200


@pytest.mark.parametrize("tokens", [[], [""], [TOKEN, ""]])
def test_an_empty_token_is_no_token(tokens: list[str]) -> None:
    with pytest.raises(ValueError, match="an empty token would accept"):
        SignatureCheck("https://line.example", tokens)


def test_webhooks_are_posts_only(product: Product) -> None:
    for path in webhook_paths(product):
        assert product.client.get(path).status_code in (403, 405)
