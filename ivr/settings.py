"""The only reader of the environment.

Every missing or malformed variable is named in one message, so that a deployment is put right in
one go. Secrets, and the password inside DATABASE_URL, appear in no repr and in no message.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy.exc import ArgumentError

from scheduling.engines import database_url as parse_database_url

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGED_CLINICS = Path(__file__).parent / "clinics"
"""The clinics that come with the product: the demo clinic."""

_ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")


class SettingsError(Exception):
    """The environment is incomplete or malformed. The text is ready to be shown to a person.

    variables: the names of the variables to correct, in the order of the message.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.variables = tuple(problems)
        count = "1 variable" if len(problems) == 1 else f"{len(problems)} variables"
        lines = [f"  {name} {problem}" for name, problem in problems.items()]
        super().__init__(
            f"Call Now cannot start: {count} of the environment must be set or corrected.\n"
            + "\n".join(lines)
        )


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _base_address(value: str) -> str:
    """An http(s) address of scheme and host alone, without a slash at its end.

    Plain http only to this machine: a token, a session cookie or a caller's words would
    otherwise cross a network in the clear.
    """
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is not a web address") from None
    if parts.scheme not in ("http", "https") or not host or any(map(str.isspace, value)):
        raise ValueError("is not a web address")
    if parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise ValueError("has more in it than scheme, host and port")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must begin with https://, since it leads to another machine")
    return f"{parts.scheme}://{parts.netloc}"


def _storable_database(value: str) -> str:
    try:
        url = parse_database_url(value)
    except (ArgumentError, ValueError):
        # Their own messages may quote the address, and with it the password.
        raise ValueError("is not the address of a SQLite or PostgreSQL database") from None
    in_memory = not url.database or ":memory:" in url.database
    if url.get_backend_name() == "sqlite" and in_memory:
        raise ValueError("names no file: web and worker would each keep a memory of their own")
    return value


def _account_sid(value: str) -> str:
    if not _ACCOUNT_SID.fullmatch(value):
        raise ValueError("is not an account SID")
    return value


def _token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    if len(token) < 16 or any(character.isspace() for character in token):
        raise ValueError("is too short, or has a space in it, to be a token")
    return value


def _secret_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise ValueError("is shorter than 32 characters")
    return value


def _existing_folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError("is not a folder")
    return value


class Settings(BaseSettings):
    """All that the environment says, checked and frozen. Built by `read_settings`.

    Each description is also the advice given when the variable is missing or malformed.
    """

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    database_url: Annotated[str, AfterValidator(_storable_database)] = Field(
        repr=False,
        description="Set it to postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE.",
    )
    public_base_url: Annotated[str, AfterValidator(_base_address)] = Field(
        description="Set it to the address at which Twilio reaches this service, such as "
        "https://callnow.example.org (plain http only for this machine itself).",
    )
    twilio_account_sid: Annotated[str, AfterValidator(_account_sid)] = Field(
        description="Copy it from the Twilio console: AC and 32 characters of 0-9 and a-f.",
    )
    twilio_auth_token: Annotated[SecretStr, AfterValidator(_token)] = Field(
        description="Copy the primary auth token from the Twilio console.",
    )
    twilio_auth_token_old: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None,
        description="While tokens are rotated, the token that is on its way out; otherwise unset.",
    )
    twilio_api_base_url: Annotated[str, AfterValidator(_base_address)] | None = Field(
        default=None,
        description="Leave it unset for Twilio itself; set it to the address of the local phone "
        "company or of a proxy, such as http://127.0.0.1:8010.",
    )
    twilio_calls_per_second: float = Field(
        default=1,
        gt=0,
        le=1000,
        description="Set it to the new calls a second that Twilio grants the account, such as 1.",
    )
    twilio_segments_per_second: float = Field(
        default=1,
        gt=0,
        le=1000,
        description="Set it to the segments of text a second that Twilio takes from each of your "
        "numbers, such as 1, or 3 of a toll-free one.",
    )
    secret_key: Annotated[SecretStr, AfterValidator(_secret_key)] = Field(
        description="Set it to a long random text that only this service knows, such as the "
        'output of: python -c "import secrets; print(secrets.token_urlsafe(48))"',
    )
    metrics_token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None,
        description="Set it to a random text that only your Prometheus knows, or leave it unset: "
        "/metrics then answers the service's own network alone.",
    )
    clinics_dir: Annotated[Path, AfterValidator(_existing_folder)] = Field(
        default=PACKAGED_CLINICS,
        description="Set it to the folder that holds one folder for each clinic, or leave it "
        "unset for the demo clinic.",
    )
    port: int = Field(
        default=8000,
        ge=1,
        le=65535,
        description="Set it to the TCP port to listen on, a number from 1 to 65535.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # A Settings built by hand, as tests do, must not quietly fill its gaps from whatever
        # the machine's own environment happens to hold: only `read_settings` reads one.
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings out of `environ`, usually os.environ. Empty variables count as unset.

    Raises SettingsError, which names everything that is wrong at once.
    """
    source = EnvSettingsSource(Settings)
    source.env_vars = {
        name.lower(): value.strip() for name, value in environ.items() if value.strip()
    }
    try:
        return Settings(**source())
    except ValidationError as error:
        # The original carries the values, secrets among them: it must not travel along.
        raise SettingsError(_problems(error)) from None


def _problems(error: ValidationError) -> dict[str, str]:
    problems = {}
    for detail in error.errors(include_url=False, include_input=False, include_context=True):
        name = str(detail["loc"][0])
        raised = detail.get("ctx", {}).get("error")
        if detail["type"] == "missing":
            what = "is not set"
        elif isinstance(raised, ValueError):
            what = str(raised)
        else:
            what = "is malformed"
        advice = Settings.model_fields[name].description
        problems[name.upper()] = f"{what}. {advice}"
    return problems
