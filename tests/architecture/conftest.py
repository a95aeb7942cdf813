import pytest

from tests.architecture.source_tree import forget_trees
from tests.spread import TREE


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None or not nextitem.nodeid.startswith(TREE):
        forget_trees()
