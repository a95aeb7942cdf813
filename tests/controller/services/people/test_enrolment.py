import hmac

import pytest

from controller.errors import BadInput, Conflict
from controller.model.credentials import CredentialKind
from controller.services.acting import Acting
from controller.services.people import holders
from controller.services.people.enrolment import enrol, typed_card
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, idm


def test_card_is_kept_as_a_keyed_hash_of_kind_and_bytes(site: Site):
    card = typed_card(site, "04 a1 b2 c3 d4 e5 f6")
    assert (card.kind, card.last_four) == (CredentialKind.TYPE_A, "E5F6")
    message = b"type_a\x00" + bytes.fromhex("04A1B2C3D4E5F6")
    assert card.card_hash == hmac.digest(site.key, message, "sha256")


def test_four_bytes_that_only_contain_08_are_a_card(site: Site):
    assert typed_card(site, "12081234").last_four == "1234"
    with pytest.raises(BadInput, match="phones"):
        typed_card(site, "0812 3408")


def test_refused_number_is_not_repeated_in_the_sentence(site: Site):
    for number in ("0101AABBCCDDEEF", "08ABCDEF"):
        with pytest.raises(BadInput) as error:
            typed_card(site, number)
        assert number not in str(error.value)


def test_card_enrolled_twice_in_one_write_is_refused(site: Site):
    card = typed_card(site, idm(1))
    with pytest.raises(Conflict), site.registry.write() as db:
        person = holders.add_person(Acting(site, ADMIN, NOW), db, "山田", "", ())
        enrol(Acting(site, ADMIN, NOW), db, person, card)
        enrol(Acting(site, ADMIN, NOW), db, person, card)
