"""The words of the rules: in one language, by one rule book, at one site."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum
from zoneinfo import ZoneInfo

from controller.errors import N_
from controller.model.events import Json
from controller.model.rule_book import RuleBook
from controller.services.doors.lockdown import SITE
from web.words.labels import Labelled, in_language
from web.words.language import join_list, join_sentences, translate
from web.words.times import minute_text


@dataclass(frozen=True, slots=True)
class RuleWords:
    """`place` returns the site's name for a door or an access point; `zone` and `day_ends` are the site's."""

    book: RuleBook
    language: str
    place: Callable[[str], str]
    day_ends: time
    zone: ZoneInfo

    def translate(self, key: str, **fields: object) -> str:
        return translate(self.language, key, **fields)

    def member(self, member: Enum) -> str:
        """The words for a member of an enum. (The table of words includes those of the rules.)"""
        from web.words.words import message_key

        return self.translate(message_key(member))

    def category(self, name: Json) -> str:
        """Also for a category that the book no longer has, and for a person without one."""
        if name is None:
            return self.translate(N_("(no category)"))
        return self._label(self.book.categories.get(str(name)), str(name))

    def categories(self, names: Json | Iterable[str]) -> str:
        return self.listed(self.category(name) for name in names) if isinstance(names, list | tuple) else ""

    def qualification(self, name: str) -> str:
        return self._label(self.book.qualifications.get(name), name)

    def qualifications(self, names: Iterable[str]) -> str:
        return self.listed(self.qualification(name) for name in names)

    def area(self, name: str) -> str:
        """An area, or the whole site where a lockdown names it."""
        if name == SITE:
            return self.translate(N_("the whole site"))
        return self._label(self.book.areas.get(name), name)

    def areas(self, names: Iterable[str]) -> str:
        return self.listed(self.area(name) for name in names)

    def places(self, names: Iterable[str]) -> str:
        return self.listed(self.place(name) for name in names)

    def minute(self, value: Json) -> str:
        return minute_text(datetime.fromisoformat(str(value)), self.zone)

    def listed(self, texts: Iterable[str]) -> str:
        return join_list(self.language, texts)

    def joined(self, sentences: Iterable[str]) -> str:
        return join_sentences(self.language, sentences)

    def _label(self, found: Labelled | None, name: str) -> str:
        return name if found is None else in_language(found, self.language)
