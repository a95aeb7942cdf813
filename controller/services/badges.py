"""Badges (credentials): enrol, change validity, suspend, resume, report lost.

Days are days of the site: the first and the last day a badge is good for, both included.
"""

from dataclasses import dataclass
from datetime import date

from controller.model.credentials import Assurance, CredentialKind, CredentialStatus
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House


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


@dataclass(frozen=True, slots=True)
class BadgesPage:
    badges: tuple[Badge, ...]
    next: str | None


def search(
    house: House,
    operator: Operator,
    now: Moment,
    last_four: str = "",
    after: str | None = None,
    limit: int = 50,
) -> BadgesPage:
    """All badges, or those ending in `last_four`, in a steady order."""
    raise NotImplementedError


def get(house: House, operator: Operator, now: Moment, badge_id: str) -> Badge:
    raise NotImplementedError


def add(
    house: House,
    operator: Operator,
    now: Moment,
    person_id: str,
    number: str,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Badge:
    """`number` is hex as typed. Refused when it is enrolled already, or random (phones)."""
    raise NotImplementedError


def add_learned(
    house: House,
    operator: Operator,
    now: Moment,
    person_id: str,
    order_id: int,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Badge:
    """Enrol the card the door learned for `order_id`; only the operator who asked may."""
    raise NotImplementedError


def add_for_holder(
    house: House, operator: Operator, now: Moment, holder: str, number: str, level: str | None = None
) -> Badge:
    """For the command line: by name. One such person gets the badge, none is added, several refuse.

    `level` is a level's name, given to the person besides those held.
    """
    raise NotImplementedError


def edit(
    house: House,
    operator: Operator,
    now: Moment,
    badge_id: str,
    first_day: date | None,
    last_day: date | None,
) -> Badge:
    raise NotImplementedError


def suspend(house: House, operator: Operator, now: Moment, badge_id: str, reason: str = "") -> Badge:
    raise NotImplementedError


def resume(house: House, operator: Operator, now: Moment, badge_id: str, reason: str = "") -> Badge:
    """Also for a lost badge that was found."""
    raise NotImplementedError


def lost(house: House, operator: Operator, now: Moment, badge_id: str, reason: str = "") -> Badge:
    """The door refuses it from the next tap on."""
    raise NotImplementedError


def find_by_number(house: House, operator: Operator, now: Moment, number: str) -> Badge:
    """The badge with this card number; for the command line."""
    raise NotImplementedError
