"""People who are erased in tests: requested, and carried out when the waiting time is over."""

from dataclasses import replace
from datetime import timedelta

from controller.config.people import People
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.people import erasing, people
from controller.services.site import Site
from tests.sample_site import NOW, moved


def request_erasure(site: Site, person: str, now: Moment = NOW, reason: str = "left") -> None:
    """Of somebody who is suspended first."""
    people.suspend(Acting(site, MACHINE, now), person)
    erasing.request(Acting(site, MACHINE, now), person, reason)


def erase(site: Site, person: str, now: Moment = NOW, reason: str = "left") -> Moment:
    """From the registry, after the waiting time; without the door. Return when."""
    request_erasure(site, person, now, reason)
    later = moved(now, seconds=site.config.people.erase_after.total_seconds())
    assert erasing.carry_out_due(site, later) == 1
    return later


def without_waiting(site: Site) -> None:
    """For a door that runs in real time; no genkan.toml may say so. Call it before the door starts."""
    site.config = replace(site.config, people=People(erase_after=timedelta(0)))
