import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from controller.model.events import EventType
from controller.runtime.data_folder import folder_alarm
from controller.services.site import Site
from tests.sample_site import NOW

MEMORY = Path("/dev/shm")


@pytest.mark.parametrize("demo", [True, False])
def test_data_folder_that_a_restart_may_erase_is_an_alarm_except_of_a_demo(site: Site, demo: bool) -> None:
    if not MEMORY.is_mount():
        pytest.skip("/dev/shm is not mounted here")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        (Path(folder) / "journal").mkdir()
        config = replace(
            site.config, file=Path(folder) / "genkan.toml", site=replace(site.config.site, demo=demo)
        )
        alarm = folder_alarm(config, NOW)
    if demo:
        assert alarm is None
    else:
        assert alarm is not None and alarm.type is EventType.DATA_NOT_KEPT
        assert alarm.codes == {"file_system": "tmpfs"}
