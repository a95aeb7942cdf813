"""Access levels: access points ticked with schedules."""

import pytest

from controller.model.operators import MACHINE
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.people import people
from tests.web.client import Client
from tests.web.routes.test_schedules import NIGHT, add_schedule
from tests.web.site import ServedSite


def test_schedule_in_use_stays_until_its_level_lets_go(served: ServedSite, admin: Client) -> None:
    admin.post("/schedules/new", NIGHT)
    schedule = add_schedule(served)
    rules = [f"entrance-in|{schedule.id}"]
    assert admin.post("/levels/new", {"name": "Night", "rules": rules}).to == "/levels?done=added"
    assert admin.post(f"/schedules/{schedule.id}/remove").status == 409
    level = levels.all_levels(Acting(served.site, MACHINE, served.moment))[0]
    page = admin.get(f"/levels/{level.id}").text
    assert f'value="entrance-in|{schedule.id}" checked' in page
    assert admin.post(f"/levels/{level.id}", {"name": "Night", "rules": []}).status in (303, 422)
    assert admin.post(f"/levels/{level.id}/remove").to == "/levels?done=removed"
    assert admin.post(f"/schedules/{schedule.id}/remove").to == "/schedules?done=removed"


def test_level_somebody_holds_is_not_removed(served: ServedSite, admin: Client) -> None:
    admin.post("/schedules/new", NIGHT)
    admin.post("/levels/new", {"name": "Night", "rules": [f"entrance-in|{add_schedule(served).id}"]})
    level = levels.all_levels(Acting(served.site, MACHINE, served.moment))[0]
    people.add(Acting(served.site, MACHINE, served.moment), "Taro", levels=[level.id])
    assert "1 person has this level" in admin.get(f"/levels/{level.id}").words
    assert admin.post(f"/levels/{level.id}/remove").status == 409


@pytest.mark.parametrize("rule", ["entrance-in|nothing", "no-such-point|x", "", "|", "entrance-in"])
def test_rule_of_things_that_are_not_there_is_refused(served: ServedSite, admin: Client, rule: str) -> None:
    assert admin.post("/levels/new", {"name": "X", "rules": [rule]}).status in (404, 409, 422)
    assert levels.all_levels(Acting(served.site, MACHINE, served.moment)) == ()
