"""Each test gets a site of its own; `site` is set up, with one operator of every role."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.operators import MACHINE
from controller.services import people, rule_books
from controller.services.standing import Standing
from tests.sample_house import open_house
from tests.web.client import Client
from tests.web.ruled_site import BOOK
from tests.web.site import Site


@pytest.fixture
def new_site(tmp_path: Path) -> Iterator[Site]:
    """Nobody has set it up yet."""
    with open_house(tmp_path / "data") as house, Site(house) as site:
        yield site


@pytest.fixture
def site(new_site: Site) -> Site:
    new_site.set_up()
    return new_site


@pytest.fixture
def admin(site: Site) -> Client:
    return site.signed_in()


@pytest.fixture
def ruled(site: Site) -> int:
    version = rule_books.publish(site.house, MACHINE, site.moment, BOOK, "the first")
    people.add(site.house, MACHINE, site.moment, "SV", standing=Standing("sv"))
    people.add(site.house, MACHINE, site.moment, "Agency", standing=Standing("agency"))
    return version
