import json

from controller.model.events import EventType
from controller.services.site import Site
from tests.controller.commands.command import done, genkan, refused
from tests.controller.services.door_side import DoorSide


def test_alarm_is_listed_acknowledged_once_and_gone(site: Site) -> None:
    data = site.config.data
    with DoorSide(site) as door:
        number = door.record(EventType.DOOR_HELD_OPEN, door="entrance")
        door.record(EventType.READER_OFFLINE, reader="entrance-in")
        lines = [json.loads(line) for line in done(genkan("alarms", "list", "--data", data, "--json")).lines]
        assert [(line["type"], line["door"], line["count"]) for line in lines] == [
            ("reader_offline", None, 1),
            ("door_held_open", "entrance", 1),
        ]
        words = ("alarms", "acknowledge", "--data", data, str(number))
        refused(genkan(*words), 2)
        assert "Enter a note" in refused(genkan(*words, "--note", " "))
        assert done(genkan(*words, "--note", "closed it")).text == "Acknowledged.\n"
        assert "already: closed it" in refused(genkan(*words, "--note", "again"))
        assert "is not an alarm" in refused(genkan(*words[:-1], "99999", "--note", "x"))
        assert "door_held_open" not in done(genkan("alarms", "list", "--data", data)).text
