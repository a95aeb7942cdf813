"""What operators may ask about backups, and about a registry that was put back."""

from dataclasses import dataclass
from typing import Annotated, Any

from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit
from controller.services.acting import Acting
from controller.services.backup import acceptance
from controller.services.requests.request import Confirm, NameText, ReasonText, Ref, Request
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBackup(Request[None]):
    """`file` is the name of the backup, which exists already; `size` in bytes, of the log in `records`."""

    right = Right.BACK_UP
    confirm = Confirm.NEVER
    needs_the_machine = True
    actions = frozenset({ActionType.BACKUP_MADE})

    file: Annotated[str, TextLimit(255)]
    size: int
    records: int
    encrypted: NameText

    def handle(self, acting: Acting) -> None:
        with acting.site.registry.write() as db:
            acting.record(
                db,
                ActionType.BACKUP_MADE,
                "backup",
                after={
                    "file": self.file,
                    "size": self.size,
                    "records": self.records,
                    "encrypted": self.encrypted,
                },
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptRegistry(Request[None]):
    """`fingerprint` is of the comparison with the log that the operator has seen."""

    right = Right.ACCEPT_REGISTRY
    confirm = Confirm.EACH_TIME
    actions = frozenset(
        {
            ActionType.REGISTRY_ACCEPTED,
            ActionType.ERASURE_CANCELLED,
            ActionType.ALARM_ACKNOWLEDGED,
            ActionType.RIGHTS_FOUND,
            ActionType.RIGHTS_RECORDED,
        }
    )
    answered_within_s = 300.0  # it records the rights of everybody

    fingerprint: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> None:
        acceptance.accept(acting, self.fingerprint, self.reason)


BACKUP_REQUESTS: tuple[type[Request[Any]], ...] = (RecordBackup, AcceptRegistry)
