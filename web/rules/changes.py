"""The differences between two rule books in sentences: where, before, after."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from controller.errors import N_
from controller.model.rule_book import Area, Category, DoorRules, Qualification, RuleBook, Rules
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode, RuleSetting
from web.rules.order import rule_sentence
from web.rules.sentences import door_sentences
from web.words.codes import message_key
from web.words.words import Words


@dataclass(frozen=True, slots=True)
class RuleChange:
    """`before` is "" for an addition, `after` for a removal. `path` is the path in the file. `rule` decides
    how many people the change affects."""

    where: str
    before: str
    after: str
    path: str
    rule: tuple[RuleName, RuleSetting] | None = None


def rule_changes(
    before: RuleBook,
    after: RuleBook,
    words: Words,
) -> list[RuleChange]:
    was, is_now = words.by(before), words.by(after)
    found = [
        *_named(
            before.categories,
            after=after.categories,
            part="categories",
            was=was,
            is_now=is_now,
            describe=_category,
        ),
        *_named(
            before.qualifications,
            after=after.qualifications,
            part="qualifications",
            was=was,
            is_now=is_now,
            describe=_qualification,
        ),
        *_named(before.areas, after=after.areas, part="areas", was=was, is_now=is_now, describe=_area),
    ]
    for name in {**before.areas, **after.areas}:
        area_label = (is_now if name in after.areas else was).areas([name])
        old = before.areas[name].rules if name in before.areas else {}
        new = after.areas[name].rules if name in after.areas else {}
        found += _rules(area_label, path=f"areas.{name}.rules", before=old, after=new, was=was, is_now=is_now)
    for name in {**before.doors, **after.doors}:
        old_door, new_door = before.door(name), after.door(name)
        place = is_now.place(name)
        found += _modes(
            place, path=f"doors.{name}.mode", before=old_door, after=new_door, was=was, is_now=is_now
        )
        found += _rules(
            is_now.place(name),
            path=f"doors.{name}.rules",
            before=old_door.rules,
            after=new_door.rules,
            was=was,
            is_now=is_now,
        )
    return [*found, *_holidays(before, after, is_now)]


def mode_text(words: Words, sentence: str, mode: RuleMode) -> str:
    return words.translate(
        N_("{sentence} ({mode})"), sentence=sentence, mode=words.translate(message_key(mode))
    )


def _rules(
    where: str, path: str, before: Rules, after: Rules, was: Words, is_now: Words
) -> Iterator[RuleChange]:
    """A rule that is off equals a missing one."""
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        text, new_text = _rule(was, name, old), _rule(is_now, name, new)
        setting = new if new_text else old
        if text != new_text and setting is not None:
            title = f"{where}: {is_now.translate(message_key(name))}"
            yield RuleChange(
                where=title, before=text, after=new_text, path=f"{path}.{name.value}", rule=(name, setting)
            )


def _rule(words: Words, name: RuleName, setting: RuleSetting | None) -> str:
    if setting is None or setting.mode is RuleMode.OFF:
        return ""
    return mode_text(words, rule_sentence(words, name, setting), setting.mode)


def _modes(
    where: str, path: str, before: DoorRules, after: DoorRules, was: Words, is_now: Words
) -> Iterator[RuleChange]:
    text, new_text = door_sentences(was, before), door_sentences(is_now, after)
    if text != new_text:
        yield RuleChange(where, was.join_sentences(text), is_now.join_sentences(new_text), path)


Describe = Callable[[Words, str], str]


def _named(
    before: Mapping[str, object],
    after: Mapping[str, object],
    part: str,
    was: Words,
    is_now: Words,
    describe: Describe,
) -> Iterator[RuleChange]:
    for name in {**before, **after}:
        old = describe(was, name) if name in before else ""
        new = describe(is_now, name) if name in after else ""
        if old != new:
            yield RuleChange(is_now.translate(_PARTS[part]), old, new, f"{part}.{name}")


_PARTS = {"categories": N_("Category"), "qualifications": N_("Qualification"), "areas": N_("Area")}


def _area(words: Words, name: str) -> str:
    area: Area = words.book.areas[name]
    sentence = words.translate(
        N_("{area}: entries {entries}; exits {exits}."),
        area=f"{area.label_en} / {area.label_ja}",
        entries=words.places(area.entries) or "–",
        exits=words.places(area.exits) or "–",
    )
    if not area.within:
        return sentence
    return words.join_sentences(
        [sentence, words.translate(N_("Lies within {area}."), area=words.areas([area.within]))]
    )


def _category(words: Words, name: str) -> str:
    one: Category = words.book.categories[name]
    kinds = [
        words.translate(word)
        for flag, word in ((one.supervisor, N_("supervisors")), (one.regular, N_("regular staff")))
        if flag
    ]
    labels = f"{one.label_en} / {one.label_ja}"
    return f"{labels} ({words.join_list(kinds)})" if kinds else labels


def _qualification(words: Words, name: str) -> str:
    one: Qualification = words.book.qualifications[name]
    key = N_("{name}: warning {days} days before it expires.")
    return words.translate(key, name=f"{one.label_en} / {one.label_ja}", days=one.warn_days)


def _holidays(before: RuleBook, after: RuleBook, words: Words) -> Iterator[RuleChange]:
    old, new = before.holidays, after.holidays
    where = words.translate(N_("Holidays"))
    if old.country != new.country:
        yield RuleChange(where, old.country or "–", new.country or "–", "holidays.country")
    for day in sorted({*old.days, *new.days}):
        if old.days.get(day) != new.days.get(day):
            text, new_text = (f"{day}: {days[day]}" if day in days else "" for days in (old.days, new.days))
            yield RuleChange(where, text, new_text, f"holidays.days.{day}")
