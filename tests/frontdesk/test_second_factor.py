"""The second factor: the standard's own vectors, enrolment, each code once, and a lost phone."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
import segno

from ivr.frontdesk import second_factor, throttle, totp
from tests.frontdesk import people
from tests.frontdesk.office import PASSWORD, Office, log_in
from tests.frontdesk.people import code_of, enrol, send, send_code, with_code

SEEDS = {
    "sha1": b"12345678901234567890",
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}


@pytest.mark.parametrize(
    ("seconds", "digest", "code"),
    [
        (59, "sha1", "94287082"),
        (59, "sha256", "46119246"),
        (59, "sha512", "90693936"),
        (1111111109, "sha1", "07081804"),
        (1111111109, "sha256", "68084774"),
        (1111111109, "sha512", "25091201"),
        (1111111111, "sha1", "14050471"),
        (1111111111, "sha256", "67062674"),
        (1111111111, "sha512", "99943326"),
        (1234567890, "sha1", "89005924"),
        (1234567890, "sha256", "91819424"),
        (1234567890, "sha512", "93441116"),
        (2000000000, "sha1", "69279037"),
        (2000000000, "sha256", "90698825"),
        (2000000000, "sha512", "38618901"),
        (20000000000, "sha1", "65353130"),
        (20000000000, "sha256", "77737706"),
        (20000000000, "sha512", "47863826"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, digest: str, code: str) -> None:
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(SEEDS[digest], step, digits=8, digest=digest) == code


@pytest.mark.parametrize(
    ("counter", "code"), [(0, "755224"), (1, "287082"), (2, "359152"), (3, "969429"), (9, "520489")]
)
def test_codes_of_six_digits_are_those_of_rfc_4226(counter: int, code: str) -> None:
    assert totp.code_at(SEEDS["sha1"], counter) == code


@pytest.mark.parametrize(
    ("drift", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_that_is_half_a_minute_off_is_forgiven_and_no_more(drift: int, taken: bool) -> None:
    now = datetime(2026, 11, 23, 16, tzinfo=UTC)
    code = totp.code_at(SEEDS["sha1"], totp.step_of(now) + drift)
    assert (totp.matching_step(SEEDS["sha1"], code, now=now, after=0) is not None) is taken


def test_the_key_is_shown_in_groups_of_four_and_as_an_address_for_the_app(
    sqlite_office: Office,
) -> None:
    page = sqlite_office.signed_in().get("/frontdesk/account/second-factor").text
    key = re.search(r'id="factor-key">([^<]+)<', page)
    assert key
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", key[1])
    plain = key[1].replace(" ", "")
    assert f"otpauth://totp/Call%20Now%3Arosa?secret={plain}&amp;issuer=Call%20Now" in page


def test_once_set_up_the_code_is_asked_after_the_password(office: Office) -> None:
    assert len(enrol(office, office.signed_in())) == second_factor.RECOVERY_CODES
    office.clock.advance(seconds=30)
    client = office.client()
    assert log_in(client, "rosa").location == "/frontdesk/login/code"
    assert client.get("/frontdesk").status_code == 303
    assert client.get("/frontdesk/login/code").status_code == 200
    answer = send_code(client, code_of(office, "rosa"))
    assert (answer.status_code, answer.location) == (303, "/frontdesk")
    assert client.get("/frontdesk").status_code == 200


def test_the_page_that_was_wanted_opens_after_both_steps(office: Office) -> None:
    enrol(office, office.signed_in())
    office.clock.advance(seconds=30)
    number = office.open_ticket()
    client = office.client()
    wanted = f"/frontdesk/tickets/{number}"
    step = log_in(client, "rosa", following=wanted)
    assert step.location == f"/frontdesk/login/code?next={wanted}"
    answer = send(
        client, "/frontdesk/login/code", step.location, code=code_of(office, "rosa"), next=wanted
    )
    assert answer.location == wanted


def test_a_wrong_code_sets_nothing_up(office: Office) -> None:
    client = office.signed_in()
    page = "/frontdesk/account/second-factor"
    answer = send(client, page, page, code="000000", password=PASSWORD)
    assert answer.status_code == 400
    assert "does not fit this key" in answer.text
    assert people.user(office, "rosa").factor_salt is None


def test_setting_up_needs_the_password_again(office: Office) -> None:
    client = office.signed_in()
    page = "/frontdesk/account/second-factor"
    answer = send(client, page, page, code="000000", password="not this one at all")
    assert answer.status_code == 401
    assert people.user(office, "rosa").factor_salt is None


def test_no_code_is_taken_twice(office: Office) -> None:
    enrol(office, office.signed_in())
    office.clock.advance(seconds=30)
    code = code_of(office, "rosa")
    assert with_code(office.client(), "rosa", code).location == "/frontdesk"
    again = with_code(office.client(), "rosa", code)
    assert again.status_code == 401
    assert "wrong or was used already" in again.text


def test_the_code_that_set_the_app_up_does_not_log_in(office: Office) -> None:
    enrol(office, office.signed_in())
    assert with_code(office.client(), "rosa", code_of(office, "rosa")).status_code == 401


def test_a_recovery_code_lets_in_once_however_it_is_typed(office: Office) -> None:
    codes = enrol(office, office.signed_in())
    typed = codes[0].upper().replace("-", " ")
    assert with_code(office.client(), "rosa", typed).location == "/frontdesk"
    assert with_code(office.client(), "rosa", codes[0]).status_code == 401
    assert with_code(office.client(), "rosa", codes[1]).location == "/frontdesk"
    used = office.rows("SELECT id FROM staff_audit WHERE action = 'staff.recovery_code_used'")
    assert len(used) == 2


def test_the_database_holds_neither_the_secret_nor_a_recovery_code(office: Office) -> None:
    codes = enrol(office, office.signed_in())
    stored = str(office.rows("SELECT * FROM staff_user")) + str(
        office.rows("SELECT * FROM staff_recovery_code")
    )
    salt = people.user(office, "rosa").factor_salt
    assert salt
    key = second_factor.enrolment(people.SECRET_KEY, login="rosa", salt=salt).key.replace(" ", "")
    assert salt in stored
    assert key not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_guessing_codes_is_stopped_though_the_password_is_known(office: Office) -> None:
    enrol(office, office.signed_in())
    client = office.client()
    log_in(client, "rosa", address="203.0.113.9")
    tried = [send_code(client, "000000").status_code for _ in range(6)]
    assert tried == [401] * throttle.CODE_PER_LOGIN_AND_SOURCE + [429]


def test_who_guesses_codes_elsewhere_does_not_lock_the_known_device_out(office: Office) -> None:
    receptionist = office.signed_in()
    enrol(office, receptionist)
    office.clock.advance(seconds=30)
    for number in range(throttle.CODE_PER_LOGIN + 1):
        office.database.write(
            lambda s, number=number: throttle.admit(  # type: ignore[misc]  # default binds it
                s,
                login="rosa",
                source=throttle.Source(f"198.51.100.{number}"),
                now=office.clock(),
                limits=throttle.CODE,
            )
        )
    receptionist.delete_cookie("callnow_desk", path="/frontdesk")
    assert with_code(receptionist, "rosa", code_of(office, "rosa")).location == "/frontdesk"


def test_the_code_must_follow_the_password_within_five_minutes(office: Office) -> None:
    enrol(office, office.signed_in())
    client = office.client()
    log_in(client, "rosa")
    office.clock.advance(minutes=5, seconds=1)
    assert client.get("/frontdesk/login/code").location == "/frontdesk/login"


def test_a_password_that_was_changed_meanwhile_makes_the_half_log_in_worthless(
    office: Office,
) -> None:
    enrol(office, office.signed_in())
    office.clock.advance(seconds=30)
    thief = office.client()
    log_in(thief, "rosa")
    admin = people.administrator(office)
    rosa = people.user(office, "rosa").id
    send(admin, f"/frontdesk/users/{rosa}/reset", "/frontdesk/users")
    assert thief.get("/frontdesk/login/code").location == "/frontdesk/login"


def test_turning_it_off_needs_both_factors(office: Office) -> None:
    client = office.signed_in()
    enrol(office, client)
    off = "/frontdesk/account/second-factor/off"
    assert send(client, off, password=PASSWORD, code="000000").status_code == 401
    office.clock.advance(seconds=30)
    code = code_of(office, "rosa")
    assert send(client, off, password=PASSWORD, code=code).location.endswith("done=factor-off")
    assert log_in(office.client(), "rosa").location == "/frontdesk"
    assert office.rows("SELECT id FROM staff_recovery_code") == []


def test_an_administrator_cannot_turn_theirs_off(office: Office) -> None:
    client = people.administrator(office)
    enrol(office, client)
    office.clock.advance(seconds=30)
    form = {"password": PASSWORD, "code": code_of(office, "ada")}
    answer = send(client, "/frontdesk/account/second-factor/off", **form)
    assert answer.status_code == 403
    assert "keeps its second factor" in answer.text
    assert people.user(office, "ada").factor_salt is not None


def test_moving_to_another_phone_needs_a_code_of_the_old_one(office: Office) -> None:
    client = office.signed_in()
    codes = enrol(office, client)
    before = people.user(office, "rosa").factor_salt
    page = "/frontdesk/account/second-factor"
    assert send(client, page, page, code="000000", password=PASSWORD).status_code == 401
    shown = client.get(page).text
    fresh = totp.code_at(people.key_on(shown), totp.step_of(office.clock()))
    moved = send(client, page, page, code=fresh, present_code=codes[0], password=PASSWORD)
    assert moved.status_code == 200
    assert people.user(office, "rosa").factor_salt != before
    assert with_code(office.client(), "rosa", codes[1]).status_code == 401


def test_new_recovery_codes_make_the_old_ones_worthless(office: Office) -> None:
    client = office.signed_in()
    old = enrol(office, client)
    office.clock.advance(seconds=30)
    form = {"password": PASSWORD, "code": code_of(office, "rosa")}
    answer = send(client, "/frontdesk/account/recovery-codes", **form)
    new = re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)
    assert len(new) == second_factor.RECOVERY_CODES
    assert with_code(office.client(), "rosa", old[0]).status_code == 401
    assert with_code(office.client(), "rosa", new[0]).location == "/frontdesk"


def squares(svg: str) -> list[str]:
    """The dark squares that an SVG draws, row by row, "1" for each; its quiet zone left out."""
    size = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    dark = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert size
    assert dark
    rows = [["0"] * int(size[1]) for _ in range(int(size[1]))]
    x, y = 0, 0.0
    for verb, numbers in re.findall(r"([Mmh])([-\d. ]+)", dark[1]):
        values = [float(one) for one in numbers.split()]
        if verb == "h":
            for column in range(x, x + int(values[0])):
                rows[int(y)][column] = "1"
            x += int(values[0])
        else:
            right, down = values
            x, y = (int(right), down) if verb == "M" else (x + int(right), y + down)
    assert not any("1" in "".join(row) for row in (*rows[:4], *rows[-4:]))
    return ["".join(row[4:-4]) for row in rows[4:-4]]


def test_the_picture_is_the_key_and_the_page_loads_nothing_for_it(office: Office) -> None:
    page = office.signed_in().get("/frontdesk/account/second-factor").text
    uri = re.search(r'href="(otpauth:[^"]+)"', page)
    (svg,) = re.findall(r'role="img".*?(<svg.*?</svg>)', page, re.DOTALL)
    assert uri
    code = segno.make(html.unescape(uri[1]), error="m", micro=False)
    assert squares(svg) == ["".join(str(one) for one in row) for row in code.matrix]
    assert not re.search(r"style=|<style|xlink|href|src=", svg)
