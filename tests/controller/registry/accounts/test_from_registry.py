"""An upgrade takes the accounts out of the registry, and leaves no hash in its free pages."""

import sqlite3
from contextlib import closing
from pathlib import Path

from controller.registry import operators
from controller.registry.accounts import passwords, sessions
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.accounts.database import Accounts, accounts_file
from controller.registry.database import Registry
from tests.controller.registry.samples import UTC_NOW
from tests.controller.test_migration_cut import registry_at
from tests.sample_site import ADMIN

HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"


def before_accounts(file: Path) -> None:
    """A registry with an operator who is signed in, and many more whose rows fill pages."""
    registry_at(8, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("BEGIN")
        row = (ADMIN.id, ADMIN.name, ADMIN.display_name, HASH, ADMIN.role.value, "en", "active")
        db.execute("INSERT INTO operators VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for number in range(200):
            other = (f"{number}", f"{number}", "Other", HASH, "viewer", "en", "disabled")
            db.execute("INSERT INTO operators VALUES (?, ?, ?, ?, ?, ?, ?)", other)
        held = (sessions.token_hash("token"), ADMIN.id, *["2026-11-24T06:00:00.000Z"] * 3)
        db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", held)
        db.execute(
            "INSERT INTO known_browsers VALUES (?, ?, ?)", (sessions.token_hash("browser"), *held[1:3])
        )
        db.execute(
            "INSERT INTO sign_in_failures VALUES (1, ?, ?, '', NULL, ?)",
            (failures.account_hash("admin"), *held[1:3]),
        )
        used = (sessions.token_hash("code"), "2026-11-24T07:00:00.000Z", "2026-11-24T06:30:00.000Z")
        db.execute("INSERT INTO set_up_code VALUES (1, ?, ?, ?)", used)
        db.execute("COMMIT")


def test_accounts_are_all_in_their_own_file_and_the_registry_keeps_the_operators(tmp_path: Path) -> None:
    before_accounts(tmp_path / "registry.db")
    with closing(Registry.open(tmp_path / "registry.db")) as registry, registry.read() as db:
        assert operators.operator(db, ADMIN.id) == ADMIN
        assert len(operators.all_operators(db)) == 202
    file = accounts_file(tmp_path / "registry.db")
    assert file.stat().st_mode & 0o777 == 0o600
    with closing(Accounts(file)) as accounts, accounts.read() as db:
        assert passwords.password_hash(db, ADMIN.id) == HASH
        found = sessions.session(db, "token")
        assert found is not None and (found.operator_id, found.created) == (ADMIN.id, UTC_NOW)
        assert sessions.confirmed(db, "token", ADMIN.id) == UTC_NOW
        assert sessions.is_registered_browser(db, "browser", ADMIN.id)
        assert failures.account_failures(db, failures.account_hash("admin"))[0] == 1
        assert not sessions.is_set_up_code(db, "code", UTC_NOW), "it was used"


def test_no_hash_is_left_in_the_registry_file(tmp_path: Path) -> None:
    file = tmp_path / "registry.db"
    before_accounts(file)
    assert HASH.encode() in file.read_bytes()
    with closing(Registry.open(file)):
        left = b"".join(one.read_bytes() for one in tmp_path.glob("registry.db*"))
    for secret in (HASH.encode(), sessions.token_hash("token"), sessions.token_hash("browser")):
        assert secret not in left


def test_accounts_of_the_registry_replace_those_of_an_earlier_attempt(tmp_path: Path) -> None:
    """A kill between the two files; then the program of before ran again."""
    file = tmp_path / "registry.db"
    before_accounts(file)
    with closing(Accounts(accounts_file(file))) as accounts:
        accounts.create()
        with accounts.write() as db:
            passwords.save_password_hash(db, ADMIN.id, "of the earlier attempt")
            sessions.add_session(db, "ended since", ADMIN.id, UTC_NOW)
    Registry.open(file).close()
    with closing(Accounts(accounts_file(file))) as accounts, accounts.read() as db:
        assert passwords.password_hash(db, ADMIN.id) == HASH
        assert sessions.session(db, "ended since") is None
