"""What depends on who reads: the language, the labels of the site and of its rules, and local times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Protocol

from controller.config import Config
from controller.errors import N_
from controller.model.events import Json
from controller.model.rule_book import RuleBook
from controller.services.doors.lockdown import SITE
from web.words.calendar_names import ENGLISH_MONTHS, WEEKDAYS
from web.words.language import catalogue


class Labelled(Protocol):
    """A door or access point of the configuration; a category, qualification or area of the rules."""

    @property
    def label_en(self) -> str: ...

    @property
    def label_ja(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Words:
    """One language at one site, with the labels of one rule book.

    Without a site, as at an issuing station, places keep their names and times are UTC.
    """

    language: str
    place_labels: Mapping[str, Labelled] = field(default_factory=dict)
    readers: Mapping[str, str] = field(default_factory=dict)  # reader → its access point
    zone: tzinfo = UTC
    day_ends: time = time()
    book: RuleBook = field(default_factory=RuleBook)

    @classmethod
    def of_site(cls, config: Config, language: str) -> "Words":
        return cls(
            language=language,
            place_labels={**config.access_points, **config.doors},
            readers={name: reader.access_point for name, reader in config.readers.items()},
            zone=config.site.time_zone,
            day_ends=config.site.day_ends,
        )

    def by(self, book: RuleBook) -> "Words":
        """The same words, with the labels of `book`."""
        return replace(self, book=book)

    def translate(self, key: str, **fields: object) -> str:
        """The message `key`, its `{named}` fields filled in."""
        text = catalogue(self.language).gettext(key) if key else ""
        return text.format(**fields) if fields else text

    def translate_count(self, one: str, many: str, count: int) -> str:
        return catalogue(self.language).ngettext(one, many, count).format(count=f"{count:,}")

    def join_list(self, texts: Iterable[str]) -> str:
        return ("、" if self.language == "ja" else ", ").join(texts)

    def join_sentences(self, sentences: Iterable[str]) -> str:
        return ("" if self.language == "ja" else " ").join(sentences)

    def member(self, member: Enum) -> str:
        """The words for a member of an enum. (The table of words includes those of the rules.)"""
        from web.words.codes import message_key

        return self.translate(message_key(member))

    # Labels

    def label(self, thing: Labelled) -> str:
        return thing.label_ja if self.language == "ja" else thing.label_en

    def place(self, name: str | None) -> str:
        """A door or access point; a name that is no longer configured is returned unchanged."""
        return self._label(self.place_labels.get(name or ""), name or "")

    def places(self, names: Iterable[str]) -> str:
        return self.join_list(self.place(name) for name in names)

    def category(self, name: Json) -> str:
        """Also for a category that the book no longer has, and for a person without one."""
        if name is None:
            return self.translate(N_("(no category)"))
        return self._label(self.book.categories.get(str(name)), str(name))

    def categories(self, names: Json | Iterable[str]) -> str:
        found = names if isinstance(names, list | tuple) else ()
        return self.join_list(self.category(name) for name in found)

    def qualification(self, name: str) -> str:
        return self._label(self.book.qualifications.get(name), name)

    def qualifications(self, names: Iterable[str]) -> str:
        return self.join_list(self.qualification(name) for name in names)

    def area(self, name: str) -> str:
        """An area, or the whole site where a lockdown names it."""
        if name == SITE:
            return self.translate(N_("the whole site"))
        return self._label(self.book.areas.get(name), name)

    def areas(self, names: Iterable[str]) -> str:
        return self.join_list(self.area(name) for name in names)

    def _label(self, found: Labelled | None, name: str) -> str:
        if found is None:
            return name
        return found.label_ja if self.language == "ja" else found.label_en

    # Times

    def clock(self, utc: datetime) -> str:
        return utc.astimezone(self.zone).strftime("%H:%M:%S")

    def moment(self, utc: datetime) -> str:
        return utc.astimezone(self.zone).isoformat(" ", "seconds")[:19]  # without the offset

    def minute(self, utc: datetime) -> str:
        return utc.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def recorded_minute(self, value: Json) -> str:
        """The same for a moment as a record has it."""
        return self.minute(datetime.fromisoformat(str(value)))

    def day(self, day: date) -> str:
        return f"{day.isoformat()} ({self.translate(WEEKDAYS[day.weekday()])})"

    def long_day(self, day: date) -> str:
        if self.language == "ja":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"

    def month(self, first_day: date) -> str:
        if self.language == "ja":
            return f"{first_day.year}年{first_day.month}月"
        return f"{ENGLISH_MONTHS[first_day.month - 1]} {first_day.year}"

    def age(self, age: timedelta, coarse: bool = False) -> str:
        """`coarse`, so that a page that refreshes every two seconds seldom changes."""
        minutes = max(int(age.total_seconds() // 60), 0)
        hours = minutes // 60
        if hours < 1 and coarse:
            return self.translate(N_("less than an hour"))
        if minutes < 2:
            return self.translate(N_("a minute"))
        if hours < 2 and not coarse:
            return self.translate(N_("{count} minutes"), count=minutes)
        if hours < 2:
            return self.translate(N_("an hour"))
        if hours < 48:
            return self.translate(N_("{count} hours"), count=hours)
        return self.translate(N_("{count} days"), count=f"{hours // 24:,}")

    def length(self, length: timedelta) -> str:
        """Its two largest units: "3 h 12 min", "2 d 4 h", "45 s"."""
        seconds = round(length.total_seconds())
        if seconds == 0:
            return self.translate(N_("less than a second"))
        units = ((86400, N_("{n} d")), (3600, N_("{n} h")), (60, N_("{n} min")), (1, N_("{n} s")))
        first = next(place for place, (size, _) in enumerate(units) if seconds >= size)
        parts = []
        for size, key in units[first : first + 2]:
            if seconds >= size:
                parts.append(self.translate(key, n=f"{seconds // size:,}"))
                seconds %= size
        return " ".join(parts)
