"""Sample people for `genkan run --demo`."""

from controller.model.moment import Moment
from controller.services.house import House

SAMPLE_IDM = "0101031284C0FFEE"


def fill(house: House, now: Moment) -> None:
    """Sample people, levels and schedules, once; the badge SAMPLE_IDM may always pass everywhere."""
    raise NotImplementedError
