"""Requests, results and refusals survive the way through JSON; what is not a request is refused."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from controller.errors import (
    BadInput,
    BadRequest,
    ConfigError,
    ConfirmationNeeded,
    Conflict,
    FieldConflict,
    GenkanError,
    InstallerError,
    NotFound,
    NotPermitted,
    OperatorError,
    SessionEnded,
    SeveralRefused,
    Throttled,
)
from controller.model.config_codes import ConfigCode
from controller.model.finding_names import AreaName, NameList
from controller.model.import_codes import ImportCode
from controller.model.orders import ActionType
from controller.services.people.requests import AddPerson, ReportBadgeLost
from controller.services.people.standing import Standing
from controller.services.requests.request import Confirm, Ref, Request, kind_of
from controller.services.requests.wire import (
    decode_answer,
    decode_message,
    decode_request,
    encode_error,
    encode_request,
    encode_result,
)
from controller.services.rights import Right
from controller.services.rules.findings import Finding, RulesRefused

KINDS = {kind_of(one): one for one in (AddPerson, ReportBadgeLost)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo(Request[tuple[date | datetime | None, ...]]):
    right = Right.VIEW_LOG
    confirm = Confirm.NEVER
    actions = frozenset[ActionType]()

    door: Ref


def through_json(plain: Any) -> Any:
    return json.loads(json.dumps(plain))


def read(plain: Any) -> Request[Any]:
    return decode_request(KINDS, decode_message(through_json(plain)))


def carried(error: GenkanError) -> GenkanError:
    with pytest.raises(GenkanError) as raised:
        decode_answer(Echo, through_json(encode_error(error)))
    return raised.value


def test_request_arrives_equal_with_its_session_and_password() -> None:
    standing = Standing(category="regular", qualifications=(("nda", date(2027, 3, 31)),), overrides=True)
    request = AddPerson(name="山田", levels=("1", "2"), standing=standing)
    plain = through_json(encode_request(request, "token", "secret"))
    assert decode_request(KINDS, decode_message(plain)) == request
    assert (decode_message(plain).token, decode_message(plain).password) == ("token", "secret")


def test_result_arrives_equal() -> None:
    values = (None, date(2026, 11, 24), datetime(2026, 11, 24, 9, tzinfo=UTC))
    assert decode_answer(Echo, through_json(encode_result(values))) == values


@pytest.mark.parametrize(
    "error",
    [
        BadInput("name", "The text has {length} characters.", ImportCode.TEXT_TOO_LONG, length=3),
        FieldConflict("name", "There is already an account named {name}.", name="anna"),
        Conflict("It changed."),
        NotFound("There is no door {door}.", door="x"),
        NotPermitted("Your role ({role}) does not allow this.", role="viewer"),
        Throttled("Wait {seconds} seconds.", seconds=5),
        RulesRefused((Finding("areas.floor", "No {what}.", {"what": "door"}), Finding("a", "b"))),
        ConfirmationNeeded(True, is_wrong=True),
        SessionEnded(),
        ConfigError("genkan.toml is wrong.", ConfigCode.CONFLICT, key="x"),
        InstallerError("The disk is full."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_refusal_arrives_as_the_same_error_with_its_values(error: GenkanError) -> None:
    received = carried(error)
    assert type(received) is type(error)
    assert str(received) == str(error)
    assert vars(received) == vars(error)


def test_error_of_a_class_that_the_reader_lacks_arrives_as_the_nearest_it_has() -> None:
    plain = encode_error(NotFound("There is no door {door}.", door="x"))
    plain["error"]["classes"] = ["NoSuchDoor", "NotFound", "OperatorError", "GenkanError"]
    with pytest.raises(NotFound) as raised:
        decode_answer(Echo, plain)
    assert raised.value.fields == {"door": "x"}


def test_names_in_a_refusal_are_printed_alike_on_both_sides() -> None:
    finding = Finding(
        "areas", "Only {names} and {area}.", {"names": NameList("ab"), "area": AreaName("floor")}
    )
    received = carried(RulesRefused((finding,)))
    assert isinstance(received, RulesRefused)
    assert str(received) == str(received.findings[0]) == "Only a, b and floor."


def test_value_that_json_lacks_arrives_as_its_text() -> None:
    received = carried(OperatorError("Not {share}.", share=0.5))
    assert isinstance(received, OperatorError)
    assert received.fields == {"share": "0.5"}


GOOD = {"v": 1, "kind": "report_badge_lost", "fields": {"badge_id": "b"}}


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        "report_badge_lost",
        {},
        GOOD | {"v": 2},
        GOOD | {"kind": "open_everything"},
        GOOD | {"kind": None},
        GOOD | {"more": 1},
        GOOD | {"fields": None},
        GOOD | {"fields": {}},
        GOOD | {"fields": {"badge_id": 5}},
        GOOD | {"fields": {"badge_id": "b", "owner": "me"}},
        GOOD | {"token": 7},
        GOOD | {"token": "t" * 1000},
    ],
    ids=str,
)
def test_what_is_not_a_request_is_refused(plain: Any) -> None:
    with pytest.raises(BadRequest) as refused:
        read(plain)
    assert str(refused.value).startswith("The registrar")
    assert len(str(refused.value)) < 200


def test_text_above_its_limit_names_its_field_as_the_page_does() -> None:
    with pytest.raises(BadInput) as refused:
        read(GOOD | {"fields": {"badge_id": "b", "reason": "x" * 501}})
    assert refused.value.field == "reason"
    assert str(refused.value) == "The text has 501 characters; shorten it to at most 500."
    with pytest.raises(BadInput, match="501 characters"):
        read({"v": 1, "kind": "add_person", "fields": {"name": "a", "standing": {"category": "x" * 501}}})


def test_refusal_of_several_values_keeps_each_of_them() -> None:
    refused = SeveralRefused([BadInput("name", "Empty."), FieldConflict("number", "Of {who}.", who="Hanako")])
    with pytest.raises(SeveralRefused) as raised:
        decode_answer(AddPerson, through_json(encode_error(refused)))
    assert [(type(one), one.field, str(one)) for one in raised.value.errors] == [
        (BadInput, "name", "Empty."),
        (FieldConflict, "number", "Of Hanako."),
    ]
