from controller.registry.accounts import passwords
from controller.registry.accounts.database import Accounts


def test_newest_hash_counts_and_nobody_else_has_it(accounts: Accounts) -> None:
    with accounts.write() as db:
        assert passwords.password_hash(db, "a") is None
        for hashed in ("first", "second"):
            passwords.save_password_hash(db, "a", hashed)
        assert passwords.password_hash(db, "a") == "second"
        assert passwords.password_hash(db, "b") is None
