"""What the environment may say, and what is said about it when it is wrong."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.settings import PACKAGED_CLINICS, SettingsError, read_settings
from tests.settings.environment import (
    AUTH_TOKEN,
    OLD_AUTH_TOKEN,
    SECRET_KEY,
    complete_environment,
)


def problems_with(**changes: str | None) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(complete_environment(**changes))
    return str(caught.value)


def test_a_complete_environment_is_read_and_the_rest_has_defaults() -> None:
    settings = read_settings(complete_environment())

    assert settings.public_base_url == "https://line.example"
    assert settings.twilio_auth_token.get_secret_value() == AUTH_TOKEN
    assert settings.twilio_auth_token_old is None
    assert settings.twilio_api_base_url is None
    assert settings.clinics_dir == PACKAGED_CLINICS
    assert settings.port == 8000


def test_an_empty_environment_is_told_every_missing_variable_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({})

    assert caught.value.variables == (
        "DATABASE_URL",
        "PUBLIC_BASE_URL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "SECRET_KEY",
    )
    assert str(caught.value).count("is not set. ") == 5


def test_missing_and_malformed_variables_stand_in_one_message() -> None:
    message = problems_with(
        DATABASE_URL=None,
        PUBLIC_BASE_URL="line.example",
        TWILIO_ACCOUNT_SID="SK123",
        TWILIO_AUTH_TOKEN="short",
        TWILIO_AUTH_TOKEN_OLD="has a space in it, so it is none",
        TWILIO_API_BASE_URL="ftp://127.0.0.1",
        SECRET_KEY="too short",
        CLINICS_DIR="/nowhere/at/all",
        PORT="eighty",
    )

    lines = message.splitlines()
    assert "9 variables" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == [
        "DATABASE_URL",
        "PUBLIC_BASE_URL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_OLD",
        "TWILIO_API_BASE_URL",
        "SECRET_KEY",
        "CLINICS_DIR",
        "PORT",
    ]


@pytest.mark.parametrize("blank", ["", "   "])
def test_a_blank_variable_counts_as_unset(blank: str) -> None:
    assert "SECRET_KEY is not set" in problems_with(SECRET_KEY=blank)
    assert read_settings(complete_environment(PORT=blank)).port == 8000


def test_a_line_break_copied_along_with_a_token_does_not_matter() -> None:
    settings = read_settings(complete_environment(TWILIO_AUTH_TOKEN=f"{AUTH_TOKEN}\n"))

    assert settings.twilio_auth_token.get_secret_value() == AUTH_TOKEN


def test_no_secret_and_no_database_password_is_in_a_repr() -> None:
    settings = read_settings(complete_environment(TWILIO_AUTH_TOKEN_OLD=OLD_AUTH_TOKEN))

    shown = f"{settings!r} {settings} {[settings]}"
    for secret in (AUTH_TOKEN, OLD_AUTH_TOKEN, SECRET_KEY, "hunter2"):
        assert secret not in shown


def test_no_secret_is_in_the_message_or_the_trace_of_a_refusal() -> None:
    secrets = {
        "DATABASE_URL": "mysql://callnow:hunter2@db/callnow",
        "TWILIO_AUTH_TOKEN": "hunter3",
        "TWILIO_AUTH_TOKEN_OLD": "hunter4",
        "SECRET_KEY": "hunter5",
    }
    with pytest.raises(SettingsError) as caught:
        read_settings(complete_environment(**secrets))

    everything = "".join(traceback.format_exception(caught.value))
    assert len(caught.value.variables) == 4
    assert "hunter" not in everything


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
        "https://line.example",
        "https://line.example:8443",
    ],
)
def test_an_address_is_https_or_leads_to_this_machine(address: str) -> None:
    settings = read_settings(complete_environment(PUBLIC_BASE_URL=f"{address}/"))

    assert settings.public_base_url == address


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://line.example", "must begin with https://"),
        ("http://10.0.0.7:8000", "must begin with https://"),
        ("http://127.0.0.1.line.example", "must begin with https://"),
        ("line.example", "is not a web address"),
        ("https://", "is not a web address"),
        ("https://line example", "is not a web address"),
        ("https://line.example:99999", "is not a web address"),
        ("https://line.example:port", "is not a web address"),
        ("https://line.example/calls", "more in it than scheme, host and port"),
        ("https://line.example?x=1", "more in it than scheme, host and port"),
        ("https://user:word@line.example", "more in it than scheme, host and port"),
    ],
)
def test_an_address_at_which_webhooks_could_not_be_signed_or_hidden_is_refused(
    address: str, fault: str
) -> None:
    message = problems_with(PUBLIC_BASE_URL=address)

    assert fault in message
    assert "such as https://callnow.example.org" in message


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///callnow.db",
        "postgres://u:p@host/name",
        "postgresql://u:p@host/name",
        "postgresql+psycopg://u:p@host/name",
    ],
)
def test_the_usual_spellings_of_both_databases_are_accepted(url: str) -> None:
    assert read_settings(complete_environment(DATABASE_URL=url)).database_url == url


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?cache=shared&uri=true"],
)
def test_a_database_in_memory_is_refused_since_the_worker_would_not_see_it(url: str) -> None:
    assert "names no file" in problems_with(DATABASE_URL=url)


@pytest.mark.parametrize("url", ["callnow.db", "mysql://h/n", "postgresql://u:p@host:port/n"])
def test_another_database_is_refused(url: str) -> None:
    assert "DATABASE_URL is not the address of" in problems_with(DATABASE_URL=url)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000.5", "http"])
def test_a_port_that_does_not_exist_is_refused(port: str) -> None:
    assert "a number from 1 to 65535" in problems_with(PORT=port)


def test_the_folder_of_clinics_may_be_anywhere(tmp_path: Path) -> None:
    settings = read_settings(complete_environment(CLINICS_DIR=str(tmp_path)))

    assert settings.clinics_dir == tmp_path


def test_only_what_is_handed_in_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("PORT", "9999")

    assert "SECRET_KEY is not set" in problems_with(SECRET_KEY=None)
    assert read_settings(complete_environment()).port == 8000


def test_settings_cannot_be_changed_afterwards() -> None:
    settings = read_settings(complete_environment())

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # that it is refused is the point
