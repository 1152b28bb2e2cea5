"""Wording of prompts: every sentence of the line in both languages, to hear and to change."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.call.wording import audio, rules
from ivr.call.wording.audio import NotTaken
from ivr.call.wording.kept import Wordings, read_recording
from ivr.call.wording.samples import languages_of
from ivr.frontdesk import errors, prompt_changes, prompt_history, prompt_store, prompt_view, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.prompt_book import Book, Books, UnknownPrompt
from ivr.frontdesk.prompt_changes import Wanted, WordingRefused
from ivr.frontdesk.prompt_history import Past
from ivr.frontdesk.prompt_store import InForce
from ivr.frontdesk.prompt_tables import RECORDING, WORDING
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.settings_changes import marker
from ivr.frontdesk.wording import say
from scheduling.database import DatabaseUnavailable
from scheduling.errors import SchedulingError

_LONGEST_SEARCH = 100


def add_routes(blueprint: Blueprint, desk: Desk, wordings: Wordings) -> None:
    """Add the list, the page of each prompt, and what their forms do."""
    books = Books(wordings)
    _add_list(blueprint, desk, books)
    _add_prompt(blueprint, desk, books, wordings)
    _add_recordings(blueprint, desk, books, wordings)
    _add_going_back(blueprint, desk, books, wordings)


def _add_list(blueprint: Blueprint, desk: Desk, books: Books) -> None:
    @blueprint.get("/settings/wording")
    def wordings() -> ResponseReturnValue:
        user = signed_in()
        book = books.of(user.clinic_id)
        if book is None:
            return no_files()
        stored, waiting, past = desk.database.read(lambda s: _look(s, user, None))
        prompts = stored.prompts(book.line)
        searched = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
        group = request.args.get("group", "")
        group = group if group in book.groups else next(iter(book.groups))
        keys = list(book.found(searched, prompts)) if searched else list(book.groups[group])
        zone = ZoneInfo(user.zone)
        return render_template(
            "frontdesk/wordings.html",
            user=user,
            groups=[(one, prompt_view.group_name(one)) for one in book.groups],
            group=None if searched else group,
            searched=searched,
            rows=prompt_view.rows(book, keys, stored, prompts, waiting),
            waiting=prompt_view.changes(book, waiting, stored, zone),
            past=prompt_view.changes(book, past, stored, zone),
        )


def _add_prompt(blueprint: Blueprint, desk: Desk, books: Books, wordings: Wordings) -> None:
    @blueprint.get("/settings/wording/<key>")
    def prompt(key: str) -> ResponseReturnValue:
        book = books.of(signed_in().clinic_id)
        if book is None:
            return no_files()
        if not languages_of(book.files, key):
            return no_such_prompt()
        return _page(desk, book, key)

    @blueprint.post("/settings/wording/<key>")
    def change_prompt(key: str) -> ResponseReturnValue:
        user, book = signed_in(), books.of(signed_in().clinic_id)
        if book is None:
            return no_files()
        typed = {
            language: rules.tidy(request.form.get(f"text-{language}", ""))
            for language in languages_of(book.files, key)
        }
        wanted = Wanted(
            key,
            WORDING,
            None,
            prompt_store.wording_value(book.line, key, typed),
            request.form.get("seen", ""),
        )
        return _ask(desk, book, user, wanted, wordings, typed)


def _add_recordings(blueprint: Blueprint, desk: Desk, books: Books, wordings: Wordings) -> None:
    @blueprint.post("/settings/wording/<key>/recording/<any(en, es):language>")
    def record_prompt(key: str, language: str) -> ResponseReturnValue:
        user, book = signed_in(), books.of(signed_in().clinic_id)
        if book is None:
            return no_files()
        if language not in languages_of(book.files, key):
            return no_such_prompt()
        sent = request.files.get("recording")
        try:
            recording = audio.recording(sent.read() if sent else b"")
        except NotTaken as refusal:
            return _page(desk, book, key, problems=[prompt_view.refusal_in_words(refusal)]), 400
        after = {"digest": recording.digest, "text": request.form.get("recorded_text", "")}
        seen = request.form.get("seen", "")
        wanted = Wanted(key, RECORDING, language, after, seen, recording)
        return _ask(desk, book, user, wanted, wordings, None)

    @blueprint.post("/settings/wording/<key>/recording/<any(en, es):language>/remove")
    def remove_recording(key: str, language: str) -> ResponseReturnValue:
        user, book = signed_in(), books.of(signed_in().clinic_id)
        if book is None:
            return no_files()
        wanted = Wanted(key, RECORDING, language, None, request.form.get("seen", ""))
        return _ask(desk, book, user, wanted, wordings, None)

    @blueprint.get("/prompts/audio/<digest>")
    def prompt_audio(digest: str) -> ResponseReturnValue:
        user = signed_in()
        found = desk.database.read(lambda s: read_recording(s, user.clinic_id, digest))
        if found is None:
            return no_such_prompt()
        return Response(found[1].data, content_type=found[1].content_type)


def _add_going_back(blueprint: Blueprint, desk: Desk, books: Books, wordings: Wordings) -> None:
    @blueprint.post("/settings/wording/changes/<uuid:change_id>/undo")
    def undo_prompt(change_id: UUID) -> ResponseReturnValue:
        user, book = signed_in(), books.of(signed_in().clinic_id)
        if book is None:
            return no_files()
        try:
            key, waits = prompt_changes.back(desk.database, book, user, change_id, desk.clock())
        except SchedulingError as error:
            return refused_page(error), 409
        after(wordings)
        flash(_told(waits))
        return redirect(url_for("frontdesk.prompt", key=key), code=303)

    @blueprint.post("/settings/wording/changes/<uuid:change_id>/withdraw")
    def withdraw_prompt(change_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        try:
            key = desk.database.write(lambda s: prompt_changes.withdraw(s, user, change_id, now))
        except SchedulingError as error:
            return refused_page(error), 409
        flash(say("Withdrawn. Nothing was changed for callers."))
        return redirect(url_for("frontdesk.prompt", key=key), code=303)


def _ask(
    desk: Desk,
    book: Book,
    user: SignedIn,
    wanted: Wanted,
    wordings: Wordings,
    typed: dict[str, str] | None,
) -> ResponseReturnValue:
    try:
        waits = prompt_changes.ask(desk.database, book, user, wanted, desk.clock())
    except UnknownPrompt:
        return no_such_prompt()
    except WordingRefused as refused:
        problems = [prompt_view.finding_in_words(one) for one in refused.findings]
        return _page(desk, book, wanted.key, problems=problems, typed=typed), 400
    except SchedulingError as error:
        return _page(desk, book, wanted.key, problems=[work.in_words(error)], typed=typed), 409
    after(wordings)
    flash(_told(waits))
    return redirect(url_for("frontdesk.prompt", key=wanted.key), code=303)


def after(wordings: Wordings) -> None:
    """This process speaks a change at once; the others within seconds."""
    try:
        wordings.refresh()
    except DatabaseUnavailable:
        # Stored it is: the thread that looks for changes finds it.
        return


def _told(waits: bool) -> str:
    if waits:
        return say("Kept. Callers hear it as soon as another person, a clinician, has signed it.")
    return say("Changed. Callers hear it within a few seconds.")


def _look(
    session: Session, user: SignedIn, key: str | None
) -> tuple[InForce, list[Past], list[Past]]:
    waiting = prompt_history.listed(session, user.clinic_id, key=key, waiting=True)
    past = prompt_history.listed(session, user.clinic_id, key=key)
    settled = [one for one in past if one.row.decided_at is not None]
    return prompt_store.in_force(session, user.clinic_id), waiting, settled


def _page(
    desk: Desk,
    book: Book,
    key: str,
    *,
    problems: list[str] | None = None,
    typed: dict[str, str] | None = None,
) -> str:
    user = signed_in()
    stored, waiting, past = desk.database.read(lambda s: _look(s, user, key))
    prompts, zone = stored.prompts(book.line), ZoneInfo(user.zone)
    sides = prompt_view.spoken(book, key, stored, prompts, typed)
    return render_template(
        "frontdesk/prompt.html",
        user=user,
        key=key,
        group=book.group_of(key),
        group_name=prompt_view.group_name(book.group_of(key)),
        unfit=stored.is_unfit(book.line, key),
        safety=prompt_view.rows(book, [key], stored, prompts, waiting)[0].safety,
        sides=sides,
        stored_texts={one: prompts.text(key, one) for one in languages_of(book.files, key)},
        files=book.files.texts,
        options={
            one.language: prompt_view.option_of(book, key, one.language, prompts) for one in sides
        },
        wholes=prompt_view.wholes(book, key, prompts),
        may_record=rules.may_be_recorded(book.line.flow, book.files, key),
        most_characters=rules.MOST_CHARACTERS,
        seen=marker(stored.wording(book.line, key)),
        seen_recordings={
            one.language: marker(stored.recording(key, one.language)) for one in sides
        },
        waiting=prompt_view.changes(book, waiting, stored, zone),
        past=prompt_view.changes(book, past, stored, zone),
        problems=problems or [],
    )


def refused_page(error: SchedulingError) -> str:
    """The page of a refusal that belongs to no form."""
    if isinstance(error, WordingRefused):
        said = " ".join(prompt_view.finding_in_words(one) for one in error.findings)
    else:
        said = work.in_words(error)
    return render_template("frontdesk/settings_problem.html", user=signed_in(), problem=said)


def no_such_prompt() -> ResponseReturnValue:
    """A prompt, recording or change that is not there."""
    return errors.problem(
        404, say("There is no such prompt"), say("Look for it in the list of the wording.")
    )


def no_files() -> ResponseReturnValue:
    """This machine answers for a clinic whose files it has not."""
    return errors.problem(
        404,
        say("The wording of this clinic is not on this machine"),
        say("Put the clinic's folder where CLINICS_DIR points, and start the web process again."),
    )
