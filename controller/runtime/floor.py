"""What the rules know of the house at this moment: the newest rule book, the lockdowns, who is inside.

Belongs to the decide thread.
"""

import logging
from dataclasses import replace

from controller.decision.facts import Facts
from controller.decision.site import SitePolicy
from controller.errors import GenkanError
from controller.registry.lookup import Listing

log = logging.getLogger(__name__)


class Floor:
    def __init__(self, site: SitePolicy) -> None:
        self.facts = Facts(site)
        self._of: tuple[str, int] | None = None  # registry id and version the facts were read from

    def look(self, listing: Listing) -> None:
        """Read rules and lockdowns again where the registry has changed since.

        A rule book that cannot be understood leaves the last one in force; the next look tries again.
        """
        found = (listing.registry_id, listing.version)
        if found == self._of:
            return
        try:
            book, lockdowns = listing.rule_book(), listing.lockdowns()
        except GenkanError as error:
            log.error("the rules of the floor stay as they were: %s", error)
            return
        self._of = found
        self.facts = replace(self.facts, book=book, lockdowns=lockdowns)
