"""A badge as the pages show it, and its fields in the record of a change."""

from dataclasses import dataclass
from datetime import date, datetime

from controller.errors import N_, NotFound
from controller.model.credentials import Assurance, CredentialKind, CredentialStatus
from controller.model.events import Json
from controller.registry.badges import BadgeRow
from controller.services import validity
from controller.services.site import Site


@dataclass(frozen=True, slots=True)
class Badge:
    id: str
    person_id: str
    person_name: str
    last_four: str
    kind: CredentialKind
    assurance: Assurance
    status: CredentialStatus
    first_day: date | None
    last_day: date | None
    valid_from: datetime | None  # inclusive
    valid_until: datetime | None  # exclusive
    first: str | None  # as text for people: a day, or a minute
    last: str | None


def build_badge(site: Site, row: BadgeRow) -> Badge:
    zone = site.config.site.time_zone
    return Badge(
        id=row.id,
        person_id=row.person_id,
        person_name=row.person_name,
        last_four=row.last_four,
        kind=row.kind,
        assurance=row.assurance,
        status=row.status,
        first_day=validity.first_day_of(row.valid_from, zone),
        last_day=validity.last_day_of(row.valid_until, zone),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        first=validity.limit_text(validity.first_limit(row.valid_from, zone), zone),
        last=validity.limit_text(validity.last_limit(row.valid_until, zone), zone),
    )


def audit_fields(site: Site, row: BadgeRow) -> dict[str, Json]:
    """The fields that an operator may change."""
    badge = build_badge(site, row)
    return {
        "status": badge.status.value,
        "first_day": badge.first,
        "last_day": badge.last,
    }


def require_badge(row: BadgeRow | None) -> BadgeRow:
    if row is None:
        raise NotFound(N_("There is no such badge; check the number, or choose one from the list."))
    return row
