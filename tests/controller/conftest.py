import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.config import load
from controller.services import demo
from controller.services.site import Site
from tests.controller.house import CONFIG, Door, admit, make_house, running_door
from tests.sample_house import NOW


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Site]:
    with make_house(tmp_path / "data") as house:
        yield house


@pytest.fixture
def door(house: Site) -> Iterator[Door]:
    """A running door of `house`, with one person whose badge is BADGE."""
    admit(house)
    with running_door(house) as door:
        yield door


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo folder with the sample people, created once; tests get copies."""
    folder = tmp_path_factory.mktemp("made") / "data"
    folder.mkdir()
    (folder / "genkan.toml").write_text(CONFIG, "utf-8")
    config = load(folder / "genkan.toml")
    Site.init(config, NOW)
    with Site.open(config, lambda: NOW) as house:
        demo.fill(house, NOW)
    return folder


@pytest.fixture
def data(prepared_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(prepared_folder, folder)
    return folder
