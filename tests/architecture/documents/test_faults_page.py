"""Every test that docs/faults.md names exists, and each fault, story and rule has one."""

import re

from controller.model.rules.order import RuleName
from tests.architecture.source_tree import ROOT, mentions

PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def listed_tests() -> dict[str, list[tuple[str, str]]]:
    """Return for the first cell of each row the files and tests in the second."""
    cells = [line.strip("| \n").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    return {first: TEST.findall(second) for first, second, *_ in cells if second != "Shown by"}


def test_what_a_fault_does_not_keep_is_in_a_column_of_its_own() -> None:
    rows = [line for line in PAGE.partition("\n## Faults\n")[2].splitlines() if line.startswith("| ")]
    assert rows[0] == "| Fault | Shown by | Not met, or not tried |"
    assert [row[:60] for row in rows if len(row.strip("| ").split(" | ")) > 3 or row.count(" |") != 3] == []
    assert [row[:60] for row in rows if re.search(r"\*Not |Not met:", row)] == []


def test_every_test_named_exists() -> None:
    named = {one for tests in listed_tests().values() for one in tests}
    assert len(named) > 50
    for file, test in sorted(named):
        assert (ROOT / "tests" / file).exists(), file
        assert mentions(ROOT / "tests" / file, f"\ndef {test}("), f"{file}: {test}"


def test_every_row_and_every_rule_has_a_test() -> None:
    assert [row for row, tests in listed_tests().items() if not tests] == []
    numbers = [int(row.split(".")[0]) for row in listed_tests() if row[0].isdigit()]
    assert numbers == list(range(1, 19))
    own = {rule for rule in RuleName if (ROOT / f"tests/controller/decision/rules/test_{rule}.py").exists()}
    missing = [str(rule) for rule in RuleName if rule not in own | set(listed_tests())]
    assert not missing, (
        f"Write tests/controller/decision/rules/test_….py for {missing}, or name tests in docs/faults.md."
    )
