"""Pages and commands change the registry only by requests: none calls a service function that writes it.

A function writes if it opens a transaction of the registry, or calls one that does, over every module of
`services` and `registry`. Sending a request with `acting.send(...)` is not a call.
"""

import ast
from functools import cache
from pathlib import Path

from tests.architecture.source_tree import ROOT, called, nodes, place, sources, tree

# Functions that write without a request, each with the reason.
WITHOUT_REQUESTS = {
    "controller.services.found_rights.record_found": "no operator asks: the program does it once at a start",
    "controller.services.access.holidays.renew": "no operator asks: the program adds years at its start",
    "controller.services.backup.restore.restore": "fills a new data folder, whose services do not run yet",
    "controller.services.demo.fill": "fills the demo's new data folder before its registrar starts",
    "controller.services.demo.publish_rules": "as demo.fill",
}
_TRANSACTIONS = {"write", "housekeeping", "scrub"}

Names = dict[str, str]


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def imported(file: Path) -> Names:
    """Local name to full name, also of imports inside functions."""
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes(file)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def used(node: ast.AST, names: Names) -> set[str]:
    """The full names that this code mentions, called or passed on."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in names:
            found.add(names[part.id])
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in names:
            found.add(f"{names[part.value.id]}.{part.attr}")
    return found


def opens_a_transaction(function: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Call) and not part.args and called(part).split(".")[-1] in _TRANSACTIONS
        for part in ast.walk(function)
    )


@cache
def writers() -> frozenset[str]:
    """The full names of all functions that write the registry."""
    calls: dict[str, set[str]] = {}
    found = set()
    for file in sources("controller/services", "controller/registry"):
        module, own = module_of(file), {}
        functions = [one for one in tree(file).body if isinstance(one, ast.FunctionDef)]
        for one in functions:
            own[one.name] = f"{module}.{one.name}"
        for one in functions:
            calls[own[one.name]] = used(one, imported(file) | own)
            if opens_a_transaction(one):
                found.add(own[one.name])
    while further := {name for name, called_ in calls.items() if called_ & found} - found:
        found |= further
    return frozenset(found)


def forbidden() -> set[str]:
    """The writers that a request must wrap."""
    return {name for name in writers() if name.startswith("controller.services.")} - WITHOUT_REQUESTS.keys()


def test_no_page_or_command_calls_a_function_that_writes_the_registry() -> None:
    found = [
        f"{place(file, node)} {name}: send a request instead (docs/requests.md)"
        for file in sources("controller/commands", "web")
        for node in tree(file).body
        for name in used(node, imported(file)) & forbidden()
    ]
    assert not found, "\n".join(found)


def test_writing_functions_are_found_through_their_callers() -> None:
    assert {
        "controller.services.people.people.edit",
        "controller.services.people.people.suspend",  # through _set
        "controller.services.people.people.erasure",  # through services/erasures.py
        "controller.services.people.imports.check",  # through registry/imports.py
        "controller.services.access.calendar.set_day",
    } <= writers()
    assert (
        not {
            "controller.services.people.people.get",
            "controller.services.people.badges.search",
            "controller.services.backup.backup.make",  # sends RecordBackup
        }
        & writers()
    )


def test_exceptions_name_functions_that_write() -> None:
    assert WITHOUT_REQUESTS.keys() <= writers()
