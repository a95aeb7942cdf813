"""How long the log is kept, and what becomes of rights that it does not give."""

from pathlib import Path

from controller.config import load
from tests.controller.config.texts import WHOLE, refused, write


def test_rights_without_a_record_are_refused_unless_the_site_chose_the_alarm_alone(tmp_path: Path):
    assert load(write(tmp_path, WHOLE)).log.unaccounted == "refuse"
    alarm_alone = WHOLE.replace("[web]", '[log]\nunaccounted = "alarm"\n[web]')
    assert load(write(tmp_path, alarm_alone)).log.unaccounted == "alarm"
    assert "alarm" in refused(tmp_path, WHOLE.replace("[web]", '[log]\nunaccounted = "ignore"\n[web]'))
