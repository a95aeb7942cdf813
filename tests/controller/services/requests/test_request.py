"""What a request says of itself: its kind on the wire, its result, its confirmation."""

from controller.services.operators.sign_in import SignedIn
from controller.services.operators.sign_in_requests import FindSession, NewSetUpCode, SignIn
from controller.services.people.requests import ReportBadgeLost
from controller.services.requests.request import Confirm, OpenRequest, kind_of, result_of
from controller.services.rules.import_file import Imported
from controller.services.rules.requests import ImportRules


def test_kind_is_the_name_of_the_class_in_small_letters() -> None:
    assert (kind_of(SignIn), kind_of(ReportBadgeLost)) == ("sign_in", "report_badge_lost")


def test_result_is_the_type_that_the_class_names() -> None:
    assert (result_of(SignIn), result_of(ImportRules)) == (SignedIn, Imported)
    assert result_of(NewSetUpCode) == str | None


def test_printed_request_shows_no_secret() -> None:
    secret = "the badge opens the door at nine"
    requests = (SignIn(name="anna", password=secret, address="", device=secret), FindSession(session=secret))
    assert secret not in repr(requests)


def test_request_of_nobody_asks_for_no_confirmation() -> None:
    assert issubclass(SignIn, OpenRequest)
    assert SignIn(name="a", password="b", address="c").confirmation() is Confirm.NEVER
