"""Each test gets a site of its own; `served` is set up, with one operator of every role.

Its data folder is a copy of one that is created once a session: a copy takes 4 ms, a new folder with four
operators 0.2 s.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.config import Config, load
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.people import people
from controller.services.people.standing import Standing
from controller.services.rules import books as rule_books
from tests.sample_site import NOW, opened_site
from tests.web.client import Client
from tests.web.ruled_site import BOOK
from tests.web.site import ServedSite, set_up


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "data"
    opened_site(folder).close()
    return folder


@pytest.fixture(scope="session")
def set_up_folder(new_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(new_folder, tmp_path_factory.mktemp("set-up") / "data")
    with opened_site(folder) as site:
        set_up(site, NOW)
    return folder


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


@pytest.fixture(scope="session")
def config(new_folder: Path) -> Config:
    return load(new_folder / "genkan.toml")


@pytest.fixture
def new_site(new_folder: Path, tmp_path: Path) -> Iterator[ServedSite]:
    """Nobody has set it up yet."""
    with opened_site(copied(new_folder, tmp_path / "data")) as site, ServedSite(site) as served:
        yield served


@pytest.fixture
def served(set_up_folder: Path, tmp_path: Path) -> Iterator[ServedSite]:
    with opened_site(copied(set_up_folder, tmp_path / "data")) as site, ServedSite(site) as served:
        yield served


@pytest.fixture
def admin(served: ServedSite) -> Client:
    return served.signed_in()


@pytest.fixture
def ruled(served: ServedSite) -> int:
    version = rule_books.publish(Acting(served.site, MACHINE, served.moment), BOOK, "the first")
    people.add(Acting(served.site, MACHINE, served.moment), "SV", standing=Standing("sv"))
    people.add(Acting(served.site, MACHINE, served.moment), "Agency", standing=Standing("agency"))
    return version
