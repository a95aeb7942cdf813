"""The facts that the rules saw, in sentences."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from controller.errors import N_
from controller.model.access import PinResult
from controller.model.credentials import Assurance
from controller.model.events import Json
from controller.model.rule_book import DoorMode, RuleBook
from controller.services.doors.lockdown import SITE
from web.words.labels import in_language
from web.words.language import join_list, translate
from web.words.times import day_text, minute_text
from web.words.words import code_message_key, message_key

Values = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Telling:
    """The language, the time zone and the rule book of an explanation."""

    language: str
    zone: ZoneInfo
    book: RuleBook
    label: Callable[[str], str]  # of a door or an access point

    def translate(self, key: str, **fields: object) -> str:
        return translate(self.language, key, **fields)

    def listed(self, texts: Iterable[str]) -> str:
        return join_list(self.language, texts)

    def minute(self, value: Json) -> str:
        return minute_text(datetime.fromisoformat(str(value)), self.zone)

    def category(self, name: Json) -> str:
        """Return the label; also for a category that the book no longer has, and for None."""
        if name is None:
            return self.translate(N_("(no category)"))
        found = self.book.categories.get(str(name))
        if found is None:
            return str(name)
        return found.label_ja if self.language == "ja" else found.label_en

    def categories(self, names: Json) -> str:
        return self.listed(self.category(name) for name in names) if isinstance(names, list) else ""

    def area(self, name: str) -> str:
        """Return the label of a place under lockdown."""
        if name == SITE:
            return self.translate(N_("the whole site"))
        found = self.book.areas.get(name)
        return name if found is None else in_language(found, self.language)

    def qualification(self, name: str) -> str:
        found = self.book.qualifications.get(name)
        if found is None:
            return name
        return found.label_ja if self.language == "ja" else found.label_en


def observation_sentences(title: str, saw: Values, telling: Telling) -> Iterator[str]:
    if not saw:
        return
    if saw.get("presence_known") is False:
        yield telling.translate(N_("The door did not know yet who was inside."))
    elif "area" in saw:
        yield telling.translate(N_("This access point leads into no area."))
    elif (words := _SENTENCES.get(title)) is not None:
        yield from words(saw, telling)


def _door_mode(saw: Values, telling: Telling) -> Iterator[str]:
    mode = telling.translate(code_message_key(DoorMode, str(saw["mode"])))
    yield telling.translate(N_("Mode of the door: {mode}."), mode=mode)
    yield from _overrides(saw, telling)


def _lockdown(saw: Values, telling: Telling) -> Iterator[str]:
    if saw["lockdowns"]:
        places = telling.listed(telling.area(str(name)) for name in _list(saw["lockdowns"]))
        yield telling.translate(N_("There is a lockdown here: {places}."), places=places)
        yield from _overrides(saw, telling)
    else:
        yield telling.translate(N_("There is no lockdown here."))


def _overrides(saw: Values, telling: Telling) -> Iterator[str]:
    if saw["overrides"]:
        yield telling.translate(N_("The person may override it."))


def _pin(saw: Values, telling: Telling) -> Iterator[str]:
    if saw["mode"] != DoorMode.CARD_PIN:
        yield telling.translate(N_("The door requires no PIN."))
        return
    texts = {
        PinResult.NONE: N_("No PIN was entered."),
        PinResult.NOT_SET: N_("This person has no PIN."),
        PinResult.RIGHT: N_("The PIN was right."),
        PinResult.DURESS: N_("The PIN was right."),
        PinResult.WRONG: N_("The PIN was wrong."),
        PinResult.LOCKED: N_("The PIN was not checked, after too many wrong ones."),
    }
    yield telling.translate(texts[PinResult(str(saw["pin"]))])


def _assurance(saw: Values, telling: Telling) -> Iterator[str]:
    proved, least = (
        telling.translate(message_key(Assurance(_number(saw[key])))) for key in ("shown", "least")
    )
    yield telling.translate(N_("The badge: {shown}. At least: {least}."), shown=proved, least=least)


def _qualifications(saw: Values, telling: Telling) -> Iterator[str]:
    until = saw["holds_until"]
    for name, day in until.items() if isinstance(until, dict) else ():
        what = telling.qualification(name)
        if day is None:
            yield telling.translate(N_("{qualification}: the person does not have it."), qualification=what)
        else:
            last = day_text(date.fromisoformat(str(day)), telling.language)
            words = N_("{qualification}: expired, last day {day}.")
            if str(day) >= str(saw["today"]):
                words = N_("{qualification}: until {day}.")
            yield telling.translate(words, qualification=what, day=last)


def _prerequisite(saw: Values, telling: Telling) -> Iterator[str]:
    where = telling.label(str(saw["access_point"]))
    if saw["last"] is None:
        yield telling.translate(N_("The person has never passed {where}."), where=where)
    else:
        words = N_("The person last passed {where} at {time}.")
        yield telling.translate(words, where=where, time=telling.minute(saw["last"]))
    yield from _day_began(saw, telling)
    if saw.get("last_exit") is not None:
        words = N_("The person last left at {time} and must have passed {where} since.")
        yield telling.translate(words, time=telling.minute(saw["last_exit"]), where=where)


def _anti_passback(saw: Values, telling: Telling) -> Iterator[str]:
    if saw["forgiven"]:
        yield telling.translate(N_("An account has allowed the next entry."))
    if saw["inside_since"] is not None:
        yield telling.translate(
            N_("Inside since {time}, according to the log."), time=telling.minute(saw["inside_since"])
        )
        if saw["over"]:
            yield from _day_began(saw, telling)
            yield telling.translate(N_("Therefore the missed tap out no longer counts."))
    elif saw["last"] is None:
        yield telling.translate(N_("The log has no entry of this person."))
    else:
        yield telling.translate(
            N_("Not inside, according to the log; last entry {time}."), time=telling.minute(saw["last"])
        )
    if saw["outer"] is not None:
        words = N_("The log has no entry of this person into the surrounding area {area}.")
        yield telling.translate(words, area=telling.area(str(saw["outer"])))
    if minutes := _number(saw["minutes"]):
        yield telling.translate(N_("No second entry within {count} min."), count=minutes)


def _first_person_in(saw: Values, telling: Telling) -> Iterator[str]:
    who = telling.categories(saw["categories"])
    if saw["last"] is None:
        yield telling.translate(N_("Nobody of {categories} has entered yet."), categories=who)
    else:
        words = N_("The last entry of {categories} was at {time}.")
        yield telling.translate(words, categories=who, time=telling.minute(saw["last"]))
    yield from _day_began(saw, telling)
    yield _category_sentence(saw, telling)


def _day_began(saw: Values, telling: Telling) -> Iterator[str]:
    yield telling.translate(N_("The day of the site began at {time}."), time=telling.minute(saw["day_began"]))


def _supervisor_present(saw: Values, telling: Telling) -> Iterator[str]:
    yield _category_sentence(saw, telling)
    if saw["asked"]:
        yield telling.translate(N_("Supervisors inside: {count}."), count=saw["supervisors"])
    else:
        yield telling.translate(N_("The rule does not apply to this category."))


def _escort(saw: Values, telling: Telling) -> Iterator[str]:
    yield _category_sentence(saw, telling)
    if not saw["asked"]:
        yield telling.translate(N_("The rule does not apply to this category."))
    elif saw["seconds"] == 0:
        yield telling.translate(N_("An escort is inside.") if saw["inside"] else N_("No escort is inside."))
    elif saw["inside"] and not saw["of_an_area"]:
        yield telling.translate(N_("An escort entered within the {count} s before."), count=saw["seconds"])
    elif saw["inside"]:
        words = N_("An escort entered within the {count} s before and is still inside.")
        yield telling.translate(words, count=saw["seconds"])
    elif saw["ahead"]:
        words = N_("An escort entered within the {count} s before and has left again.")
        yield telling.translate(words, count=saw["seconds"])
    else:
        yield telling.translate(N_("No escort entered within the {count} s before."), count=saw["seconds"])


def _staff_mix(saw: Values, telling: Telling) -> Iterator[str]:
    yield telling.translate(N_("With this person, {people} are inside."), people=saw["people"])
    for have, needed, words in (
        ("supervisors", "supervisors_needed", N_("Supervisors: {have}, needed: {needed}.")),
        ("regulars", "regulars_needed", N_("Regular staff: {have}, needed: {needed}.")),
    ):
        if saw[needed]:
            yield telling.translate(words, have=saw[have], needed=saw[needed])
    yield _category_sentence(saw, telling)


def _occupancy(saw: Values, telling: Telling) -> Iterator[str]:
    inside, coming, most = (_number(saw[key]) for key in ("inside", "coming", "most"))
    if most:
        yield telling.translate(
            N_("Inside: {inside}, entering: {coming}, at most: {most}."), **_counts(inside, coming, most)
        )
    else:
        yield telling.translate(N_("Inside: {inside}; no upper limit is set."), inside=inside)


def _counts(inside: int, coming: int, most: int) -> dict[str, int]:
    return {"inside": inside, "coming": coming, "most": most}


def _interlock(saw: Values, telling: Telling) -> Iterator[str]:
    waiting, every = _labels(saw["open"], telling), _labels(saw["doors"], telling)
    if waiting:
        yield telling.translate(N_("Open or released: {doors}."), doors=waiting)
    else:
        yield telling.translate(N_("Closed: {doors}."), doors=every)


def _dual_access(saw: Values, telling: Telling) -> Iterator[str]:
    unless = _number(saw["unless_inside"])
    if unless:
        words = N_("Inside: {inside}; not required from {unless} people.")
        yield telling.translate(words, inside=saw["inside"], unless=unless)
    if saw["first"]:
        yield telling.translate(
            N_("Another person tapped within the {count} s before."), count=saw["seconds"]
        )
    else:
        yield telling.translate(
            N_("No other person tapped within the {count} s before."), count=saw["seconds"]
        )


def _leaving(saw: Values, telling: Telling) -> Iterator[str]:
    words = N_("Inside before: {inside}, of them supervisors: {supervisors}.")
    yield telling.translate(words, inside=saw["inside"], supervisors=saw["supervisors"])


def _category_sentence(saw: Values, telling: Telling) -> str:
    return telling.translate(
        N_("The person's category: {category}."), category=telling.category(saw["category"])
    )


def _labels(names: Json, telling: Telling) -> str:
    return telling.listed(telling.label(str(name)) for name in names) if isinstance(names, list) else ""


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


_SENTENCES: Mapping[str, Callable[[Values, Telling], Iterator[str]]] = {
    "door_mode": _door_mode,
    "lockdown": _lockdown,
    "pin": _pin,
    "assurance": _assurance,
    "qualifications": _qualifications,
    "prerequisite": _prerequisite,
    "anti_passback": _anti_passback,
    "first_person_in": _first_person_in,
    "supervisor_present": _supervisor_present,
    "escort": _escort,
    "staff_mix": _staff_mix,
    "occupancy": _occupancy,
    "interlock": _interlock,
    "dual_access": _dual_access,
    "leaving": _leaving,
}
