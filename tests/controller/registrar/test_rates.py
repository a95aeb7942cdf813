import pytest

from controller.errors import Throttled
from controller.registrar.rates import MOST_IN_ALL, Rates


def test_request_above_the_limit_waits_for_the_first_of_the_minute_to_pass() -> None:
    rates = Rates()
    for ms in (0, 1000, 2000):
        rates.count("s", "k", 3, ms)
    with pytest.raises(Throttled) as refused:
        rates.count("s", "k", 3, 30_000)
    assert refused.value.fields == {"most": 3, "seconds": 31}
    rates.count("s", "k", 3, 60_000)
    with pytest.raises(Throttled):
        rates.count("s", "k", 3, 60_001)


def test_other_sessions_and_other_requests_are_counted_apart() -> None:
    rates = Rates()
    rates.count("s", "k", 1, 0)
    rates.count("t", "k", 1, 0)
    rates.count("s", "l", 1, 0)
    with pytest.raises(Throttled):
        rates.count("s", "k", 1, 0)


def test_requests_of_all_kinds_together_are_limited() -> None:
    rates = Rates()
    for number in range(MOST_IN_ALL):
        rates.count("s", f"k{number % 6}", 120, number)
    with pytest.raises(Throttled) as refused:
        rates.count("s", "another", 120, 1000)
    assert refused.value.fields == {"most": 600, "seconds": 60}
    assert "600 requests within a minute" in str(refused.value), "of all kinds, not such ones"
    rates.count("t", "another", 120, 1000)


def test_memory_is_bounded_by_forgetting_the_oldest() -> None:
    rates = Rates()
    for number in range(1001):  # each counts twice: its kind, and all
        rates.count(f"s{number}", "k", 1, 0)
    rates.count("s0", "k", 1, 0)  # forgotten
    with pytest.raises(Throttled):
        rates.count("s1000", "k", 1, 0)
