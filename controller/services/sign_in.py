"""The way in: set-up code, sign-in, sessions, sign-out.

A session is 256 random bits in the browser and their SHA-256 here. It dies after 30 minutes unused, after
12 hours, at sign-out, and at once when its operator is disabled.
"""

from dataclasses import dataclass

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House


@dataclass(frozen=True, slots=True)
class SignedIn:
    operator: Operator
    token: str  # for the session cookie
    device: str  # for the device cookie (180 days): this browser is known, see `sign_in`


def set_up_needed(house: House) -> bool:
    """True until the first administrator exists. One indexed look; cheap enough for every request."""
    raise NotImplementedError


def new_set_up_code(house: House, now: Moment) -> str:
    """128 bits, good for one hour and one use; replaces an earlier one. Refused once an operator exists."""
    raise NotImplementedError


def first_administrator(
    house: House,
    now: Moment,
    code: str,
    name: str,
    display_name: str,
    language: str,
    password: str,
    address: str,
) -> SignedIn:
    """Uses the code up. BadInput names the field; a wrong or old code is BadInput("code", …)."""
    raise NotImplementedError


def sign_in(
    house: House, now: Moment, name: str, password: str, address: str, device: str | None = None
) -> SignedIn:
    """Raises Throttled, or BadInput("password", …) with one answer for every kind of failure.

    At most 10 tries in 15 minutes and 100 in all for an account until an administrator sets its password;
    a browser that signed in before (`device`) is counted by itself, so its owner can still get in.
    """
    raise NotImplementedError


def session(house: House, now: Moment, token: str) -> Operator | None:
    """Whose session this is, as the account stands now; None when it is dead."""
    raise NotImplementedError


def sign_out(house: House, now: Moment, operator: Operator, token: str) -> None:
    raise NotImplementedError
