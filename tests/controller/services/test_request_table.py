"""Walks every request: its right, its confirmation, what it records, the limit of each text."""

import dataclasses
from typing import Any, get_args, get_type_hints

import pytest

from controller.model.orders import ActionType
from controller.services.request_table import KINDS, REQUESTS
from controller.services.requests.request import OpenRequest, Request, RequestWithBody, result_of
from controller.services.requests.wire import text_limit
from controller.services.rights import Right

# Requests that record nothing, each with the reason.
RECORD_NOTHING: dict[str, str] = {
    "find_session": "reads a session, and notes that it is used",
    "find_sessions": "reads sessions",
    "new_set_up_code": "its use is recorded; it works while there is no administrator",
    **dict.fromkeys(
        (
            "discard_draft",
            "remove_draft_area",
            "save_draft_area",
            "save_draft_categories",
            "save_draft_door",
            "save_draft_qualifications",
        ),
        "a draft binds nothing; publishing it is recorded",
    ),
    "confirm_password": "proves who is at the browser, and changes nothing",
    "check_badge_number": "reads whether the card is enrolled",
    "check_card_keys": "a dry run; publishing the file is recorded",
    "check_import": "a dry run; publishing the file is recorded",
    "discard_card_keys": "removes what is not in force",
    "discard_import": "removes what is not in force",
    "follow_erasure": "completes an erasure that is recorded",
}


@pytest.mark.parametrize("kind", KINDS)
def test_request_is_a_frozen_dataclass_with_right_confirmation_and_actions(kind: str) -> None:
    request = KINDS[kind]
    assert dataclasses.is_dataclass(request) and request.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert issubclass(request, OpenRequest) or isinstance(request.right, Right)
    assert all(isinstance(one, ActionType) for one in request.actions)
    assert bool(request.actions) != (kind in RECORD_NOTHING)
    assert result_of(request) is not None
    assert 0 < request.most_a_minute <= 1000
    if issubclass(request, RequestWithBody):
        assert request.body_most > 0


@pytest.mark.parametrize("kind", KINDS)
def test_each_text_has_a_limit(kind: str) -> None:
    for name, type_ in get_type_hints(KINDS[kind], include_extras=True).items():
        if name in Request.__annotations__ or name in RequestWithBody.__annotations__:
            continue
        assert not _is_bare_text(type_), f"{kind}.{name} needs a type with a TextLimit"
        limit = text_limit(KINDS[kind], name)
        assert limit is None or 0 < limit.most <= 500


@pytest.mark.parametrize("kind", KINDS)
def test_no_request_prints_a_secret(kind: str) -> None:
    secrets = {"again", "code", "current", "device", "duress", "new", "password", "pin"}
    assert not [one.name for one in dataclasses.fields(KINDS[kind]) if one.name in secrets and one.repr]


def test_each_request_is_in_the_table_once() -> None:
    assert len(KINDS) == len(REQUESTS)
    listed = {
        one.__name__ for one in REQUESTS
    }  # dataclass(slots=True) leaves a class of the same name behind
    waiting: list[type[Request[Any]]] = [Request]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind not in (OpenRequest, RequestWithBody) and kind.__module__.startswith("controller."):
                assert kind.__name__ in listed, f"{kind.__name__} is missing in services/request_table.py"


def test_list_of_this_test_names_requests_that_exist() -> None:
    assert RECORD_NOTHING.keys() <= KINDS.keys()


def _is_bare_text(type_: Any) -> bool:
    return type_ is str or any(
        _is_bare_text(one) for one in get_args(type_) if not hasattr(type_, "__metadata__")
    )
