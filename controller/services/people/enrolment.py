"""Enrol a card as a person's badge, from the typed number or from the card that the door learned."""

from dataclasses import dataclass

from controller.errors import N_, BadInput, FieldConflict
from controller.model.credentials import Assurance, CardNumber, CredentialKind, CredentialStatus
from controller.model.import_codes import ImportCode
from controller.model.orders import ActionType
from controller.registry import badges
from controller.registry.badges import BadgeRow
from controller.registry.card_hash import card_hash
from controller.registry.database import Connection, new_reference
from controller.registry.people import PersonRow
from controller.services import validity
from controller.services.acting import Acting
from controller.services.people.badge_kinds import number_of_kind, refuse_unread
from controller.services.site import Site
from controller.services.validity import Limit


@dataclass(frozen=True, slots=True)
class Card:
    """The parts of a card number that the registry stores."""

    card_hash: bytes
    last_four: str
    kind: CredentialKind


def new_card(site: Site, number: str, kind: str = "", bits: str = "") -> Card:
    """A `typed_card`. Raise BadInput also if no reader of this site can read it."""
    card = typed_card(site, number, kind, bits)
    refuse_unread(site, card.kind)
    return card


def typed_card(site: Site, number: str, kind: str = "", bits: str = "") -> Card:
    """Raise BadInput for what is not a card number, and for the random numbers of phones.

    `kind` and `bits` are as people type them; if both are empty, the length of the number decides.
    """
    try:
        parsed = number_of_kind(number[:200], kind, bits) or CardNumber.parse(number[:200])
    except BadInput:
        raise
    except ValueError:
        raise BadInput(
            "number",
            N_(
                "This is not a card number; enter the 16 hexadecimal digits of the IDm, "
                "or the 8, 14 or 20 of a Type A card."
            ),
            ImportCode.NOT_A_CARD_NUMBER,
        ) from None
    if parsed.is_random:
        raise BadInput(
            "number",
            N_(
                "This number (4 bytes starting with 08) is random at every tap, as on phones; use a card "
                "with a fixed number."
            ),
            ImportCode.RANDOM_NUMBER,
        )
    return Card(card_hash(site.key, parsed), parsed.last_four, parsed.kind)


def enrol(
    acting: Acting,
    db: Connection,
    person: PersonRow,
    card: Card,
    first: Limit = None,
    last: Limit = None,
) -> BadgeRow:
    """Add the badge and record it, within the caller's write. Refuse a card that is already enrolled."""
    zone = acting.site.config.site.time_zone
    valid_from, valid_until = validity.moments(first, last, zone)
    refuse_enrolled(db, card)
    row = BadgeRow(
        id=new_reference(),
        person_id=person.id,
        person_name=person.name,
        last_four=card.last_four,
        kind=card.kind,
        assurance=Assurance.NUMBER_ONLY,
        status=CredentialStatus.ACTIVE,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    badges.add_badge(db, row, card.card_hash)
    acting.record(
        db,
        ActionType.BADGE_ADDED,
        "badge",
        row.id,
        after={
            "person": person.name,
            "last_four": row.last_four,
            "kind": row.kind.value,
            "first_day": validity.limit_text(first, zone),
            "last_day": validity.limit_text(last, zone),
        },
    )
    return row


def refuse_enrolled(db: Connection, card: Card) -> None:
    held = badges.badge_with_hash(db, card.card_hash)
    if held is not None:
        raise FieldConflict(
            "number",
            N_(
                "This card (…{last_four}) is already the badge of {person}. A card belongs to one "
                "person; use another card."
            ),
            last_four=held.last_four,
            person=held.person_name,
        )
    if badges.is_staged(db, card.card_hash):
        raise FieldConflict(
            "number",
            N_(
                "This card (…{last_four}) is in a checked import that is not published yet; publish or "
                "discard that import first."
            ),
            last_four=card.last_four,
        )
