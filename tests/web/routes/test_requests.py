"""POST /api/v1/requests/{kind}: results, and every refusal as a code with its values."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from controller.model.credentials import CredentialStatus
from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.request_table import KINDS
from controller.services.requests.request import REQUESTS_A_MINUTE
from tests.sample_site import PASSWORD, idm
from tests.web.client import Answer, Client
from tests.web.site import ServedSite
from web.routes.requests import OFFERED


def acting(served: ServedSite) -> Acting:
    return Acting(served.site, MACHINE, served.moment)


def send(
    client: Client,
    kind: str,
    body: object,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """`body` as JSON, or as it is if it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **client.own_page(), **(headers or {})}
    return client.request("POST", f"/api/v1/requests/{kind}", content, sent)


@pytest.fixture
def badge(served: ServedSite) -> str:
    person = people.add(acting(served), "山田 花子").id
    return badges.add(acting(served), person, idm(1)).id


def test_request_is_carried_out_under_the_session_and_its_result_is_json(
    served: ServedSite, admin: Client, badge: str
) -> None:
    answer = send(admin, "report_badge_lost", {"badge_id": badge, "reason": "train"})
    assert answer.status == 200
    assert answer.json()["result"]["id"] == badge and answer.json()["result"]["status"] == "lost"
    assert badges.get(acting(served), badge).status is CredentialStatus.LOST
    newest = changes.page(acting(served), limit=1)[0]
    assert (newest.action, newest.operator_name, newest.reason) == ("badge_lost", "Admin", "train")
    added = send(admin, "add_person", {"name": "Sato", "levels": []}).json()["result"]
    assert people.get(acting(served), added["id"]).name == "Sato"
    assert send(admin, "sign_out", {}).json() == {"result": None}
    assert send(admin, "report_badge_lost", {"badge_id": badge}).status == 401


@pytest.mark.parametrize(
    "kind", ["nothing", "sign_in", "find_session", "record_backup", "check_import", "AddPerson"]
)
def test_request_that_is_unknown_open_of_the_machine_or_with_a_file_is_not_there(
    admin: Client, kind: str
) -> None:
    answer = send(admin, kind, {})
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("seal_export", {"sha256": "0" * 64, "export": {}}),
        ("record_export", {"export": {}}),
        ("record_view", {"view": {}}),
        ("record_muster", {"people": 1}),
    ],
)
def test_program_cannot_record_what_no_page_did(
    served: ServedSite, admin: Client, kind: str, body: object
) -> None:
    before = changes.page(acting(served), limit=1)
    assert send(admin, kind, body).status == 404
    assert changes.page(acting(served), limit=1) == before


def test_missing_field_is_named_without_the_names_of_our_classes(admin: Client) -> None:
    detail = send(admin, "suspend_person", {"reason": "left"}).json()["detail"]
    assert detail == "The registrar cannot read the request suspend_person (person_id is missing)."


@pytest.mark.parametrize(
    "body",
    [
        {"badge_id": "0123456789abcdef", "unknown": 1},
        {},
        {"badge_id": 1},
        {"badge_id": None},
        {"badge_id": ["0123456789abcdef"]},
        [],
        "text",
        None,
        {"badge_id": "0123456789abcdef", "own_password": 1},
    ],
)
def test_unknown_field_wrong_type_or_no_object_is_refused_with_400(admin: Client, body: object) -> None:
    answer = send(admin, "report_badge_lost", body)
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b'{"badge_id": NaN}', b"[" * 100_000, b" " * 70_000 + b"{}"],
    ids=lambda raw: f"{raw[:16]!r}",
)
def test_what_is_not_json_or_too_long_is_refused_with_400(admin: Client, raw: bytes) -> None:
    answer = send(admin, "report_badge_lost", raw)
    assert (answer.status, answer.json()["code"]) == (400, "bad_request")


def test_text_above_its_limit_is_refused_beside_its_field(admin: Client, badge: str) -> None:
    answer = send(admin, "report_badge_lost", {"badge_id": badge, "reason": "長" * 501})
    assert answer.status == 422
    refused = answer.json()
    assert (refused["code"], refused["field"], refused["fields"]) == (
        "bad_input",
        "reason",
        {"length": 501, "most": 500},
    )


def test_refusal_of_a_value_names_each_field(admin: Client) -> None:
    refused = send(admin, "add_person", {"name": " "}).json()
    assert (refused["status"], refused["code"], refused["field"]) == (422, "bad_input", "name")
    assert refused["value_code"] == "name_empty"


def test_without_session_right_or_page_of_ours_nothing_happens(
    served: ServedSite, admin: Client, badge: str
) -> None:
    body = {"badge_id": badge}
    nobody = send(served.client(), "report_badge_lost", body)
    assert (nobody.status, nobody.json()["code"]) == (401, "sign_in_needed")
    viewer = send(served.signed_in(OperatorRole.VIEWER), "report_badge_lost", body)
    assert (viewer.status, viewer.json()["code"]) == (403, "not_permitted")
    assert send(admin, "report_badge_lost", body, {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert send(admin, "report_badge_lost", body, {"Content-Type": "text/plain"}).status == 403
    assert badges.get(acting(served), badge).status is CredentialStatus.ACTIVE


def test_confirmation_is_needed_as_on_the_pages_and_comes_with_the_request(
    served: ServedSite, admin: Client, badge: str
) -> None:
    order = {"door": "entrance", "reason": "parcel"}
    served.open_door_side()
    for extra, is_wrong, sentence in (
        ({}, False, "Enter your password to confirm this request."),
        ({"own_password": "not this one"}, True, "This is not your password; enter it again."),
    ):
        answer = send(admin, "unlock_once", order | extra)
        needed = answer.json()
        assert (answer.status, needed["code"], needed["each_time"], needed["is_wrong"]) == (
            403,
            "confirmation_needed",
            True,
            is_wrong,
        )
        assert needed["detail"] == sentence
    assert send(admin, "unlock_once", order | {"own_password": PASSWORD}).json()["result"] == 1
    served.pass_time(minutes=20)
    aged = send(admin, "resume_badge", {"badge_id": badge}).json()
    assert (aged["code"], aged["each_time"]) == ("confirmation_needed", False)
    assert send(admin, "report_badge_lost", {"badge_id": badge}).status == 200


def test_what_is_not_there_or_conflicts_has_its_status(served: ServedSite, admin: Client) -> None:
    missing = send(admin, "report_badge_lost", {"badge_id": "f" * 16})
    assert (missing.status, missing.json()["code"]) == (404, "not_found")
    person = people.add(acting(served), "Taro").id
    conflict = send(admin, "cancel_erasure", {"person_id": person})
    assert (conflict.status, conflict.json()["code"], conflict.json()["fields"]) == (
        409,
        "conflict",
        {"name": "Taro"},
    )


def test_more_than_the_limit_within_a_minute_is_429_with_the_seconds_to_wait(
    served: ServedSite, admin: Client, badge: str
) -> None:
    for _ in range(REQUESTS_A_MINUTE):
        assert send(admin, "report_badge_lost", {"badge_id": badge}).status == 200
    answer = send(admin, "report_badge_lost", {"badge_id": badge})
    assert (answer.status, answer.json()["code"]) == (429, "throttled")
    assert answer.header("retry-after") == str(answer.json()["fields"]["seconds"]) == "61"


def test_sentence_is_in_the_language_of_the_account_and_the_code_is_not(admin: Client) -> None:
    admin.post("/language", {"language": "ja"})
    refused = send(admin, "report_badge_lost", {"badge_id": "f" * 16}).json()
    assert refused["code"] == "not_found" and "ありません" in refused["detail"]


def test_document_lists_each_request_with_its_fields_right_and_confirmation(admin: Client) -> None:
    document: dict[str, Any] = admin.get("/api/v1/openapi.json").json()
    paths = document["paths"]
    listed = {path.removeprefix("/api/v1/requests/") for path in paths if "/requests/" in path}
    assert listed == set(OFFERED) and "report_badge_lost" in listed
    assert all(KINDS[kind].needs_the_machine is False for kind in listed)
    lost = paths["/api/v1/requests/report_badge_lost"]["post"]
    schema = lost["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["badge_id"] and schema["additionalProperties"] is False
    assert schema["properties"]["reason"] == {"type": "string", "maxLength": 500}
    assert "own_password" not in schema["properties"] and "block_people" in lost["description"]
    unlock = paths["/api/v1/requests/unlock_once"]["post"]
    assert "each time" in unlock["description"]
    properties = unlock["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert "own_password" in properties
    change = paths["/api/v1/requests/change_own_password"]["post"]
    assert "is one of its fields" in change["description"]
    properties = change["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert set(properties) == {"current", "new"}
    assert "/api/v1/events" in paths
    components = document["components"]["schemas"]
    for reference in set(references(document)):
        assert reference.removeprefix("#/components/schemas/") in components


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return [*own, *(one for part in value.values() for one in references(part))]
    if isinstance(value, list):
        return [one for part in value for one in references(part)]
    return []
