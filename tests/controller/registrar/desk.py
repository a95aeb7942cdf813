"""An operator at the pages: a session, and a clock that the test moves."""

from controller.model.operators import Operator, OperatorRole
from controller.services.acting import Acting
from controller.services.operators import operators, sign_in
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, PASSWORD


class Desk:
    def __init__(self, site: Site, role: OperatorRole) -> None:
        self.site = site
        site.now = lambda: self.now
        self.now = NOW
        operators.add(Acting(site, ADMIN, NOW), "anna", "Anna", role, "en", PASSWORD)
        entered = sign_in.sign_in(site, NOW, "anna", PASSWORD, "127.0.0.1")
        self.operator: Operator = entered.operator
        self.token = entered.token

    def acting(self, password: str = "", token: str | None = None) -> Acting:
        session = self.token if token is None else token
        return Acting(self.site, self.operator, self.now, token=session, password=password)
