"""What an operator's account is made of, checked."""

from controller.errors import N_, BadInput
from controller.model.operators import Operator, OperatorRole
from controller.services import texts
from controller.services.references import new_reference

LANGUAGES = ("ja", "en")


def new_operator(name: str, display_name: str, role: OperatorRole, language: str) -> Operator:
    return Operator(
        new_reference(),
        texts.sign_in_name("name", name),
        texts.name_text("display_name", display_name),
        role,
        checked_language(language),
    )


def checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise BadInput("language", N_("The language must be ja or en; choose one of them."))
    return language
