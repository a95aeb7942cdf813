"""An operator at the pages: a session, and a clock that the test moves."""

from controller.model.operators import Operator, OperatorRole
from controller.services.acting import Acting
from controller.services.operators import operators, sign_in
from controller.services.site import Site
from tests.sample_house import ADMIN, NOW, PASSWORD


class Desk:
    def __init__(self, house: Site, role: OperatorRole) -> None:
        self.house = house
        house.now = lambda: self.now
        self.now = NOW
        operators.add(Acting(house, ADMIN, NOW), "anna", "Anna", role, "en", PASSWORD)
        entered = sign_in.sign_in(house, NOW, "anna", PASSWORD, "127.0.0.1")
        self.operator: Operator = entered.operator
        self.token = entered.token

    def acting(self, password: str = "", token: str | None = None) -> Acting:
        session = self.token if token is None else token
        return Acting(self.house, self.operator, self.now, token=session, password=password)
