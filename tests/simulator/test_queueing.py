"""What a caller in a queue hears, who takes them out of it, and what is told of it."""

from collections.abc import Iterator

import httpx
import pytest

from ivr.simulator.testing import Handset, PhoneCompany, PlacedCall
from tests.simulator.conftest import ACCOUNT, BACKUP, CLINIC, NURSE, PATIENT, TOKEN, TinyProduct

OTHER = "+15125550143"
WAIT = '<Say>Please hold, we are calling everybody.</Say><Pause length="4"/>'
TAKE = '<Dial action="/taken" timeout="20"><Queue>urgent</Queue></Dial>'


def enqueue(**attributes: str) -> str:
    given = {"action": "/left", "waitUrl": "/wait", **attributes}
    written = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<Enqueue {written}>urgent</Enqueue><Say>You are next in the document.</Say>"


@pytest.fixture(autouse=True)
def urgent_queue(product: TinyProduct) -> None:
    product.says("/voice", enqueue())
    product.says("/wait", WAIT)
    product.says("/left", "<Say>The queue is behind you.</Say>")
    product.says(
        "/accept", lambda asked: TAKE if asked.get("Digits") == "1" else "<Say>Goodbye.</Say>"
    )
    product.says("/page", '<Gather action="/accept" numDigits="1"><Say>Press 1.</Say></Gather>')
    product.says("/taken", "<Say>The caller is gone.</Say>")


@pytest.fixture
def base_url(company: PhoneCompany) -> Iterator[str]:
    with company.serve() as address:
        yield f"{address}/2010-04-01/Accounts/{ACCOUNT}"


def page(base_url: str, company: PhoneCompany, to: str = NURSE) -> str:
    """A REST leg of its own to somebody of the staff; gives its sid."""
    form = {"To": to, "From": CLINIC, "Url": "http://product.test/page"}
    answer = httpx.post(f"{base_url}/Calls.json", data=form, auth=(ACCOUNT, TOKEN))
    company.settle()
    return str(answer.json()["sid"])


def update(base_url: str, call: PlacedCall, **form: str) -> None:
    httpx.post(f"{base_url}/Calls/{call.sid}.json", data=form, auth=(ACCOUNT, TOKEN))


def dial_in(product: TinyProduct, phone: Handset, document: str = TAKE) -> PlacedCall:
    """Somebody calls the clinic and gets this document instead of the queue."""
    kept = product.pages["/voice"]
    product.says("/voice", document)
    call = phone.call(CLINIC)
    product.says("/voice", kept)
    return call


def results(product: TinyProduct) -> list[str]:
    return [left["QueueResult"] for left in product.asked_for("/left")]


def test_a_caller_waits_and_hears_the_document_of_the_wait_url(
    product: TinyProduct, patient: Handset
) -> None:
    call = patient.call(CLINIC)
    assert call.waits_in == "urgent"
    assert call.status == "in-progress"
    assert call.heard == "Please hold, we are calling everybody."
    assert results(product) == []


def test_the_wait_url_is_asked_for_again_and_again_and_speaks_each_time(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    call = patient.call(CLINIC)
    company.elapse(20)
    spoken = [heard for heard in call.transcript if heard.kind == "speech"]
    # 6 words at 150 a minute take 2.4 s, the pause 4 s.
    assert [(heard.at - spoken[0].at).total_seconds() for heard in spoken] == [0, 6.4, 12.8, 19.2]
    assert call.longest_silence.total_seconds() == 4
    asked = product.asked_for("/wait")
    assert [one["QueueTime"] for one in asked] == ["0", "6", "12", "19"]
    assert {one["CallSid"] for one in asked} == {call.sid}
    assert {one["QueuePosition"] for one in asked} == {"1"}
    assert asked[0]["QueueSid"].startswith("QU")


def test_each_caller_is_told_where_in_the_queue_they_stand(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    patient.call(CLINIC)
    company.elapse(10)
    company.phone(OTHER).call(CLINIC)
    last = product.asked_for("/wait")[-1]
    fields = ("QueuePosition", "CurrentQueueSize", "QueueTime", "AvgQueueTime", "MaxQueueSize")
    assert [last[field] for field in fields] == ["2", "2", "0", "5", "1000"]


@pytest.mark.parametrize(
    "nothing", ["", "<Play digits='1'/>", "<Gather timeout='1' input='dtmf'/>"]
)
def test_a_wait_url_that_takes_hardly_any_time_is_asked_for_once_a_second(
    nothing: str, product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/wait", nothing)
    patient.call(CLINIC)
    company.elapse(10)
    assert len(product.asked_for("/wait")) == 11


def test_a_caller_hears_on_while_time_passes_for_somebody_else(
    base_url: str, product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    product.says("/page", f"<Say>{'word ' * 50}</Say>")
    page(base_url, company)
    nurse.answer()
    assert len(product.asked_for("/wait")) == 4
    assert call.longest_silence.total_seconds() == 4


def test_a_caller_hears_on_while_somebody_elses_phone_rings(
    base_url: str, product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    page(base_url, company)
    nurse.let_ring()
    # 60 s at 6.4 s a round.
    assert len(product.asked_for("/wait")) == 10
    assert call.longest_silence.total_seconds() == 4


def test_two_callers_in_a_queue_do_not_keep_the_time_running(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    start = company.clock.now()
    patient.call(CLINIC)
    company.phone(OTHER).call(CLINIC)
    company.settle()
    assert company.clock.now() == start
    assert len(product.asked_for("/wait")) == 2


def test_without_a_wait_url_there_is_music_and_with_an_empty_one_silence(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    for document, silence_s in (
        ("<Enqueue>urgent</Enqueue>", 0),
        ('<Enqueue waitUrl="">urgent</Enqueue>', 30),
    ):
        product.says("/voice", document)
        call = patient.call(CLINIC)
        company.elapse(30)
        assert call.longest_silence.total_seconds() == silence_s
        patient.hang_up()
    assert product.asked_for("/wait") == []


def test_the_first_caller_is_taken_first_and_each_once(
    product: TinyProduct,
    company: PhoneCompany,
    patient: Handset,
    nurse: Handset,
    backup: Handset,
) -> None:
    first, second = patient.call(CLINIC), company.phone(OTHER).call(CLINIC)
    dial_in(product, nurse)
    assert (first.bridged_with, nurse.bridged_with) == (NURSE, PATIENT)
    assert [first.waits_in, second.waits_in] == [None, "urgent"]
    dial_in(product, backup)
    assert (second.bridged_with, backup.bridged_with) == (BACKUP, OTHER)


def test_everybody_is_called_and_whoever_presses_the_key_first_has_the_caller(
    base_url: str,
    product: TinyProduct,
    company: PhoneCompany,
    patient: Handset,
    nurse: Handset,
    backup: Handset,
) -> None:
    call = patient.call(CLINIC)
    for number in (NURSE, BACKUP):
        page(base_url, company, number)
    nurse.answer()
    backup.answer()
    assert [nurse.heard, backup.heard] == ["Press 1.", "Press 1."]
    backup.press("1")
    assert call.bridged_with == BACKUP
    patient.say("My pump beeps.")
    assert backup.heard == "My pump beeps."
    nurse.press("1")
    assert nurse.bridged_with is None
    company.elapse(21)
    assert product.asked_for("/taken")[0]["DialCallStatus"] == "no-answer"


def test_a_voicemail_that_picks_up_wins_nothing(
    base_url: str, product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    page(base_url, company)
    nurse.voicemail_picks_up("You have reached Ana.")
    assert not nurse.in_call
    assert call.waits_in == "urgent"
    assert "Ana" not in call.heard_in_all
    assert results(product) == []


def test_the_action_is_asked_for_once_the_talk_is_over(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    company.elapse(7)
    dial_in(product, nurse)
    assert results(product) == []
    company.elapse(60)
    nurse.hang_up()
    [left] = product.asked_for("/left")
    assert (left["QueueResult"], left["QueueTime"]) == ("bridged", "7")
    assert left["CallStatus"] == "in-progress"
    assert "The queue is behind you." in call.heard_in_all
    [taken] = product.asked_for("/taken")
    assert (taken["DialCallStatus"], taken["DialBridged"]) == ("completed", "true")


def test_when_the_caller_hangs_up_whoever_took_them_goes_on(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    taker = dial_in(product, nurse)
    company.elapse(60)
    patient.hang_up()
    assert taker.heard == "The caller is gone."
    [taken] = product.asked_for("/taken")
    assert (taken["DialCallStatus"], taken["DialBridged"]) == ("completed", "true")
    assert (taken["DequeuedCallSid"], taken["DequeuedCallDuration"]) == (call.sid, "60")
    assert "DialCallSid" not in taken
    assert results(product) == ["bridged"]


def test_without_an_action_the_verb_after_the_queue_follows(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", "<Enqueue>urgent</Enqueue><Say>You are next.</Say>")
    call = patient.call(CLINIC)
    dial_in(product, nurse)
    nurse.hang_up()
    assert call.heard_in_all.endswith("You are next.")


@pytest.mark.parametrize("document", [WAIT, ""])
def test_a_caller_who_is_taken_hears_nothing_more_of_the_queue(
    document: str, product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/wait", document)
    call = patient.call(CLINIC)
    dial_in(product, nurse)
    company.elapse(60)
    assert all(heard.cut_short for heard in call.transcript if heard.kind == "speech")
    assert len(product.asked_for("/wait")) == 1


def test_the_music_stops_when_the_caller_is_taken(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", "<Enqueue>urgent</Enqueue>")
    call = patient.call(CLINIC)
    company.elapse(8)
    dial_in(product, nurse)
    company.elapse(60)
    [music] = [heard for heard in call.transcript if heard.kind == "audio"]
    assert music.until is not None
    assert (music.until - music.at).total_seconds() == 8


def test_a_caller_hears_the_announcement_before_they_are_connected(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/soon", "<Say>A nurse is here.</Say>")
    call = patient.call(CLINIC)
    company.elapse(3)
    with company.time_held():
        dial_in(product, nurse, '<Dial><Queue url="/soon">urgent</Queue></Dial>')
        assert call.heard.endswith("A nurse is here.")
        assert [call.waits_in, call.bridged_with] == [None, None]
    assert call.bridged_with == NURSE
    [asked] = product.asked_for("/soon")
    [taker] = [leg.sid for leg in company.calls if leg.from_number == NURSE]
    assert (asked["CallSid"], asked["DequeingCallSid"]) == (call.sid, taker)
    assert asked["QueueTime"] == "3"


@pytest.mark.parametrize(
    ("who", "result", "is_caller_left"),
    [("caller", "hangup", False), ("taker", "bridging-in-process", True)],
)
def test_a_hang_up_during_the_announcement_connects_nobody(
    who: str,
    result: str,
    is_caller_left: bool,
    product: TinyProduct,
    company: PhoneCompany,
    patient: Handset,
    nurse: Handset,
) -> None:
    product.says("/soon", "<Say>A nurse is here.</Say>")
    call = patient.call(CLINIC)
    with company.time_held():
        dial_in(product, nurse, '<Dial action="/taken"><Queue url="/soon">urgent</Queue></Dial>')
        (patient if who == "caller" else nurse).hang_up()
        assert patient.in_call == is_caller_left
    assert results(product) == [result]
    assert product.asked_for("/taken")[0]["DialBridged"] == "false"
    assert "Connected" not in "".join(heard.text for heard in call.transcript)


def test_a_caller_who_hangs_up_while_waiting_is_out_of_the_queue(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    patient.call(CLINIC)
    waiting = company.phone(OTHER).call(CLINIC)
    company.elapse(5)
    patient.hang_up()
    [left] = product.asked_for("/left")
    assert (left["QueueResult"], left["QueueTime"]) == ("hangup", "5")
    assert left["CallStatus"] == "completed"
    assert [step["CallStatus"] for step in product.asked_for("/status")] == ["completed"]
    dial_in(product, nurse)
    assert waiting.bridged_with == NURSE


def test_leaving_asks_for_the_action_at_once(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/wait", lambda asked: "<Leave/>" if int(asked["QueueTime"]) > 10 else WAIT)
    call = patient.call(CLINIC)
    company.elapse(13)
    assert call.waits_in is None
    assert call.heard_in_all.endswith("The queue is behind you.")
    assert results(product) == ["leave"]


def test_a_caller_can_leave_by_a_key(product: TinyProduct, patient: Handset) -> None:
    product.says(
        "/wait",
        '<Gather action="/key" numDigits="1"><Say>Press 9 to leave a message.</Say></Gather>',
    )
    product.says("/key", lambda asked: "<Leave/>" if asked["Digits"] == "9" else WAIT)
    call = patient.call(CLINIC)
    assert call.expects is not None
    call.press("3")
    assert call.waits_in == "urgent"
    assert call.heard == "Please hold, we are calling everybody."
    assert results(product) == []


def test_the_key_to_leave_brings_the_caller_to_the_action(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/wait", '<Gather action="/key" numDigits="1" timeout="3"/><Say>Hold on.</Say>')
    product.says("/key", "<Leave/>")
    call = patient.call(CLINIC)
    company.elapse(3)
    assert call.heard == "Hold on."
    company.elapse(2)
    call.press("9")
    assert call.heard == "The queue is behind you."
    assert results(product) == ["leave"]


def test_a_document_of_the_queue_may_send_elsewhere_and_comes_back(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/wait", "<Redirect>/more</Redirect>")
    product.says("/more", "<Say>Still here.</Say><Pause length='2'/>")
    patient.call(CLINIC)
    company.elapse(5)
    assert [path for path, _ in product.asked if path in {"/wait", "/more"}] == [
        "/wait",
        "/more",
    ] * 2


def test_a_document_of_the_queue_may_hang_up(product: TinyProduct, patient: Handset) -> None:
    product.says("/wait", "<Hangup/>")
    assert patient.call(CLINIC).is_over
    assert results(product) == ["hangup"]


@pytest.mark.parametrize(
    ("document", "code"),
    [(f"<Dial>{NURSE}</Dial>", 12200), ("<Enqueue>other</Enqueue>", 12200), ("<Bogus/>", 12200)],
)
def test_a_document_that_may_not_stand_in_the_queue_ends_the_wait(
    document: str, code: int, product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/wait", document)
    call = patient.call(CLINIC)
    assert results(product) == ["error"]
    assert call.heard == "The queue is behind you."
    assert [line.code for line in company.refused] == [code]
    assert product.asked_for("/fallback") == []


def test_a_call_that_is_in_no_queue_cannot_leave_one(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", "<Leave/>")
    assert patient.call(CLINIC).heard == "Please hold."
    assert "only a caller in a queue" in company.refused[0].text


def test_an_announcement_may_not_listen(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/soon", '<Gather numDigits="1"/>')
    patient.call(CLINIC)
    dial_in(product, nurse, '<Dial action="/taken"><Queue url="/soon">urgent</Queue></Dial>')
    assert "may not stand in a <Queue url> document" in company.refused[0].text
    assert results(product) == ["error"]
    assert product.asked_for("/taken")[0]["DialBridged"] == "false"


def test_a_full_queue_turns_the_next_caller_away(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    with company.exchange.lock:
        company.exchange.queue("urgent").max_callers = 1
    patient.call(CLINIC)
    company.phone(OTHER).call(CLINIC)
    [left] = product.asked_for("/left")
    assert left["QueueResult"] == "queue-full"
    assert "QueueSid" not in left


def test_whoever_dials_a_queue_that_never_was_is_told_that_it_failed(
    product: TinyProduct, nurse: Handset
) -> None:
    dial_in(product, nurse)
    [taken] = product.asked_for("/taken")
    assert (taken["DialCallStatus"], taken["DialBridged"]) == ("failed", "false")


def test_whoever_dials_an_empty_queue_waits_for_the_next_caller(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    patient.call(CLINIC).hang_up()
    taker = dial_in(product, nurse)
    company.elapse(15)
    assert not taker.is_over
    call = patient.call(CLINIC)
    assert call.bridged_with == NURSE
    assert len(product.asked_for("/wait")) == 1


def test_whoever_dials_an_empty_queue_waits_no_longer_than_the_dials_timeout(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    patient.call(CLINIC).hang_up()
    dial_in(product, nurse)
    company.elapse(21)
    assert product.asked_for("/taken")[0]["DialCallStatus"] == "no-answer"
    assert patient.call(CLINIC).waits_in == "urgent"


def test_whoever_hangs_up_while_dialling_an_empty_queue_takes_nobody(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    patient.call(CLINIC).hang_up()
    dial_in(product, nurse).hang_up()
    assert product.asked_for("/taken")[0]["DialCallStatus"] == "no-answer"
    assert patient.call(CLINIC).waits_in == "urgent"


@pytest.mark.parametrize("how", ["star", "time limit"])
def test_star_and_the_time_limit_end_the_talk_but_not_the_callers_call(
    how: str, product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    patient.call(CLINIC)
    taker = dial_in(
        product,
        nurse,
        '<Dial action="/taken" hangupOnStar="true" timeLimit="60"><Queue>urgent</Queue></Dial>',
    )
    if how == "star":
        taker.press("*")
    else:
        company.elapse(61)
    assert "The caller is gone." in taker.heard_in_all
    assert results(product) == ["bridged"]


def test_a_waiting_call_can_be_completed_by_rest(
    base_url: str, product: TinyProduct, patient: Handset
) -> None:
    call = patient.call(CLINIC)
    update(base_url, call, Status="completed")
    assert (call.status, call.waits_in) == ("completed", None)
    assert results(product) == ["hangup"]


def test_a_waiting_call_can_be_sent_elsewhere_by_rest(
    base_url: str, product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/elsewhere", "<Say>Nobody could come.</Say><Pause length='60'/>")
    call = patient.call(CLINIC)
    update(base_url, call, Url="http://product.test/elsewhere")
    assert call.waits_in is None
    assert "Nobody could come." in call.heard
    assert "The queue is behind you." not in call.heard
    assert results(product) == ["redirected"]


def test_a_connected_caller_can_be_sent_elsewhere_by_rest(
    base_url: str, product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/elsewhere", "<Say>One more thing.</Say>")
    call = patient.call(CLINIC)
    taker = dial_in(product, nurse)
    update(base_url, call, Url="http://product.test/elsewhere")
    assert "One more thing." in call.heard
    assert "The caller is gone." in taker.heard
    assert results(product) == ["redirected-from-bridged"]


def test_the_methods_are_those_of_the_document(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", enqueue(method="GET", waitUrlMethod="GET"))
    product.says("/soon", "")
    patient.call(CLINIC)
    dial_in(product, nurse, '<Dial><Queue url="/soon" method="GET">urgent</Queue></Dial>')
    patient.hang_up()
    methods = {hook.purpose: hook.method for hook in company.webhooks}
    assert methods["queue wait"] == methods["queue announcement"] == "GET"
    assert methods["enqueue action after leaving"] == "GET"
