"""The server sends the strip of alarms again only when it changes."""

from controller.services.doors.now import DoorsStatus, DoorStatus
from web.words.alarm_banners import AlarmBanner, strip_digest

DOOR = DoorStatus("entrance", "Entrance", "入口", False, False, False, False, None, ())
ALARM = AlarmBanner(True, "what", "meaning", "todo")


def test_digest_follows_what_the_strip_says() -> None:
    calm = DoorsStatus(True, False, (DOOR,))
    fire = DoorsStatus(True, True, (DOOR,))
    digests = {strip_digest(calm, []), strip_digest(fire, []), strip_digest(calm, [ALARM])}
    assert len(digests) == 3
    assert strip_digest(calm, [ALARM]) == strip_digest(calm, [AlarmBanner(True, "what", "meaning", "todo")])


def test_digest_takes_any_text() -> None:
    assert strip_digest(DoorsStatus(True, False, ()), [AlarmBanner(True, "\ud800", "", "")])
