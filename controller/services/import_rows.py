"""One line of an import becomes one person with one badge."""

from collections.abc import Collection, Mapping

from controller.errors import N_, BadInput
from controller.model.credentials import Assurance, CardholderStatus, CredentialStatus
from controller.registry.badges import BadgeRow
from controller.registry.imports import StagedRow
from controller.registry.people import PersonRow
from controller.services import days, texts
from controller.services.enrolment import typed_card
from controller.services.house import House
from controller.services.import_file import BadRow, Row
from controller.services.references import new_reference


def parsed(
    house: House, row: Row | BadRow, level_ids: Mapping[str, str], categories: Collection[str]
) -> StagedRow:
    """Raise BadInput with the first thing wrong in the row."""
    if isinstance(row, BadRow):
        raise BadInput("file", row.key)
    values = row.values
    name = texts.name_text("name", values["name"])
    kana = texts.optional_text("kana", values.get("kana", ""))
    card = typed_card(house, values.get("idm", ""))
    valid_from, valid_until = days.moments(
        days.day("valid_from", values.get("valid_from", "")),
        days.day("valid_until", values.get("valid_until", "")),
        house.config.site.time_zone,
    )
    level = texts.optional_text("level", values.get("level", ""))
    if level and level not in level_ids:
        raise BadInput("level", N_("There is no access level called {level}; add it first."), level=level)
    category = texts.optional_text("category", values.get("category", "")) or None
    if category is not None and category not in categories:
        raise BadInput("category", N_("The rules have no category {name}; choose another."), name=category)
    person = PersonRow(new_reference(), name, kana, CardholderStatus.ACTIVE)
    badge = BadgeRow(
        new_reference(),
        person.id,
        name,
        card.last_four,
        card.kind,
        Assurance.NUMBER_ONLY,
        CredentialStatus.ACTIVE,
        valid_from,
        valid_until,
    )
    return StagedRow(person, badge, card.card_hash, level_ids.get(level), category)
