"""The values of an operator's action in words: codes, places, moments and references as people read them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from controller.errors import N_
from controller.model.credentials import Assurance, CardholderStatus, CredentialKind, CredentialStatus
from controller.model.events import EventType, Json, Section
from controller.model.operators import OperatorRole, OperatorStatus
from controller.model.reasons import MissedTap
from controller.services.log.changes import ReferenceNames
from controller.services.requests.request import Proof
from web.words.calendar_names import WEEKDAYS
from web.words.codes import DAY_TYPES, code_message_key, message_key
from web.words.language import LANGUAGES
from web.words.words import Words

EMPTY = "–"
_CODES: Mapping[str, tuple[type[Enum], ...]] = {
    "status": (CardholderStatus, CredentialStatus, OperatorStatus),
    "role": (OperatorRole,),
    "kind": (CredentialKind,),
    "alarm": (EventType,),
    "missed": (MissedTap,),
    "sections": (Section,),
}
_VIEWS: Mapping[str, str] = {
    "presence": N_("Who is inside"),
    "missed_taps": N_("Missed taps"),
    "explain": N_("Explain"),
    "rehearsal": N_("Rehearsal of the draft"),
}
_PROOFS: Mapping[str, str] = {
    Proof.PASSWORD: N_("with the password"),
    Proof.RECENT_PASSWORD: N_("by a password typed recently"),
}
_FORMATS: Mapping[str, str] = {"csv": "CSV", "jsonl": "JSON Lines", "print": N_("Print-out")}
_KEYS = {"view": _VIEWS, "format": _FORMATS, "confirmed": _PROOFS}
_PLACES = ("door", "reader", "access_point")
_REFERENCE = re.compile(r"[0-9a-f]{16}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class ChangedValues:
    """`names` are the current names of references."""

    words: Words
    names: Mapping[str, str]

    @classmethod
    def of(cls, words: Words, names: ReferenceNames) -> "ChangedValues":
        return cls(words.by(names.book), names.of)

    def text(self, key: str, value: Json) -> str:
        """The value of the field `key`."""
        if value is None or value == "" or value == []:
            return EMPTY
        if isinstance(value, list):
            return self.words.join_list(self.text(key, item) for item in value)
        if isinstance(value, dict):
            return self.words.join_list(f"{name}: {self.text(name, item)}" for name, item in value.items())
        if isinstance(value, bool):
            return self.words.translate(N_("yes") if value else N_("no"))
        return self._text(key, str(value))

    def _text(self, key: str, text: str) -> str:
        if key == "assurance" and text in {str(int(one)) for one in Assurance}:
            return self.words.translate(message_key(Assurance(int(text))))
        if key == "refused" and text == "1":
            return self.words.translate(N_("yes"))
        if key in _CODES:
            return self._word(_CODES[key], text)
        if key in _KEYS:
            return self.words.translate(_KEYS[key].get(text, text))
        if key in _PLACES:
            return self.words.place(text)
        if key in ("area", "within"):
            return self.words.areas(text.split(","))
        if key == "category":
            return self.words.category(text)
        if key == "qualifications":
            name, colon, day = text.partition(": ")
            return f"{self.words.qualification(name)}{colon}{day}"
        if key == "rules":
            point, colon, schedule = text.partition(": ")
            schedule = self.words.translate(N_("always")) if schedule == "always" else schedule
            return f"{self.words.place(point)}{colon}{schedule}"
        if key == "language":
            return LANGUAGES.get(text, text)
        if key == "windows" and text[:1] in tuple("0123456") and text[1:2] == " ":
            return f"{self.words.translate(WEEKDAYS[int(text[0])])} {text[2:]}"
        if key == "special_days":
            day_type, _, hours = text.partition(" ")
            hours_text = self.words.translate(N_("closed all day")) if hours == "closed" else hours
            return f"{self.words.translate(DAY_TYPES.get(day_type, day_type))} {hours_text}"
        if key in ("last_four", "badge") and not _REFERENCE.fullmatch(text):
            return f"…{text}"
        return self._plain(key, text)

    def _plain(self, key: str, text: str) -> str:
        """Return a moment in the site's time, or a reference's current name."""
        if _MOMENT.fullmatch(text):
            return self.words.recorded_minute(text)
        if _REFERENCE.fullmatch(text):
            return self.names.get(text) or (
                self.words.translate(N_("(erased)")) if key == "person" else EMPTY
            )
        return text

    def _word(self, kinds: tuple[type[Enum], ...], code: str) -> str:
        for kind in kinds:
            if code in {member.value for member in kind}:
                return self.words.translate(code_message_key(kind, code))
        return code
