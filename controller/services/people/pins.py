"""The PINs of cardholders: set, generate, remove. The registry stores only a keyed hash of a PIN."""

import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from controller.errors import N_, BadInput, Conflict
from controller.model.orders import ActionType
from controller.model.pins import LEAST_DIGITS, MOST_DIGITS, StoredPin, is_trivial, least_digits
from controller.registry import people
from controller.registry import pins as rows
from controller.registry.database import Connection
from controller.registry.pin_hash import pin_hash
from controller.services import erasures
from controller.services.acting import Acting
from controller.services.people import holders
from controller.services.rights import Right


@dataclass(frozen=True, slots=True)
class PinState:
    """`least` is the number of digits that a PIN of this person needs now. `too_short`: an existing PIN has
    fewer, because more people have PINs since. `short` is the number of people with such PINs.
    """

    set_utc: datetime | None
    has_duress: bool
    least: int
    too_short: bool
    short: int


def state(acting: Acting, person_id: str) -> PinState:
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        erasures.refuse_erased(db, person_id)
        holders.require_person(people.person(db, person_id))
        stored = rows.pin_of(db, person_id)
        least = least_digits(_holders(db, stored))
        return PinState(
            set_utc=rows.set_at(db, person_id),
            has_duress=stored is not None and stored.duress_hash is not None,
            least=least,
            too_short=stored is not None and stored.shortest < least,
            short=rows.shorter_than(db, least),
        )


def set_pin(acting: Acting, person_id: str, pin: str, again: str) -> None:
    """Replace the PIN; the duress PIN stays."""
    acting.require(Right.EDIT_PEOPLE)
    digits = _typed("pin", pin, again)
    hash_ = pin_hash(acting.site.key, person_id, digits)
    with acting.site.registry.write() as db:
        stored = rows.pin_of(db, person_id)
        _refuse_short(db, "pin", digits, stored)
        if stored is not None and stored.duress_hash == hash_:
            raise BadInput("pin", N_("This is the duress PIN; the PIN must be another."))
        if stored is None:
            changed = StoredPin(hash_, len(digits))
        else:
            changed = replace(stored, hash=hash_, digits=len(digits))
        _save(acting, db, person_id, changed, duress=False)


def set_duress(acting: Acting, person_id: str, pin: str, again: str) -> None:
    """Set the other PIN, which opens the door as usual and raises a silent alarm."""
    acting.require(Right.EDIT_PEOPLE)
    digits = _typed("duress", pin, again)
    hash_ = pin_hash(acting.site.key, person_id, digits)
    with acting.site.registry.write() as db:
        stored = rows.pin_of(db, person_id)
        if stored is None:
            raise Conflict(N_("This person has no PIN yet; set that first, and then the duress PIN."))
        _refuse_short(db, "duress", digits, stored)
        if stored.hash == hash_:
            raise BadInput("duress", N_("This is the PIN itself; the duress PIN must be another."))
        changed = replace(stored, duress_hash=hash_, duress_digits=len(digits))
        _save(acting, db, person_id, changed, duress=True)


def generate(acting: Acting, person_id: str) -> str:
    """Set a random PIN and return it, only this once."""
    length = state(acting, person_id).least
    for _ in range(20):
        digits = "".join(secrets.choice("0123456789") for _ in range(length))
        if is_trivial(digits):
            continue
        try:
            set_pin(acting, person_id, digits, digits)
            return digits
        except BadInput:  # it equals the duress PIN, or more digits are needed by now
            length = state(acting, person_id).least
    raise AssertionError("unreachable")


def remove(acting: Acting, person_id: str) -> None:
    """Remove both PINs; record nothing if there is none."""
    acting.require(Right.EDIT_PEOPLE)
    with acting.site.registry.write() as db:
        person = holders.require_person(people.person(db, person_id))
        if rows.pin_of(db, person_id) is None:
            return
        rows.remove_pin(db, person_id)
        before = {"name": person.name}
        acting.record(db, ActionType.PIN_REMOVED, "person", person_id, before=before)


def _save(acting: Acting, db: Connection, person_id: str, pin: StoredPin, duress: bool) -> None:
    """Store the PIN; the record contains which of the two was set, but never a digit."""
    person = holders.require_person(people.person(db, person_id))
    rows.save_pin(db, person_id, pin, acting.moment.utc)
    after = {"name": person.name} | ({"duress_pin": True} if duress else {})
    acting.record(db, ActionType.PIN_SET, "person", person_id, after=after)


def _holders(db: Connection, stored: StoredPin | None) -> int:
    """The number of people with a PIN, including the one who gets one now."""
    return rows.holders(db) + (stored is None)


def _typed(field: str, pin: str, again: str) -> str:
    """Return the digits, or raise BadInput; the error text never repeats them."""
    digits, repeated = (unicodedata.normalize("NFKC", text[:100]).strip() for text in (pin, again))
    if not (digits.isascii() and digits.isdecimal()):
        raise BadInput(field, N_("A PIN must be digits only, 0 to 9."))
    if len(digits) > MOST_DIGITS:
        raise BadInput(
            field, N_("A PIN must have at most {most} digits; enter a shorter one."), most=MOST_DIGITS
        )
    if len(digits) < LEAST_DIGITS:
        raise BadInput(
            field, N_("A PIN must have at least {least} digits; enter a longer one."), least=LEAST_DIGITS
        )
    if is_trivial(digits):
        raise BadInput(field, N_("Equal or consecutive digits are easy to guess; mix them."))
    if digits != repeated:
        raise BadInput(field, N_("The two differ; enter the same PIN twice."))
    return digits


def _refuse_short(db: Connection, field: str, digits: str, stored: StoredPin | None) -> None:
    count = _holders(db, stored)
    least = least_digits(count)
    if len(digits) < least:
        raise BadInput(
            field,
            N_(
                "With {count} people who have a PIN, each PIN needs at least {least} digits (a thousand "
                "codes for each person); enter a longer one."
            ),
            count=count,
            least=least,
        )
