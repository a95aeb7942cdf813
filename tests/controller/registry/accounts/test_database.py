"""accounts.db belongs to its owner alone, is absent or complete, and is named when it cannot be used."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from controller.errors import CorruptDatabase, GenkanError, InstallerError, NewerDatabase
from controller.registry.accounts import passwords
from controller.registry.accounts.database import Accounts, new_file
from controller.registry.accounts.schema import create_tables


def set_password(accounts: Accounts, hashed: str) -> None:
    with accounts.write() as db:
        passwords.save_password_hash(db, "a", hashed)


def password(accounts: Accounts) -> str | None:
    with accounts.read() as db:
        return passwords.password_hash(db, "a")


def test_only_its_owner_may_read_the_file_and_what_sqlite_puts_beside_it(accounts: Accounts) -> None:
    before = os.umask(0)
    try:
        set_password(accounts, "hash")
    finally:
        os.umask(before)
    files = [one for one in accounts.file.parent.iterdir() if one.is_file()]
    assert {one.name for one in files} == {"accounts.db", "accounts.db-wal", "accounts.db-shm"}
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}


def test_creating_it_again_keeps_what_is_in_it(accounts: Accounts) -> None:
    set_password(accounts, "hash")
    accounts.create()
    assert password(accounts) == "hash"


def test_write_is_all_or_nothing(accounts: Accounts) -> None:
    set_password(accounts, "old")
    with pytest.raises(ZeroDivisionError), accounts.write() as db:
        passwords.save_password_hash(db, "a", "new")
        raise ZeroDivisionError
    assert password(accounts) == "old"


def missing(file: Path) -> None:
    file.unlink()


def damaged(file: Path) -> None:
    file.write_bytes(b"x" * 8192)


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 99")


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (
            missing,
            InstallerError,
            "is missing, so nobody can sign in; .* `genkan init --data .*operator reset`",
        ),
        (damaged, CorruptDatabase, "is damaged .*restore it from a backup"),
        (Path.touch, CorruptDatabase, "it holds no accounts; restore it from a backup"),
        (newer, NewerDatabase, r"written by a newer Genkan \(schema 99, this one knows 1\)"),
        (pipe, CorruptDatabase, "is not a regular file"),
    ],
)
def test_file_that_cannot_be_used_is_one_sentence_until_it_is_put_back(
    accounts: Accounts, harm, error: type[GenkanError], words: str
) -> None:
    aside = accounts.file.with_name("aside")
    shutil.copy(accounts.file, aside)
    if harm is Path.touch:
        accounts.file.unlink()
    harm(accounts.file)
    before = sorted(accounts.file.parent.iterdir())
    with pytest.raises(error, match=words):
        accounts.check()
    assert sorted(accounts.file.parent.iterdir()) == before
    for use in (accounts.read, accounts.write):
        with pytest.raises(error, match=words) as raised, use():
            pass
        assert "\n" not in str(raised.value) and str(accounts.file) in str(raised.value)
    aside.rename(accounts.file)
    accounts.check()
    assert password(accounts) is None


def test_new_file_that_fails_leaves_the_old_one(accounts: Accounts) -> None:
    set_password(accounts, "old")
    with pytest.raises(ZeroDivisionError), new_file(accounts.file) as db:
        create_tables(db)
        raise ZeroDivisionError
    assert password(accounts) == "old"
    assert not list(accounts.file.parent.glob("*.part*"))


def test_new_file_takes_nothing_from_the_wal_of_the_old_one(accounts: Accounts) -> None:
    set_password(accounts, "old")
    with new_file(accounts.file) as db:
        create_tables(db)
    with closing(Accounts(accounts.file)) as again:
        assert password(again) is None
