"""The entry log: who, when, where and why in words; filters; pages; the live stream."""

import html
import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote

import pytest

from controller.model.events import EventType
from controller.model.moment import ClockState
from controller.model.operators import MACHINE, OperatorRole
from controller.model.reasons import DenyReason
from controller.services.acting import Acting
from controller.services.operators import operators
from controller.services.people import people
from tests.controller.services.door_side import DoorSide
from tests.sample_site import later
from tests.waiting import until
from tests.web.client import Client
from tests.web.site import ROLE_NAMES, ServedSite
from web.frame.cookies import SESSION
from web.words.words import Words


@pytest.fixture
def door(served: ServedSite) -> DoorSide:
    return served.open_door_side()


def granted(door: DoorSide, name: str = "見本 花子", person: str = "p1", **fields: object) -> int:
    base = {
        "door": "entrance",
        "access_point": "entrance-in",
        "direction": "in",
        "result": "granted",
        "person": person,
        "details": {"name": name, "last_four": "FFEE"},
    }
    return door.record(EventType.ACCESS_GRANTED, **(base | fields))


def denied(door: DoorSide, reason: DenyReason, **fields: object) -> int:
    base = {"door": "entrance", "direction": "in", "result": "denied", "reason": reason.value}
    return door.record(EventType.ACCESS_DENIED, **(base | fields))


def test_log_tells_who_where_and_why_in_words(admin: Client, door: DoorSide) -> None:
    granted(door)
    denied(door, DenyReason.CREDENTIAL_UNKNOWN, codes={"count": 7}, details={"last_four": "DEAD"})
    words = admin.get("/log").words
    assert "2026-11-24 15:00:00" in words, "the site's time"
    assert "見本 花子" in words
    assert "Granted" in words
    assert "…DEAD" in words
    assert "Unknown badge · 7 taps within a second" in words
    admin.post("/language", {"language": "ja"})
    words = admin.get("/log").words
    assert "登録のないカード" in words
    assert "入口" in words


@pytest.mark.parametrize("reason", list(DenyReason))
def test_every_refusal_has_its_reason_on_the_page(admin: Client, door: DoorSide, reason: DenyReason) -> None:
    from web.words.codes import message_key

    denied(door, reason)
    assert Words("en").translate(message_key(reason)) in html.unescape(admin.get("/log").text)


def test_filters_narrow_by_result_person_door_and_day(admin: Client, door: DoorSide) -> None:
    granted(door, "Hanako", "p1")
    granted(door, "Taro", "p2", at=later(days=1))
    denied(door, DenyReason.CREDENTIAL_LOST)
    door.record(EventType.DOOR_OPENED, door="entrance")

    def rows(query: str) -> int:
        return admin.get(f"/log?{query}").text.count('<tr role="row" id="no-')

    assert rows("") == 3
    assert rows("result=granted") == 2
    assert rows("result=denied") == 1
    assert rows("result=door") == 1
    assert rows("result=all") >= 4
    assert rows("result=nonsense") == 0
    assert rows("person=p2") == 1
    assert rows("door=other") == 0
    assert rows("day=2026-11-24") == 2
    assert rows("day=2026-11-25") == 1
    assert rows("day=2026-11-26") == 0


@pytest.mark.parametrize("wrong", ["day=2026-13-45", "day=yesterday", "result=bogus"])
def test_wrong_filter_is_named_at_its_field_and_shows_no_row(
    admin: Client, door: DoorSide, wrong: str
) -> None:
    seq = granted(door)
    page = admin.get(f"/log?{wrong}")
    name = wrong.partition("=")[0]
    assert page.status == 200
    field = page.text.partition(f'id="{name}" name="{name}"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in field and f'aria-describedby="{name}-error"' in field
    assert page.text.count("autofocus") == 1 and "autofocus" in field
    assert f'id="{name}-error"' in page.text and f'<a href="#{name}">' in page.text
    assert "No rows are shown: the filter has an error." in page.words
    assert f">{seq}<" not in page.text and "見本 花子" not in page.words
    assert "sse-connect" not in page.text and "/log/export" not in page.text
    assert admin.get(f"/api/v1/events?{wrong}").status == 422


def test_typed_name_finds_the_person_or_asks_which(served: ServedSite, admin: Client, door: DoorSide) -> None:
    first = people.add(Acting(served.site, MACHINE, served.moment), "Tanaka Hanako").id
    people.add(Acting(served.site, MACHINE, served.moment), "Tanaka Taro")
    granted(door, "Tanaka Hanako", first)
    page = admin.get("/log?name=Hanako")
    assert f'<option value="{first}" selected>Tanaka Hanako' in page.text
    assert "2 people match “Tanaka”" in admin.get("/log?name=Tanaka").words
    assert "No person and no badge match “Suzuki”" in admin.get("/log?name=Suzuki").words


@pytest.mark.parametrize("query", ["name=Suzuki", "name=Tanaka", "person=Tanaka", "name=・"])
def test_name_of_nobody_or_of_several_shows_and_streams_nobody_elses_rows(
    served: ServedSite, admin: Client, door: DoorSide, query: str
) -> None:
    for name in ("Tanaka Hanako", "Tanaka Taro"):
        granted(door, name, people.add(Acting(served.site, MACHINE, served.moment), name).id)
    page = admin.get(f"/log?{quote(query, safe='=')}")
    assert page.status == 200
    assert '<tr role="row" id="no-' not in page.text
    assert "sse-connect" not in page.text
    assert "Choose one" in page.words or "No person and no badge match" in page.words
    answer = admin.get(f"/api/v1/events?{quote(query, safe='=')}").json()
    assert answer["events"] == []
    assert answer["people_matching"] == (2 if "Tanaka" in query else 0)


def test_name_as_a_person_and_in_a_link_means_the_same_person(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    sato = people.add(Acting(served.site, MACHINE, served.moment), "佐藤　花子", "ｻﾄｳ ﾊﾅｺ").id
    kato = people.add(Acting(served.site, MACHINE, served.moment), "加藤 太郎", "カトウ タロウ").id
    granted(door, "佐藤　花子", sato)
    granted(door, "加藤 太郎", kato)
    for text in ("さとう", "サトウ", "ｻﾄｳ", "佐藤花子", "佐 藤　花", "さとうはなこ", sato):
        for field in ("name", "person"):
            rows = admin.get(f"/log?{field}={quote(text)}").text
            assert rows.count('<tr role="row" id="no-') == 1 and "佐藤" in rows, (field, text)
            events = admin.get(f"/api/v1/events?result=granted&{field}={quote(text)}").json()["events"]
            assert [event["person"] for event in events] == ["佐藤　花子"], (field, text)


def test_whole_name_means_its_person_though_it_is_a_part_of_another(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    short = people.add(Acting(served.site, MACHINE, served.moment), "Tanaka").id
    people.add(Acting(served.site, MACHINE, served.moment), "Tanaka Taro")
    granted(door, "Tanaka", short)
    page = admin.get("/log?name=tanaka")
    assert f'<option value="{short}" selected>Tanaka' in page.text
    assert "Other people match this name too: Tanaka Taro" in page.words


def test_past_day_without_records_is_reported(admin: Client, door: DoorSide) -> None:
    assert "No entries or refusals were recorded on 2 March 2026." in admin.get("/log?day=2026-03-02").words
    assert (
        "No record of 2 March 2026 matches the filter."
        in admin.get("/log?day=2026-03-02&door=entrance").words
    )
    assert "in the future" in admin.get("/log?day=2030-01-01").words
    assert "No record matches the filter." in admin.get("/log?result=denied").words
    for page in (admin.get("/log"), admin.get("/log?day=2026-11-24")):
        assert "Each tap appears here within a second" in page.words


def test_viewer_cannot_look_people_up_through_the_log(served: ServedSite, door: DoorSide) -> None:
    people.add(Acting(served.site, MACHINE, served.moment), "Tanaka Hanako")
    page = served.signed_in(OperatorRole.VIEWER).get("/log?name=Tanaka")
    assert page.status == 200
    assert "Hanako" not in page.text


def test_pages_go_back_by_number_and_show_each_row_once(admin: Client, door: DoorSide) -> None:
    seqs = [granted(door) for _ in range(230)]
    seen: list[int] = []
    path = "/log"
    while path:
        page = admin.get(path)
        seen += [int(seq) for seq in page.ids(r'id="no-(\d+)"')]
        older = page.ids(r'href="(/log\?before=\d+)" rel="next"')
        path = older[0] if older else ""
    assert seen == sorted(seqs, reverse=True)


@pytest.mark.parametrize("query", ["before=abc", "before=-1", "before=0", "before=99999999999999999999"])
def test_page_number_that_is_none_is_a_plain_400(admin: Client, query: str) -> None:
    answer = admin.get(f"/log?{query}")
    assert answer.status == 400
    assert "was not understood" in answer.words


def test_view_is_recorded_with_the_filter(served: ServedSite, admin: Client, door: DoorSide) -> None:
    admin.get("/log?result=denied&day=2026-11-24")
    actions = door.lookup.actions_after(0, 100)
    viewed = [action for action in actions if action.action == "log_viewed"]
    assert viewed[-1].after is not None
    assert viewed[-1].after["sections"] == ["denied"]


def test_names_in_the_log_cannot_break_a_row(admin: Client, door: DoorSide) -> None:
    granted(door, "evil\r\nname\x1b[31m <b>x</b>")
    page = admin.get("/log").text
    assert page.count('<tr role="row" id="no-') == 1
    assert "<b>x</b>" not in page


def silence(door: DoorSide) -> tuple[int, int]:
    return door.record(EventType.SERVICE_STOPPED), door.record(EventType.SERVICE_STARTED, later(hours=2))


def test_silence_is_a_line_of_its_own_with_its_cause(admin: Client, door: DoorSide) -> None:
    after, before = silence(door)
    page = admin.get("/log?result=all").words
    assert "Nothing was recorded for 2 h" in page
    assert f"The door service was stopped. between No. {after} and {before}" in page


@pytest.mark.parametrize(
    "query", ["", "?result=system", "?result=all&door=entrance", "?result=all&person=p1"]
)
def test_silence_is_not_reported_where_records_are_left_out(
    admin: Client, door: DoorSide, query: str
) -> None:
    silence(door)
    assert "Nothing was recorded" not in admin.get(f"/log{query}").words


def test_silence_between_two_pages_is_reported_once(admin: Client, door: DoorSide) -> None:
    _, before = silence(door)
    for _ in range(99):
        door.record(EventType.HEARTBEAT, later(hours=2))
    newest, older = admin.get("/log?result=all"), admin.get(f"/log?result=all&before={before}")
    assert newest.ids(r'id="no-(\d+)"')[-1] == str(before)
    assert "Nothing was recorded" in newest.words
    assert "Nothing was recorded" not in older.words


def test_true_time_is_shown_once_the_clock_is_known(admin: Client, door: DoorSide) -> None:
    wrong = replace(later(minutes=1), clock=ClockState.UNTRUSTED, utc=later(days=-900).utc)
    granted(door, at=wrong)
    assert "later corrected" not in admin.get("/log").words
    door.record(EventType.CLOCK_CORRECTED, later(minutes=2), codes={"moved_ms": 77_760_000_000})
    assert "later corrected to about 2026-11-24 15:01:00" in admin.get("/log").words


def test_end_of_the_log_tells_what_retention_removed(admin: Client, door: DoorSide) -> None:
    granted(door)
    codes: dict[str, str | int] = {"month": "2024-10", "first": 1, "last": 500, "count": 499}
    seq = door.record(EventType.MONTH_REMOVED, codes=codes)
    assert "Records before 1 November 2024 were removed" in admin.get("/log").words
    words = admin.get("/log/proof").words
    assert "everything before 1 November 2024, up to No. 500" in words
    assert f"recorded in No. {seq}" in words
    for _ in range(101):
        granted(door)
    assert "were removed" not in admin.get("/log").words, "only at the end"


# --- the live stream ---


class Stream:
    """One open page's event source, read line by line."""

    def __init__(self, client: Client, path: str, headers: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
        cookie = {"Cookie": f"{SESSION}={client.cookies[SESSION]}", "Accept": "text/event-stream"}
        self.connection.request("GET", path, headers=cookie | (headers or {}))
        self.response = self.connection.getresponse()

    def event(self) -> tuple[str, str, str]:
        """The next event's name, id and data; all empty when the stream is over."""
        name, id_, data = "", "", []
        while line := self.response.readline().decode():
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "id":
                id_ = value
            elif field == "data":
                data.append(value)
            elif line == "\n" and name:
                return name, id_, "\n".join(data)
        return "", "", ""

    def close(self) -> None:
        self.response.close()
        self.connection.close()


@contextmanager
def stream(client: Client, path: str, headers: dict[str, str] | None = None) -> Iterator[Stream]:
    opened = Stream(client, path, headers)
    try:
        yield opened
    finally:
        opened.close()


def test_new_record_comes_by_itself_as_a_row(served: ServedSite, admin: Client, door: DoorSide) -> None:
    before = granted(door)
    with stream(admin, f"/log/live?after={before}") as live:
        seq = granted(door, "Hanako")
        name, id_, html = live.event()
        assert (name, id_) == ("row", str(seq))
        assert f'id="no-{seq}"' in html
        assert "Hanako" in html


def test_silence_comes_with_the_row_that_ends_it(served: ServedSite, admin: Client, door: DoorSide) -> None:
    begin = served.site.journal.newest_seq()
    with stream(admin, f"/log/live?after={begin}&result=all") as live:
        _, before = silence(door)
        rows = {id_: html for _, id_, html in (live.event() for _ in range(2))}
        assert "Nothing was recorded for 2 h" in rows[str(before)]


def test_stream_follows_its_filter(served: ServedSite, admin: Client, door: DoorSide) -> None:
    with stream(admin, "/log/live?after=0&result=denied") as live:
        granted(door)
        seq = denied(door, DenyReason.CREDENTIAL_LOST)
        assert live.event()[1] == str(seq)


def test_stream_alone_is_a_view_too(served: ServedSite, admin: Client, door: DoorSide) -> None:
    """A client that reads from 0 without opening the page has seen the log; coming back is the same view."""
    seq = denied(door, DenyReason.CREDENTIAL_LOST)
    for _ in range(2):
        with stream(admin, "/log/live?after=0&result=denied") as live:
            assert live.event()[1] == str(seq)
    viewed = [action for action in door.lookup.actions_after(0, 100) if action.action == "log_viewed"]
    assert [action.after for action in viewed] == [{"sections": ["denied"]}]


def test_events_of_the_api_are_a_view_too(admin: Client, door: DoorSide) -> None:
    admin.get("/api/v1/events?result=denied")
    viewed = [action for action in door.lookup.actions_after(0, 100) if action.action == "log_viewed"]
    assert [action.after for action in viewed] == [{"sections": ["denied"]}]


def test_lost_connection_resumes_behind_the_last_row(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    seqs = [granted(door) for _ in range(5)]
    with stream(admin, "/log/live?after=0", {"Last-Event-ID": str(seqs[2])}) as live:
        assert [live.event()[1] for _ in range(2)] == [str(seq) for seq in seqs[3:]]


def test_page_that_missed_200_rows_gets_each_in_order(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    seqs = [granted(door) for _ in range(201)]
    path = f"/log/live?after={seqs[0]}&result=granted"
    with stream(admin, path, {"Last-Event-ID": "not a number"}) as live:
        events = [live.event() for _ in seqs[1:]]
    assert [id_ for _, id_, _ in events] == [str(seq) for seq in seqs[1:]]
    assert "left out" not in "".join(html for _, _, html in events)


def test_page_that_missed_more_gets_the_newest_200_rows_and_a_link_to_the_others(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    seqs = [granted(door) for _ in range(450)]
    with stream(admin, "/log/live?after=0&result=granted") as live:
        events = [live.event() for _ in range(200)]
        assert [id_ for _, id_, _ in events] == [str(seq) for seq in seqs[-200:]]
        newest = granted(door)
        assert live.event()[1] == str(newest)
    first = events[0][2]
    assert "Records are left out here." in first
    link = f"/log?result=granted&amp;before={seqs[-200]}"
    assert f'<a href="{link}">Show the records before No. {seqs[-200]}</a>' in first
    assert "left out" not in "".join(html for _, _, html in events[1:])
    page = admin.get(link.replace("&amp;", "&"))
    assert f'id="no-{seqs[-201]}"' in page.text and f'id="no-{seqs[-200]}"' not in page.text


def test_seventh_live_page_of_a_session_is_refused(served: ServedSite, admin: Client, door: DoorSide) -> None:
    pages = [Stream(admin, "/log/live?after=0") for _ in range(7)]
    try:
        assert sorted(page.response.status for page in pages) == [200] * 6 + [429]
    finally:
        for page in pages:
            page.close()


def test_stream_of_a_disabled_operator_ends(served: ServedSite, door: DoorSide) -> None:
    """Within a second: the test waits for the end, the poller polls four times a second."""
    viewer = served.signed_in(OperatorRole.VIEWER)
    with stream(viewer, "/log/live?after=0") as live:
        until(lambda: served.live.watchers == 1)
        every = operators.all_operators(Acting(served.site, MACHINE, served.moment))
        account = next(o for o in every if o.name == ROLE_NAMES[OperatorRole.VIEWER])
        operators.disable(Acting(served.site, MACHINE, served.moment), account.id)
        assert live.event()[0] == "over"
        assert live.event()[0] == ""


def test_stream_ends_with_the_session_it_does_not_prolong(
    served: ServedSite, admin: Client, door: DoorSide
) -> None:
    with stream(admin, "/log/live?after=0") as live:
        until(lambda: served.live.watchers == 1)
        served.pass_time(minutes=31)
        assert live.event()[0] == "over"


def test_stream_dies_with_its_client_whenever_it_leaves(
    served: ServedSite, admin: Client, door: DoorSide, caplog: pytest.LogCaptureFixture
) -> None:
    """Immediately, while waiting, and while a row is on its way: no stream remains, and none fails."""
    for round_ in range(12):
        streams = [Stream(admin, "/log/live?after=0") for _ in range(3)]
        if round_ % 2:
            until(lambda: served.live.watchers == 3)
        for live in streams:
            live.close()
        granted(door)
        until(lambda: served.live.watchers == 0)
    assert [record for record in caplog.records if "fault" in record.getMessage()] == []


def test_stream_without_a_session_is_a_401(served: ServedSite, door: DoorSide) -> None:
    answer = served.client().get("/log/live", {"Accept": "text/event-stream"})
    assert answer.status == 401
