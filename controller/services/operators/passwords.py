"""Passwords: their strength and their hash.

A password needs 15 characters, because there is no second factor (NIST SP 800-63B-4 requires 15 for a
password used alone). A sentence is easier to remember than a short riddle, so there is no rule about kinds of
characters. A hash takes 19 MiB, so only one runs at a time: a flood of sign-ins must not exhaust the
machine's memory.
"""

import re
import threading
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from controller.errors import N_, BadInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 15, 128
_ONE_AT_A_TIME = threading.Lock()
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "あいうえおかきくけこさしすせそ",
)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """password passw0rd passwort letmein welcome iloveyou admin administrator root master secret login
        dragon monkey football baseball sunshine princess superman batman trustno whatever computer internet
        genkan entrance door office company badge qwerty asdf zxcv test testing guest user changeme default
        security access control sakura nihon japan tokyo osaka pasuwado himitsu kaisha""",
    )
)


@dataclass(frozen=True)
class PasswordCost:
    """The cost of one Argon2id hash. Only tests use less than FULL."""

    memory_kib: int
    passes: int

    @property
    def nobody(self) -> str:
        """A hash that no password matches; verifying it makes an unknown name take as long as a known one."""
        return (
            f"$argon2id$v=19$m={self.memory_kib},t={self.passes},p=1"
            "$Z2Vua2FuZ2Vua2FuZ2Vua2E$xFQK7Ns0qQH1gHc3NlTzGCnMF1Y4m8FSmmZMTB5cJyA"
        )


# The minimum for Argon2id in OWASP's password storage cheat sheet.
FULL = PasswordCost(memory_kib=19 * 1024, passes=2)


def check_new(field: str, password: str, names: tuple[str, ...] = ()) -> str:
    """Return the normalised password for hashing. It must not consist of `names`. Raise BadInput."""
    if len(password) > 4 * LONGEST:
        raise BadInput(field, N_("The password is too long; use at most {most} characters."), most=LONGEST)
    normal = normalised(password)
    if any(unicodedata.category(c) == "Cs" for c in normal):
        raise BadInput(field, N_("The password contains a character that cannot be stored; enter it again."))
    if len(normal) < SHORTEST:
        raise BadInput(
            field,
            N_("The password has {length} characters; use at least {least}, for example a sentence."),
            length=len(normal),
            least=SHORTEST,
        )
    if len(normal) > LONGEST:
        raise BadInput(field, N_("The password is too long; use at most {most} characters."), most=LONGEST)
    if _is_easy(normal.casefold(), names):
        raise BadInput(
            field,
            N_("This password is too common; use a sentence that only you would write."),
        )
    return normal


def normalised(password: str) -> str:
    """Normalise, so that the same keys give the same password on every keyboard."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str, cost: PasswordCost = FULL) -> str:
    with _ONE_AT_A_TIME:
        text: str = _hasher(cost).hash(normalised(password).encode("utf-8", "replace"))
        return text


def matches(stored: str | None, password: str, cost: PasswordCost = FULL) -> bool:
    """`stored` is None if there is no such account; the check then takes as long as for the others."""
    from argon2.exceptions import InvalidHashError, VerificationError

    typed = normalised(password[: 4 * LONGEST]).encode("utf-8", "replace")
    with _ONE_AT_A_TIME:
        try:
            return _hasher(cost).verify(stored or cost.nobody, typed) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def _hasher(cost: PasswordCost) -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=1)


def _is_easy(password: str, names: tuple[str, ...]) -> bool:
    """Few characters, one thing repeated, a run of keys, or common words and digits put together."""
    if len(set(password)) < 5:
        return True
    if any(
        password == password[:size] * (len(password) // size) for size in range(1, len(password) // 2 + 1)
    ):
        return True
    if any(password in run * 2 or password in (run * 2)[::-1] for run in _RUNS):
        return True
    rest = re.sub(r"[\W\d_]+", " ", password)
    guessable = _COMMON | {name.casefold() for name in names if len(name) > 2}
    return all(_consists_of(word, guessable) for word in rest.split())


def _consists_of(word: str, guessable: frozenset[str] | set[str]) -> bool:
    """Whether the word is one or more known words after each other."""
    if len(word) < 3:
        return True
    return any(
        word.startswith(part) and (len(word) == len(part) or _consists_of(word[len(part) :], guessable))
        for part in guessable
    )
