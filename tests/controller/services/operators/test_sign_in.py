import threading

import pytest

from controller.errors import BadInput, Conflict, Throttled
from controller.model.operators import OperatorRole
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.operators import operators, sign_in
from controller.services.operators.sign_in import SignedIn
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, PASSWORD, later, moved, opened_site

HERE = "192.0.2.1"


def set_up(site: Site) -> SignedIn:
    code = sign_in.new_set_up_code(site, NOW)
    assert code is not None
    return sign_in.first_administrator(site, NOW, code, "Kanri", "管理 太郎", "ja", PASSWORD, HERE)


def first(site: Site, code: str, password: str = PASSWORD) -> SignedIn:
    return sign_in.first_administrator(site, NOW, code, "kanri", "管理", "ja", password, HERE)


def wrong(site: Site, now=NOW, name: str = "kanri", address: str = HERE, device: str | None = None) -> type:
    """What a wrong password leads to."""
    try:
        sign_in.sign_in(site, now, name, "not the password at all", address, device)
    except (BadInput, Throttled) as error:
        return type(error)
    raise AssertionError("a wrong password was taken")


def test_first_administrator_comes_in_with_the_code_once(site: Site):
    assert sign_in.set_up_needed(site)
    entered = set_up(site)
    assert not sign_in.set_up_needed(site)
    assert entered.operator.role is OperatorRole.ADMIN and entered.operator.name == "kanri"
    assert sign_in.session(site, NOW, entered.token) == entered.operator
    assert sign_in.new_set_up_code(site, NOW) is None
    (change,) = [c for c in changes.page(Acting(site, ADMIN, NOW)) if c.action == "first_administrator_added"]
    assert change.operator_name == "管理 太郎"


def test_set_up_code_is_128_bits_and_read_without_hyphens_and_case(site: Site):
    code = sign_in.new_set_up_code(site, NOW) or ""
    assert len(code.replace("-", "")) == 32
    assert first(site, f" {code.replace('-', ' ').upper()} ").token


def test_wrong_used_replaced_or_old_code_is_refused(site: Site):
    replaced = sign_in.new_set_up_code(site, NOW) or ""
    code = sign_in.new_set_up_code(site, NOW) or ""
    for bad in ("", "0" * 32, replaced, "\ud800"):
        with pytest.raises(BadInput) as error:
            first(site, bad)
        assert error.value.field == "code"
    with pytest.raises(BadInput):
        sign_in.first_administrator(site, later(hours=1), code, "k", "k", "ja", PASSWORD, HERE)
    first(site, code)
    with pytest.raises(Conflict):
        first(site, code)


def test_bad_input_does_not_use_the_code_up(site: Site):
    code = sign_in.new_set_up_code(site, NOW) or ""
    with pytest.raises(BadInput) as error:
        first(site, code, "short")
    assert error.value.field == "password"
    assert first(site, code).token


def test_two_immediately_with_one_code_make_one_administrator(site: Site):
    code = sign_in.new_set_up_code(site, NOW) or ""
    entered: list[str] = []

    def try_it(name: str) -> None:
        try:
            entered.append(
                sign_in.first_administrator(site, NOW, code, name, name, "ja", PASSWORD, HERE).token
            )
        except (BadInput, Conflict):
            pass

    threads = [threading.Thread(target=try_it, args=(f"kanri{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entered) == 1
    assert len(operators.all_operators(Acting(site, ADMIN, NOW))) == 1


def test_sign_in_gives_a_new_session_and_says_so(site: Site):
    before = set_up(site)
    entered = sign_in.sign_in(site, NOW, " ＫＡＮＲＩ ", PASSWORD, HERE)
    assert entered.token != before.token
    assert changes.page(Acting(site, ADMIN, NOW))[0].action == "signed_in"
    sign_in.sign_out(Acting(site, entered.operator, NOW), entered.token)
    assert sign_in.session(site, NOW, entered.token) is None
    assert sign_in.session(site, NOW, before.token) is not None
    assert changes.page(Acting(site, ADMIN, NOW))[0].action == "signed_out"


def test_every_kind_of_failure_reads_the_same(site: Site):
    set_up(site)
    operators.add(Acting(site, ADMIN, NOW), "gone", "Gone", OperatorRole.VIEWER, "ja", PASSWORD)
    gone = operators.all_operators(Acting(site, ADMIN, NOW))[0]
    operators.disable(Acting(site, ADMIN, NOW), gone.id)
    messages = set()
    for name, password in (
        ("kanri", "x" * 20),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("\ud800", "\ud800"),
        ("", ""),
    ):
        with pytest.raises(BadInput) as error:
            sign_in.sign_in(site, NOW, name, password, HERE)
        messages.add((error.value.field, str(error.value)))
    assert len(messages) == 1


def test_failed_sign_in_is_recorded_without_what_was_typed(site: Site):
    set_up(site)
    wrong(site, name="my secret password")
    wrong(site)
    recorded, unknown = changes.page(Acting(site, ADMIN, NOW))[:2]
    assert (recorded.action, recorded.operator_name) == ("sign_in_failed", "管理 太郎")
    assert (unknown.action, unknown.operator_id, unknown.operator_name) == ("sign_in_failed", None, "")
    assert unknown.after == {"address": HERE}
    site.close()
    assert b"my secret password" not in b"".join(
        file.read_bytes() for file in site.registry.file.parent.rglob("*") if file.is_file()
    )


def test_session_dies_unused_after_half_an_hour_and_in_any_case_after_twelve(site: Site):
    entered = set_up(site)
    now = NOW
    for _ in range(25):
        now = moved(now, minutes=29)
        alive = sign_in.session(site, now, entered.token)
        assert (alive is not None) == (now.utc - NOW.utc <= sign_in.LONGEST)
    fresh = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    assert sign_in.session(site, later(minutes=31), fresh.token) is None


def test_session_used_in_the_future_is_dead(site: Site):
    """The wall clock was set back: no session lives longer for it."""
    entered = set_up(site)
    assert sign_in.session(site, later(minutes=-10), entered.token) is None


def test_session_knows_nobody_by_a_wrong_token(site: Site):
    set_up(site)
    for token in ("", "x", "\ud800", "a" * 10_000):
        assert sign_in.session(site, NOW, token) is None


def test_disabled_operators_session_is_dead_immediately(site: Site):
    set_up(site)
    added = operators.add(Acting(site, ADMIN, NOW), "view", "View", OperatorRole.VIEWER, "ja", PASSWORD)
    entered = sign_in.sign_in(site, NOW, "view", PASSWORD, HERE)
    operators.disable(Acting(site, ADMIN, NOW), added.id)
    assert sign_in.session(site, NOW, entered.token) is None
    operators.enable(Acting(site, ADMIN, NOW), added.id)
    assert sign_in.session(site, NOW, entered.token) is None


def test_eleventh_try_in_a_quarter_of_an_hour_does_not_happen(site: Site):
    set_up(site)
    assert [wrong(site, later(seconds=i), address=f"192.0.2.{i}") for i in range(12)] == [BadInput] * 10 + [
        Throttled
    ] * 2
    with pytest.raises(Throttled) as error:
        sign_in.sign_in(site, later(minutes=14), "kanri", PASSWORD, "198.51.100.1")
    assert 0 < int(str(error.value.fields["seconds"])) <= 60
    assert sign_in.sign_in(site, later(minutes=15, seconds=10), "kanri", PASSWORD, HERE).token


def test_throttle_holds_after_a_restart(site: Site):
    set_up(site)
    for _ in range(10):
        wrong(site)
    with opened_site(site.config.data) as again:
        assert wrong(again) is Throttled


def test_thousand_guesses_stop_at_a_hundred_until_the_password_is_set(site: Site):
    entered = set_up(site)
    now, judged = NOW, 0
    for i in range(1000):
        now = moved(now, minutes=1.6)
        judged += wrong(site, now, address=f"192.0.2.{i % 250}") is BadInput
    assert judged == 100
    now = moved(now, hours=10)
    with pytest.raises(Throttled):
        sign_in.sign_in(site, now, "kanri", PASSWORD, "198.51.100.1")
    recorded = sign_in.sign_in(site, now, "kanri", PASSWORD, "198.51.100.1", entered.device)
    assert recorded.device == entered.device, "the owner's own browser still gets in"
    assert wrong(site, now) is Throttled, "which gives nobody else further tries"
    operators.set_password(Acting(site, recorded.operator, now), recorded.operator.id, PASSWORD + "!")
    assert sign_in.sign_in(site, now, "kanri", PASSWORD + "!", HERE).token


def test_known_browser_is_throttled_by_itself(site: Site):
    entered = set_up(site)
    assert [wrong(site, device=entered.device) for _ in range(11)] == [BadInput] * 10 + [Throttled]
    assert wrong(site) is BadInput
    other = operators.add(Acting(site, ADMIN, NOW), "other", "Other", OperatorRole.VIEWER, "ja", PASSWORD)
    assert other.name == "other"
    assert wrong(site, name="other", device=entered.device) is BadInput, "known for its own account only"


def test_address_that_tries_many_names_waits_longer_each_time_but_at_most_30_seconds(site: Site):
    set_up(site)
    assert [wrong(site, name=f"name{i}") for i in range(22)] == [BadInput] * 21 + [Throttled]
    now, waits = NOW, []
    for i in range(22, 30):
        with pytest.raises(Throttled) as error:
            sign_in.sign_in(site, now, f"name{i}", PASSWORD, HERE)
        waits.append(int(str(error.value.fields["seconds"])))
        now = moved(now, seconds=waits[-1])
        assert wrong(site, now, name=f"name{i}") is BadInput
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert wrong(site, now, name="kanri", address="192.0.2.2") is BadInput, "other addresses do not wait"
    assert sign_in.sign_in(site, moved(now, seconds=30), "kanri", PASSWORD, HERE).token


def test_waiting_address_does_not_hold_back_a_known_browser_or_a_clock_set_back(site: Site):
    entered = set_up(site)
    for i in range(30):
        wrong(site, later(seconds=31 * i), name=f"name{i}")
    now = later(seconds=31 * 29)
    assert wrong(site, now) is Throttled
    assert sign_in.sign_in(site, now, "kanri", PASSWORD, HERE, entered.device).token
    assert sign_in.sign_in(site, later(minutes=-5), "kanri", PASSWORD, HERE).token


def test_one_who_mistypes_holds_back_none_of_forty_behind_the_same_address(site: Site):
    set_up(site)
    for i in range(40):
        operators.add(Acting(site, ADMIN, NOW), f"op{i}", f"Op {i}", OperatorRole.VIEWER, "ja", PASSWORD)
    mistyped = [wrong(site, name="op0") for _ in range(60)]
    assert mistyped == [BadInput] * 10 + [Throttled] * 50
    entered: list[str] = []

    def enter(names: list[str]) -> None:
        entered.extend(sign_in.sign_in(site, NOW, name, PASSWORD, HERE).operator.name for name in names)

    names = [f"op{i}" for i in range(1, 40)]
    threads = [threading.Thread(target=enter, args=(names[i::12],)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered) == sorted(names)


def test_tries_at_the_same_time_are_all_counted(site: Site):
    set_up(site)
    outcomes: list[type] = []
    threads = [threading.Thread(target=lambda: outcomes.append(wrong(site))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(BadInput) == 10


def test_right_password_forgives_earlier_failures(site: Site):
    set_up(site)
    for _ in range(9):
        wrong(site)
    sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    assert [wrong(site) for _ in range(10)] == [BadInput] * 10
