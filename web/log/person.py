"""The person that the log is filtered by: a reference from a link, or a typed name."""

import re
from dataclasses import replace

from controller.services.people import people
from controller.services.rights import Right
from web.frame.visitor import Visitor
from web.log.query import LogQuery

_REFERENCE = re.compile(r"[0-9a-f]{16}")
NOT_APPLIED = people.Fitting((), 0, 0)


def chosen_person(asker: Visitor, query: LogQuery) -> tuple[LogQuery, people.Fitting]:
    """Return the query for the person that the text means, and all people who match the text.

    Without one person the query lets no row through, so a mistyped name never shows other people's rows.
    A reference stays as it is: records of an erased person keep it.
    """
    text = query.name or query.person
    if not query.name and (not text or _REFERENCE.fullmatch(text) or not asker.may(Right.VIEW_PEOPLE)):
        return query, NOT_APPLIED
    if not asker.may(Right.VIEW_PEOPLE):
        return replace(query, person="", admits_no_record=True), NOT_APPLIED
    found = people.find(asker.acting, text)
    if not query.name and not found.count:
        return query, NOT_APPLIED
    if found.one is None:
        return replace(query, person="", name=text, admits_no_record=True), found
    return replace(query, person=found.one.id, name=""), found


def person_name(asker: Visitor, query: LogQuery, in_rows: list[str]) -> str:
    """Return today's name, reading and badges if the visitor may view people; else the name in the log."""
    if not query.person:
        return ""
    if asker.may(Right.VIEW_PEOPLE):
        text = people.identity_text(asker.acting, query.person)
        if text is not None:
            return text
    return in_rows[0] if in_rows else query.person
