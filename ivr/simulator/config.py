"""The account, its numbers and the phones that a local phone company serves."""

from pathlib import Path
from typing import Annotated, Literal

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)


class ConfigError(ValueError):
    """The configuration cannot be used; the text names every fault in it."""


def is_phone_number(text: str) -> bool:
    """Whether the text is a valid telephone number in E.164 form, such as +15125550100."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return False
    as_e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return as_e164 == text and phonenumbers.is_valid_number(number)


def _valid_number(text: str) -> str:
    if not is_phone_number(text):
        raise ValueError(
            f"{text!r} is not a valid phone number: write it like +15125550100 (E.164)"
        )
    return text


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is not a web address: it must start with http:// or https://")
    return text


PhoneNumber = Annotated[str, AfterValidator(_valid_number)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


Method = Literal["GET", "POST"]


class NumberConfig(BaseModel):
    """A number that the account owns, and where the company reports what happens to it.

    The applications and the trunk, where set, would answer in place of the addresses: this company
    has none to call, and only tells of them. text_registration: how far it has come with the
    American carriers (A2P 10DLC, or the verification of a toll-free number); only a verified number
    gets its texts through. service_inbound_url: where the messaging service that the number is in
    sends texts, in place of sms_url.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone_number: PhoneNumber
    friendly_name: str = ""
    voice_url: WebAddress | None = None
    voice_fallback_url: WebAddress | None = None
    status_callback: WebAddress | None = None
    sms_url: WebAddress | None = None
    sms_fallback_url: WebAddress | None = None
    voice_method: Method = "POST"
    voice_fallback_method: Method = "POST"
    status_callback_method: Method = "POST"
    sms_method: Method = "POST"
    sms_fallback_method: Method = "POST"
    voice_application_sid: str = ""
    sms_application_sid: str = ""
    trunk_sid: str = ""
    text_registration: Literal["verified", "in progress", "failed", "none"] = "verified"
    service_inbound_url: WebAddress | None = None


class PhoneConfig(BaseModel):
    """A telephone that somebody holds in their hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: PhoneNumber
    label: str = ""
    kind: Literal["patient", "staff"] = "patient"


class CompanyConfig(BaseModel):
    """Everything that a local phone company is told before it opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_sid: Annotated[str, Field(pattern=r"^AC[0-9a-f]{32}$")]
    auth_token: Annotated[SecretStr, Field(min_length=1)]
    account_status: Literal["active", "suspended", "closed"] = "active"
    account_type: Literal["Full", "Trial"] = "Full"
    numbers: Annotated[tuple[NumberConfig, ...], Field(min_length=1)]
    phones: tuple[PhoneConfig, ...] = ()

    @model_validator(mode="after")
    def _every_number_belongs_to_one(self) -> "CompanyConfig":
        every = [n.phone_number for n in self.numbers] + [p.number for p in self.phones]
        twice = sorted({number for number in every if every.count(number) > 1})
        if twice:
            raise ValueError(
                f"{', '.join(twice)} stands more than once among numbers and phones:"
                " give each of them a number of its own"
            )
        return self


def _faults(error: ValidationError, source: str) -> ConfigError:
    lines = [
        f"  {'.'.join(str(part) for part in fault['loc']) or 'the whole file'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    ]
    return ConfigError(f"{source} cannot be used:\n" + "\n".join(lines))


def read_config(path: Path) -> CompanyConfig:
    """Read a JSON configuration.

    Raises ConfigError naming every fault at once, also where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    try:
        return CompanyConfig.model_validate_json(text)
    except ValidationError as error:
        raise _faults(error, str(path)) from error


def as_config(value: CompanyConfig | dict[str, object]) -> CompanyConfig:
    """Check a configuration given as a dictionary. Raises ConfigError naming every fault."""
    if isinstance(value, CompanyConfig):
        return value
    try:
        return CompanyConfig.model_validate(value)
    except ValidationError as error:
        raise _faults(error, "The configuration") from error
