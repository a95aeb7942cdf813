"""Errors, sorted by the person who must act. Each has one sentence: what, where, what to do.

A refusal at the door is never an error: it is a `DenyReason` (see `model/reasons.py`).
"""

from collections.abc import Mapping, Sequence

from controller.model.config_codes import ConfigCode
from controller.model.import_codes import ImportCode
from controller.model.message_key import N_ as N_

_FIELD_LENGTH = 80


class GenkanError(Exception):
    """Base of every error we raise on purpose; its text is fit for a person to read."""


class InstallerError(GenkanError):
    """The installation must be changed: configuration, permissions, hardware, disk."""


class ConfigError(InstallerError):
    """genkan.toml has a value that Genkan refuses. The log keeps `code` and `fields`, not the sentence."""

    code: ConfigCode
    fields: Mapping[str, str | int]

    def __init__(self, sentence: str, code: ConfigCode = ConfigCode.CONFLICT, **fields: str | int) -> None:
        super().__init__(sentence)
        self.code = code
        self.fields = {
            name: _printable(value) if isinstance(value, str) else value for name, value in fields.items()
        }


class AlreadyRunning(InstallerError):
    """Another door process owns this data folder."""


class Busy(InstallerError):
    """Another program has held the registry's lock for too long; its text names that program."""


class NewerDatabase(InstallerError):
    """The database was written by a newer Genkan than this one can read."""


class RegistrarNeeded(InstallerError):
    """Only the registrar can put registry.db in order: it is of an earlier version, or was not closed."""


class CorruptDatabase(InstallerError):
    """SQLite reports that the file is damaged or is not a database."""


class OperatorError(GenkanError):
    """The operator requested something that can't be done.

    `key` is a gettext message with `{named}` fields; the web page shows it in the operator's language.
    """

    key: str
    fields: Mapping[str, object]

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key.format(**fields))
        self.key = key
        self.fields = fields


class BadInput(OperatorError):
    """A value was refused. `field` names the form field or CLI option it came from.

    A value that may also be in an imported file has a `code`, which the findings of the import keep.
    """

    field: str
    code: ImportCode | None

    def __init__(self, field: str, key: str, code: ImportCode | None = None, /, **fields: object) -> None:
        super().__init__(key, **fields)
        self.field = field
        self.code = code


class Conflict(OperatorError):
    """The object exists already, or has changed since the operator read it."""


class FieldConflict(Conflict):
    """One value is in use already. `field` names the form field that the value came from."""

    field: str

    def __init__(self, field: str, key: str, **fields: object) -> None:
        super().__init__(key, **fields)
        self.field = field


class SeveralRefused(BadInput):
    """Several values of a form or a row were refused, each with an error. It names the field of the first."""

    def __init__(self, errors: Sequence[BadInput | FieldConflict]) -> None:
        first = errors[0]
        super().__init__(first.field, first.key, None, **first.fields)
        self.args = (" ".join(map(str, errors)),)
        self.errors = tuple(errors)


def refused_values(error: BadInput | FieldConflict) -> tuple[BadInput | FieldConflict, ...]:
    """One error for each refused value."""
    return error.errors if isinstance(error, SeveralRefused) else (error,)


class NotFound(OperatorError):
    """No such person, badge, level, schedule, operator, door or reader."""


class NotPermitted(OperatorError):
    """The operator's role does not allow this."""


class Throttled(OperatorError):
    """Too many failures; try again after `fields["seconds"]`."""


class SessionEnded(GenkanError):
    """There is no such session, or it has ended; the operator must sign in."""

    def __init__(self) -> None:
        super().__init__("Nobody is signed in; sign in first.")


class ConfirmationNeeded(GenkanError):
    """The operator must type their password: with this request (`each_time`), or once for the next ones.

    `is_wrong`: a password was typed, and is another one.
    """

    each_time: bool
    is_wrong: bool

    def __init__(self, each_time: bool, is_wrong: bool = False) -> None:
        super().__init__("Enter your password to confirm this request.")
        self.each_time = each_time
        self.is_wrong = is_wrong


class BadRequest(GenkanError):
    """A process sent the registrar something that is not a request; a fault of that process."""


class RegistrarFault(GenkanError):
    """The registrar failed at a request; its own log has the details. Nothing was changed."""


class TechnicianError(GenkanError):
    """Something at the door is broken, unplugged or not answering."""


class RegistrarUnavailable(TechnicianError):
    """The registrar does not run or does not answer."""


class RegistrarWithoutKey(RegistrarUnavailable):
    """The registrar cannot start: the key of card numbers is missing."""


class JournalUnavailable(TechnicianError):
    """The journal can't be written or read now; nothing of the request is durable."""


class CannotSeal(TechnicianError):
    """No checkpoint of the log can be signed now; the log goes on without one."""


class DeviceUnavailable(TechnicianError):
    """A reader, pin or virtual device is not there."""


class AwaitingRecovery(TechnicianError):
    """The log cannot be shown in full until the door service has started and put it in order."""


def _printable(text: str) -> str:
    """A text from a damaged file, on one line and short enough for a record."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:_FIELD_LENGTH])
