"""The fields of an operator's account and how they may change, within the caller's write transaction."""

from controller.errors import N_, BadInput, FieldConflict, NotFound
from controller.model.events import Json
from controller.model.operators import Operator, OperatorRole, OperatorStatus
from controller.model.orders import ActionType
from controller.registry import operators as rows
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.pending import AccountChange
from controller.registry.database import Connection, new_reference
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.field_errors import FieldErrors

LANGUAGES = ("ja", "en")


def new_operator(name: str, display_name: str, role: OperatorRole, language: str) -> Operator:
    with FieldErrors() as fields:
        name = fields.check(typed_texts.sign_in_name, "name", name)
        display_name = fields.check(typed_texts.name_text, "display_name", display_name)
        fields.check(checked_language, language)
    return Operator(id=new_reference(), name=name, display_name=display_name, role=role, language=language)


def refuse_bad(display_name: str, language: str) -> None:
    with FieldErrors() as fields:
        fields.check(typed_texts.name_text, "display_name", display_name)
        fields.check(checked_language, language)


def checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise BadInput("language", N_("The language must be ja or en; choose one of them."))
    return language


def replaced_password(whose: Operator, stored: str) -> AccountChange:
    """End the operator's sessions, forget the known browsers, and lift a lock caused by failed sign-ins."""
    return AccountChange(
        operator_id=whose.id,
        password_hash=stored,
        ends_sessions=True,
        forgets_browsers=True,
        forgiven_account=failures.account_hash(whose.name).hex(),
    )


def change(acting: Acting, db: Connection, type_: ActionType, before: Operator, after: Operator) -> Operator:
    """Store and record the change. Raise FieldConflict if no active administrator would remain."""
    if after == before:
        return after
    if _administers(before) and not _administers(after) and not rows.other_administrators(db, after.id):
        raise FieldConflict(
            "role",
            N_("{name} is the last administrator; add another administrator first."),
            name=before.display_name,
        )
    rows.change_operator(db, after)
    acting.record(
        db,
        type_,
        "operator",
        after.id,
        before=audit_fields(before),
        after=audit_fields(after),
        about={"name": after.name},
    )
    return after


def _administers(operator: Operator) -> bool:
    return operator.role is OperatorRole.ADMIN and operator.status is OperatorStatus.ACTIVE


def require_operator(found: Operator | None) -> Operator:
    if found is None:
        raise NotFound(N_("There is no such account; choose one from the list."))
    return found


def audit_fields(operator: Operator) -> dict[str, Json]:
    return {
        "name": operator.name,
        "display_name": operator.display_name,
        "role": operator.role.value,
        "language": operator.language,
        "status": operator.status.value,
    }
