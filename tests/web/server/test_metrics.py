"""The text of /metrics where nothing can be read; tests/web/routes/test_health.py has the rest."""

from controller.model.moment import ClockState
from controller.services.doors.health import Health
from tests.web.routes.test_health import parsed
from web.server.metrics import metrics_text

NOTHING = Health(
    door_runs=True,
    registrar_answers=True,
    card_number_key="ok",
    state=None,
    log=None,
    registry=None,
    disk=None,
    clock=ClockState.UNTRUSTED,
    copy_age=None,
)


def test_what_cannot_be_read_has_no_sample() -> None:
    found = parsed(metrics_text(NOTHING, watchers=3, connections=7, closed=11))
    assert found == {
        "genkan_door_service_up": 1,
        "genkan_registrar_up": 1,
        "genkan_journal_writing": 0,
        "genkan_registry_readable": 0,
        "genkan_journal_readable": 0,
        'genkan_clock{state="trusted"}': 0,
        'genkan_clock{state="holdover"}': 0,
        'genkan_clock{state="untrusted"}': 1,
        "genkan_log_watchers": 3,
        "genkan_connections": 7,
        "genkan_connections_closed_total": 11,
    }
