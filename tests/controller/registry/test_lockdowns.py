from controller.registry import lockdowns
from controller.registry.lockdowns import Lockdown
from controller.services.site import Site
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW, SUPERVISOR, later


def test_lockdown_keeps_who_began_it_and_why_until_it_is_ended(site: Site) -> None:
    with unrecorded(site.registry) as db:
        assert lockdowns.begin(db, "floor", ADMIN, later(minutes=1).utc, "intruder")
        assert not lockdowns.begin(db, "floor", SUPERVISOR, later(minutes=2).utc, "again")
        assert lockdowns.begin(db, "*", SUPERVISOR, NOW.utc, "police")
        assert lockdowns.in_force(db) == [
            Lockdown("*", NOW.utc, SUPERVISOR.id, SUPERVISOR.display_name, "police"),
            Lockdown("floor", later(minutes=1).utc, ADMIN.id, ADMIN.display_name, "intruder"),
        ]
        assert lockdowns.end(db, "floor")
        assert not lockdowns.end(db, "floor")
        assert [one.area for one in lockdowns.in_force(db)] == ["*"]
