"""A source file of some size has a test file of the same name at the same place under tests/."""

from pathlib import Path

from tests.architecture.source_tree import PACKAGES, ROOT, sources

WEIGHT = 60  # lines of code and text; the tests of other files cover smaller files
# Lists of requests, which tests/controller/registrar/test_table.py walks and their subject's tests send.
REQUESTS = "requests"

# Files with tests elsewhere, each with the reason.
ELSEWHERE: dict[str, str] = {
    "controller/devices.py": "Protocols only; mypy checks who satisfies them",
    "controller/model/actions.py": "values without behaviour; decision and runtime tests build them all",
    "controller/model/events.py": "values without behaviour; journal tests write them all",
    "controller/model/signals.py": "values without behaviour; decision and runtime tests build them all",
    "controller/model/orders.py": "values without behaviour; registry and runtime tests build them all",
    "firmware_bridge/simulator/hostile.py": "a card for tests: the bridge's own tests use it",
    "controller/model/access.py": "values without behaviour; the rules' tests build them all",
}


def weight(file: Path) -> int:
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


def mirror_of(file: Path) -> Path:
    return ROOT / "tests" / file.relative_to(ROOT).parent / f"test_{file.stem.strip('_')}.py"


def test_every_source_file_of_weight_has_its_test_file() -> None:
    missing = [
        f"{file.relative_to(ROOT)} wants {mirror_of(file).relative_to(ROOT)}"
        for file in sources(*PACKAGES)
        if weight(file) > WEIGHT
        and not file.stem.endswith(REQUESTS)
        and not mirror_of(file).exists()
        and str(file.relative_to(ROOT)) not in ELSEWHERE
    ]
    assert not missing, "\n".join(missing)


def test_list_of_exceptions_is_not_out_of_date() -> None:
    for name in ELSEWHERE:
        assert (ROOT / name).exists(), f"{name} is gone; remove it from the list"
        assert not mirror_of(ROOT / name).exists(), f"{name} has a test file now; remove it from the list"


def test_names_of_files_say_what_they_own() -> None:
    nothing = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
    assert not [file for file in sources(*PACKAGES, "tests") if file.stem in nothing]
