import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.config import load
from controller.services import demo
from controller.services.site import Site
from tests.controller.site import CONFIG, Door, admit, make_site, running_door
from tests.sample_site import NOW


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "data") as site:
        yield site


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    """A running door of `site`, with one person whose badge is BADGE."""
    admit(site)
    with running_door(site) as door:
        yield door


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo folder with the sample people, created once; tests get copies."""
    folder = tmp_path_factory.mktemp("made") / "data"
    folder.mkdir()
    (folder / "genkan.toml").write_text(CONFIG, "utf-8")
    config = load(folder / "genkan.toml")
    Site.init(config, NOW)
    with Site.open(config, lambda: NOW) as site:
        demo.fill(site, NOW)
    return folder


@pytest.fixture
def data(prepared_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    return folder
