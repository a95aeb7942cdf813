"""What is recorded about reading: views, muster lists, exports; and what the door is asked to sign.

Pages and commands read the log themselves. The functions that read send these requests, so that nobody reads
people's taps unrecorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from controller.errors import BadRequest
from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit, to_plain
from controller.services.acting import Acting
from controller.services.requests.request import Confirm, Request
from controller.services.rights import Right

_Name = Annotated[str, TextLimit(32)]
_Code = Annotated[str, TextLimit(200)]
# What was read or exported: the filter, a format, numbers; references and codes only, without names.
Codes = Mapping[_Name, int | _Code | tuple[_Code, ...] | None]
_SHA256_LENGTH, _HEX_DIGITS = 64, frozenset("0123456789abcdef")
_Sha256 = Annotated[str, TextLimit(_SHA256_LENGTH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView(Request[None]):
    """An operator views the log, who is inside, or why somebody was admitted."""

    right = Right.VIEW_LOG
    confirm = Confirm.NEVER
    follows_a_page = True
    actions = frozenset({ActionType.LOG_VIEWED})

    view: Codes

    def handle(self, acting: Acting) -> None:
        _record(acting, ActionType.LOG_VIEWED, "log", after=self.view)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMuster(Request[None]):
    """An operator printed the list of who is inside."""

    right = Right.VIEW_PRESENCE
    confirm = Confirm.NEVER
    follows_a_page = True
    actions = frozenset({ActionType.MUSTER_PRINTED})

    people: int

    def handle(self, acting: Acting) -> None:
        _record(acting, ActionType.MUSTER_PRINTED, "presence", after={"people": self.people})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExport(Request[None]):
    """Rows of the log leave the site, in a file or on paper. Sent before the first row."""

    right = Right.EXPORT_LOG
    confirm = Confirm.RECENT
    follows_a_page = True
    actions = frozenset({ActionType.LOG_EXPORTED})

    export: Codes

    def handle(self, acting: Acting) -> None:
        _record(acting, ActionType.LOG_EXPORTED, "log", after=self.export)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealExport(Request[int]):
    """The door vouches for the hash of a complete export. Returns the action's id.

    Never asks for the password: it is sent when the file is under way, after RecordExport.
    """

    right = Right.EXPORT_LOG
    confirm = Confirm.NEVER
    follows_a_page = True
    actions = frozenset({ActionType.EXPORT_SEALED})

    sha256: _Sha256
    export: Codes

    def handle(self, acting: Acting) -> int:
        if len(self.sha256) != _SHA256_LENGTH or not set(self.sha256) <= _HEX_DIGITS:
            raise BadRequest("sha256 must be 64 hexadecimal digits in lower case.")
        return _record(acting, ActionType.EXPORT_SEALED, "export", object_id=self.sha256, after=self.export)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealLog(Request[int]):
    """The door signs a checkpoint. Returns the action's id."""

    right = Right.EXPORT_LOG
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.CHECKPOINT_ASKED})

    def handle(self, acting: Acting) -> int:
        return _record(acting, ActionType.CHECKPOINT_ASKED, "log")


def _record(
    acting: Acting,
    action: ActionType,
    object_type: str,
    object_id: str | None = None,
    after: Codes | None = None,
) -> int:
    values = None if after is None else {name: to_plain(value) for name, value in after.items()}
    with acting.site.registry.write() as db:
        return acting.record(db, action, object_type, object_id, after=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectClock(Request[None]):
    """Root confirms the machine's clock, although the log has seen a later time. The door carries it out."""

    right = Right.EDIT_OPERATORS
    confirm = Confirm.NEVER
    needs_the_machine = True
    actions = frozenset({ActionType.CLOCK_CORRECTED})

    reason: Annotated[str, TextLimit(500)]

    def handle(self, acting: Acting) -> None:
        with acting.site.registry.write() as db:
            acting.record(db, ActionType.CLOCK_CORRECTED, "clock", reason=self.reason)


LOG_REQUESTS: tuple[type[Request[Any]], ...] = (
    RecordView,
    RecordMuster,
    RecordExport,
    SealExport,
    SealLog,
    CorrectClock,
)
