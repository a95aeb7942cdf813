import pytest

from controller.journal.engine import has_wal_reset_fix


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ("3.46.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.0", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.52.0", True),
        ("4.0.0", True),
    ],
)
def test_releases_with_the_fix_are_known(version: str, fixed: bool):
    assert has_wal_reset_fix(version) is fixed


def test_version_of_this_python_can_be_judged():
    assert has_wal_reset_fix() in (True, False)
