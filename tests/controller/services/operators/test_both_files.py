"""What a request changes in registry.db and accounts.db is old in both or new in both."""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from controller.errors import BadInput, InstallerError
from controller.model.operators import Operator, OperatorRole, OperatorStatus
from controller.registry.accounts import pending, sessions
from controller.registry.accounts.pending import AccountChange
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.operators import both_files, operators, sign_in
from controller.services.operators.sign_in import SignedIn
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, PASSWORD, opened_site

NEW = "another sentence of somebody else"
HERE = "192.0.2.1"


@pytest.fixture
def anna(site: Site) -> SignedIn:
    operators.add(Acting(site, ADMIN, NOW), "anna", "Anna", OperatorRole.ADMIN, "en", PASSWORD)
    operators.add(Acting(site, ADMIN, NOW), "berta", "Berta", OperatorRole.ADMIN, "en", PASSWORD)
    return sign_in.sign_in(site, NOW, "anna", PASSWORD, HERE)


def signs_in(site: Site, name: str, password: str) -> bool:
    with suppress(BadInput):
        return bool(sign_in.sign_in(site, NOW, name, password, HERE))
    return False


def recorded(site: Site) -> list[str]:
    return [change.action for change in changes.page(Acting(site, ADMIN, NOW))]


def waiting(site: Site) -> list[str]:
    with site.accounts.read() as db:
        return pending.ids(db)


def test_request_that_fails_changes_neither_file(site: Site, anna: SignedIn) -> None:
    with pytest.raises(ZeroDivisionError), both_files.write(site) as both:
        both.change = AccountChange(operator_id=anna.operator.id, ends_sessions=True)
        raise ZeroDivisionError
    assert sign_in.session(site, NOW, anna.token) and waiting(site) == []


def test_registry_that_does_not_commit_leaves_the_accounts_as_they_were(
    site: Site, anna: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(both_files.account_changes, "decide", full)
    with pytest.raises(InstallerError, match=r"registry\.db .*full"):
        operators.set_password(Acting(site, ADMIN, NOW), anna.operator.id, NEW)
    assert waiting(site) == [] and "password_set" not in recorded(site)
    assert sign_in.session(site, NOW, anna.token) and signs_in(site, "anna", PASSWORD)


@pytest.fixture
def full_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The file takes no decided change; a copy in memory does."""
    settle = pending.settle

    def settle_in_memory(db: sqlite3.Connection, decided: Collection[str]) -> None:
        if db.execute("PRAGMA database_list").fetchone()[2]:
            raise sqlite3.OperationalError("database or disk is full")
        settle(db, decided)

    with monkeypatch.context() as patched:
        patched.setattr(pending, "settle", settle_in_memory)
        yield patched


def test_change_that_the_full_disk_keeps_waiting_holds_and_closes_no_page(
    site: Site, anna: SignedIn, full_disk: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    berta = sign_in.sign_in(site, NOW, "berta", PASSWORD, HERE)
    operators.set_password(Acting(site, ADMIN, NOW), anna.operator.id, NEW)
    assert len(waiting(site)) == 1 and recorded(site)[0] == "password_set"
    assert "accounts.db cannot be used (database or disk is full)" in caplog.text
    assert sign_in.session(site, NOW, anna.token) is None
    assert sign_in.session(site, NOW, berta.token) == berta.operator
    with pytest.raises(InstallerError, match=r"accounts\.db .*full"):
        signs_in(site, "anna", PASSWORD)
    full_disk.undo()
    assert sign_in.session(site, NOW, berta.token) == berta.operator and waiting(site) == []
    assert signs_in(site, "anna", NEW) and not signs_in(site, "anna", PASSWORD)


def test_start_drops_what_the_registry_never_decided(site: Site, anna: SignedIn) -> None:
    change = AccountChange(operator_id=anna.operator.id, password_hash="x", ends_sessions=True)
    with site.accounts.write() as db:
        pending.add(db, "planted", change)
    assert sign_in.session(site, NOW, anna.token), "a request under way is not applied before its time"
    both_files.settle_at_start(site)
    assert waiting(site) == [] and signs_in(site, "anna", PASSWORD)


def test_accounts_that_cannot_be_used_keep_nobody_from_opening_the_site(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.accounts.file.unlink()
    with caplog.at_level(logging.WARNING), opened_again(site) as again:
        assert again.registry.id() == site.registry.id()
        with pytest.raises(InstallerError, match=r"accounts\.db is missing, so nobody can sign in"):
            sign_in.session(again, NOW, "token")
    assert "accounts.db is missing" in caplog.text


def opened_again(site: Site) -> Site:
    return Site.open(site.config, site.now)


def disabled(site: Site, anna: SignedIn) -> None:
    operators.disable(Acting(site, ADMIN, NOW), anna.operator.id)


def password_set(site: Site, anna: SignedIn) -> None:
    operators.set_password(Acting(site, ADMIN, NOW), anna.operator.id, NEW)


def password_changed(site: Site, anna: SignedIn) -> None:
    operators.change_own_password(Acting(site, anna.operator, NOW), PASSWORD, NEW, "other")


def signed_out(site: Site, anna: SignedIn) -> None:
    sign_in.sign_out(Acting(site, anna.operator, NOW), anna.token)


def operator_added(site: Site, _: SignedIn) -> None:
    operators.add(Acting(site, ADMIN, NOW), "carla", "Carla", OperatorRole.VIEWER, "en", PASSWORD)


def named(site: Site, name: str) -> Operator | None:
    every = operators.all_operators(Acting(site, ADMIN, NOW))
    return next((one for one in every if one.name == name), None)


def is_disabled(site: Site) -> bool:
    found = named(site, "anna")
    return found is not None and found.status is OperatorStatus.DISABLED


STORIES: list[tuple[Callable[[Site, SignedIn], None], str, Callable[[Site], bool], bool]] = [
    (disabled, "operator_disabled", is_disabled, True),
    (password_set, "password_set", lambda site: signs_in(site, "anna", NEW), True),
    (password_changed, "password_changed", lambda site: signs_in(site, "anna", NEW), True),
    (signed_out, "signed_out", lambda site: True, True),
    (operator_added, "operator_added", lambda site: signs_in(site, "carla", PASSWORD), False),
]


@pytest.mark.parametrize(("act", "action", "is_new", "ends"), STORIES, ids=[one[1] for one in STORIES])
def test_kill_at_any_statement_leaves_both_files_old_or_both_new(
    site: Site,
    anna: SignedIn,
    tmp_path: Path,
    act: Callable[[Site, SignedIn], None],
    action: str,
    is_new: Callable[[Site], bool],
    ends: bool,
) -> None:
    """The kernel keeps what a killed process has written: the files before each statement of either database
    are what a kill there leaves. Then the registrar starts again.
    """
    before, seen = recorded(site).count(action), []
    for number, left in enumerate(states(site, lambda: act(site, anna))):
        copy = tmp_path / f"left-{number}"
        shutil.copytree(site.config.data, copy, ignore=shutil.ignore_patterns("registry.db*", "accounts.db*"))
        for name, content in left.items():
            (copy / "registry" / name).write_bytes(content)
        with opened_site(copy) as again:
            found = recorded(again).count(action) - before
            has_ended = sign_in.session(again, NOW, anna.token) is None
            assert waiting(again) == [] and found in (0, 1)
            assert has_ended == (ends and bool(found)), f"half in state {number}"
            assert not found or is_new(again), f"half in state {number}"
            if not found:
                assert signs_in(again, "anna", PASSWORD) and named(again, "carla") is None
        seen.append(found)
    assert seen == sorted(seen) and set(seen) == {0, 1} and len(seen) >= 4


def states(site: Site, act: Callable[[], None]) -> list[dict[str, bytes]]:
    """The different contents of both databases before each statement, and after the last one."""
    found: list[dict[str, bytes]] = []

    def keep(_: str) -> None:
        files = site.registry.file.parent.glob("*.db*")
        now = {one.name: one.read_bytes() for one in files if not one.name.endswith("-shm")}
        if not found or found[-1] != now:
            found.append(now)

    for file in (site.registry, site.accounts):
        for db in file._all:
            db.set_trace_callback(keep)
    act()
    keep("")
    return found


def test_session_hash_alone_ends_no_session_of_another_operator(site: Site, anna: SignedIn) -> None:
    berta = sign_in.sign_in(site, NOW, "berta", PASSWORD, HERE)
    password_set(site, anna)
    assert sign_in.session(site, NOW, anna.token) is None
    assert sign_in.session(site, NOW, berta.token) == berta.operator
    assert sessions.token_hash(anna.token) != sessions.token_hash(berta.token)
