import inspect

import pytest

from controller.errors import BadInput
from controller.services.operators import passwords
from controller.services.operators.passwords import PasswordCost
from controller.services.site import Site
from tests.architecture.source_tree import PACKAGES, called, calls, mentions, place, sources


@pytest.mark.parametrize(
    "password",
    [
        "",
        "a" * 14,
        "x" * 129,
        "x" * 10_000,
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "123456789012345",
        "098765432109876",
        "qwertyuiopasdfgh",
        "hgfdsapoiuytrewq",
        "passwordpassword",
        "Password2026!!!!",
        "GenkanAdmin12345",
        "kanri-kanri-2026",
        "１２３４５６７８９０１２３４５",
        "\ud800" * 20,
    ],
)
def test_weak_password_is_refused_with_its_field(password: str):
    with pytest.raises(BadInput) as error:
        passwords.check_new("new", password, ("kanri",))
    assert error.value.field == "new"


@pytest.mark.parametrize(
    "password",
    [
        "the badge opens at nine",
        "朝九時に入口のとびらが開きます",
        "xkq7-mmw2-aap9-z",
        "n" * 3 + "opqr stuv wxyz 1",
    ],
)
def test_sentence_is_accepted_in_any_script(password: str):
    assert passwords.check_new("new", password)


def test_hash_matches_its_password_only_however_it_was_typed():
    stored = passwords.hashed("ｔｈｅ　ｂａｄｇｅ　ｏｐｅｎｓ")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(stored, "the badge opens")
    assert not passwords.matches(stored, "the badge closes")
    assert not passwords.matches(stored, "the badge opens" + "x" * 1000)


def test_hash_of_the_product_costs_19_mib_and_two_passes():
    assert (passwords.FULL.memory_kib, passwords.FULL.passes) == (19456, 2)
    for function in (Site.open, Site.__init__, passwords.hashed, passwords.matches):
        parameters = inspect.signature(function).parameters.values()
        assert [p.default for p in parameters if p.annotation is PasswordCost] == [passwords.FULL]


def test_only_tests_choose_another_cost():
    found = {
        place(file, call): name
        for file in sources(*PACKAGES)
        if mentions(file, "PasswordCost")
        for call in calls(file)
        if (name := called(call)).rpartition(".")[2] == "PasswordCost"
    }
    assert len(found) == 1 and next(iter(found)).startswith("controller/services/operators/passwords.py:"), (
        found
    )


def test_nobodys_password_matches_nothing_and_costs_a_hash():
    from argon2 import PasswordHasher
    from argon2.exceptions import VerifyMismatchError

    assert not passwords.matches(None, "the badge opens")
    with pytest.raises(VerifyMismatchError):  # an unreadable hash would answer immediately
        PasswordHasher().verify(passwords.FULL.nobody, "the badge opens")


def test_damaged_hash_admits_nobody():
    assert not passwords.matches("not a hash", "not a hash")
