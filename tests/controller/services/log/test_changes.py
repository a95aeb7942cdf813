import pytest

from controller.errors import NotPermitted
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import people
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR


def test_pages_go_back_to_the_first_change(site: Site):
    for i in range(7):
        people.add(Acting(site, ADMIN, NOW), f"人{i}")
    newest = changes.page(Acting(site, AUDITOR, NOW), limit=4)
    older = changes.page(Acting(site, AUDITOR, NOW), before=newest[-1].id, limit=4)
    names = [change.after["name"] for change in (*newest, *older) if change.after]
    assert names == [f"人{i}" for i in reversed(range(7))]
    assert newest[0].utc == NOW.utc


def test_supervisor_does_not_see_changes(site: Site):
    with pytest.raises(NotPermitted):
        changes.page(Acting(site, SUPERVISOR, NOW))
