"""Turn one line of an import into one person with one badge."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.errors import N_, BadInput
from controller.model.credentials import Assurance, CardholderStatus, CredentialStatus
from controller.model.import_codes import ImportCode
from controller.model.rule_book import Category
from controller.registry.badges import BadgeRow
from controller.registry.database import new_reference
from controller.registry.imports import StagedRow
from controller.registry.name_folding import folded
from controller.registry.people import PersonRow
from controller.services import typed_texts, validity
from controller.services.field_errors import FieldErrors
from controller.services.people.enrolment import Card, new_card
from controller.services.people.import_file import Row
from controller.services.site import Site

_BETWEEN = re.compile(r"[、,，;；/／|\n]")


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A line as it will be imported. `badge` is the last four digits of the number."""

    line: int
    name: str
    kana: str
    badge: str
    levels: tuple[str, ...]
    category: Category | None
    valid_from: validity.Limit
    valid_until: validity.Limit

    def from_text(self, zone: ZoneInfo) -> str:
        return validity.limit_text(self.valid_from, zone) or ""

    def until_text(self, zone: ZoneInfo) -> str:
        return validity.limit_text(self.valid_until, zone) or ""


class Vocabulary:
    """The valid texts of a column's cells: the access levels and the categories of the rules."""

    def __init__(self, level_ids: Mapping[str, str], categories: Mapping[str, Category]) -> None:
        self.level_names = {id_: name for name, id_ in level_ids.items()}
        self.categories = categories
        self._levels = level_ids
        self._folded_levels = {folded(name): id_ for name, id_ in level_ids.items()}

    def level_ids(self, cell: str) -> tuple[str, ...]:
        """One level, or several with 、 , ; / or a line break between them."""
        parts = [cell] if self._level(cell) else [part.strip() for part in _BETWEEN.split(cell)]
        with FieldErrors() as fields:
            found = [fields.check(self._require_level, part) for part in dict.fromkeys(parts) if part]
        return tuple(dict.fromkeys(found))

    def _require_level(self, name: str) -> str:
        found = self._level(name)
        if found is None:
            raise BadInput(
                "level",
                N_("There is no access level named {level}; add it first."),
                ImportCode.NO_LEVEL,
                level=name,
            )
        return found

    def _level(self, name: str) -> str | None:
        return self._levels.get(name) or self._folded_levels.get(folded(name))

    def category(self, cell: str) -> Category | None:
        """Find it by its code, a label in either language, or the unambiguous start of a label."""
        if not cell:
            return None
        wanted = folded(cell)
        whole = [one for one in self.categories.values() if wanted in map(folded, _names(one))]
        starts = [
            one
            for one in self.categories.values()
            if wanted and any(folded(name).startswith(wanted) for name in _names(one))
        ]
        found = whole or starts
        if len(found) != 1:
            raise BadInput(
                "category",
                N_("The rules have no category {name}; choose one of {known}."),
                ImportCode.NO_CATEGORY,
                name=cell,
                known=_all(self.categories.values()),
            )
        return found[0]


def parsed(site: Site, row: Row, vocabulary: Vocabulary) -> StagedRow:
    """Raise BadInput, with a code for each error in the row."""
    values = row.values
    zone = site.config.site.time_zone
    with FieldErrors() as fields:
        name = fields.check(typed_texts.name_text, "name", values["name"])
        kana = fields.check(typed_texts.optional_text, "kana", values.get("kana", ""))
        card = fields.check(card_of, site, row)
        limits = fields.check(_limits, row, zone)
        level_ids = fields.check(vocabulary.level_ids, values.get("level", "").strip()[:1000])
        category = fields.check(_category, row, vocabulary)
    valid_from, valid_until = limits
    person = PersonRow(new_reference(), name, kana, CardholderStatus.ACTIVE)
    badge = BadgeRow(
        id=new_reference(),
        person_id=person.id,
        person_name=name,
        last_four=card.last_four,
        kind=card.kind,
        assurance=Assurance.NUMBER_ONLY,
        status=CredentialStatus.ACTIVE,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return StagedRow(
        person=person,
        badge=badge,
        card_hash=card.card_hash,
        level_ids=level_ids,
        category=category.name if category else None,
    )


def card_of(site: Site, row: Row) -> Card:
    values = row.values
    return new_card(site, values.get("idm", ""), values.get("kind", ""), values.get("bits", ""))


def _limits(row: Row, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    with FieldErrors() as fields:
        first = fields.check(validity.limit, "valid_from", row.values.get("valid_from", ""), zone)
        last = fields.check(validity.limit, "valid_until", row.values.get("valid_until", ""), zone)
    return validity.moments(first, last, zone)


def _category(row: Row, vocabulary: Vocabulary) -> Category | None:
    return vocabulary.category(typed_texts.optional_text("category", row.values.get("category", "")))


def preview(site: Site, line: int, staged: StagedRow, vocabulary: Vocabulary) -> PreviewRow:
    zone = site.config.site.time_zone
    return PreviewRow(
        line=line,
        name=staged.person.name,
        kana=staged.person.kana,
        badge=staged.badge.last_four,
        levels=tuple(vocabulary.level_names[id_] for id_ in staged.level_ids),
        category=vocabulary.categories[staged.category] if staged.category else None,
        valid_from=validity.first_limit(staged.badge.valid_from, zone),
        valid_until=validity.last_limit(staged.badge.valid_until, zone),
    )


def _names(category: Category) -> tuple[str, str, str]:
    return category.name, category.label_en, category.label_ja


def _all(categories: Iterable[Category]) -> str:
    return ", ".join(f"{one.name} ({one.label_ja})" for one in categories) or "–"
