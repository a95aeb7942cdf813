"""PINs of people: which are accepted, what is stored, and who may set them."""

import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.access import PinResult
from controller.model.pins import StoredPin, is_trivial, least_digits
from controller.registry import pins as rows
from controller.registry.pin_hash import check_pin
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import people, pins
from controller.services.site import Site
from tests.controller.erasure import erase
from tests.controller.services.test_erasures import left_in
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER

PIN, DURESS = "204867", "739155"


@pytest.fixture
def person(site: Site) -> str:
    return people.add(Acting(site, ADMIN, NOW), "山田 花子").id


def set_pin(site: Site, person: str, pin: str = PIN) -> None:
    pins.set_pin(Acting(site, ADMIN, NOW), person, pin, pin)


def set_duress(site: Site, person: str, pin: str = DURESS) -> None:
    pins.set_duress(Acting(site, ADMIN, NOW), person, pin, pin)


def keyed_in(site: Site, person: str, digits: str) -> PinResult | None:
    with site.registry.read() as db:
        stored = rows.pin_of(db, person)
    return None if stored is None else check_pin(site.key, person, digits, stored)


def test_pin_and_duress_pin_are_distinguished_from_each_other_and_from_wrong_ones(site: Site, person: str):
    assert keyed_in(site, person, PIN) is None
    set_pin(site, person)
    assert keyed_in(site, person, DURESS) is PinResult.WRONG
    set_duress(site, person)
    assert keyed_in(site, person, PIN) is PinResult.RIGHT
    assert keyed_in(site, person, DURESS) is PinResult.DURESS
    for wrong in ("204868", "20486", "2048670", ""):
        assert keyed_in(site, person, wrong) is PinResult.WRONG


def test_hash_is_of_this_person_with_this_key(site: Site, person: str):
    set_pin(site, person)
    other = people.add(Acting(site, ADMIN, NOW), "佐藤 愛").id
    set_pin(site, other)
    with site.registry.read() as db:
        mine, theirs = rows.pin_of(db, person), rows.pin_of(db, other)
    assert mine and theirs and mine.hash != theirs.hash and len(mine.hash) == 32
    assert check_pin(bytes(32), person, PIN, mine) is PinResult.WRONG
    assert PIN not in repr(mine) and mine.hash.hex() not in repr(mine)


def test_what_is_set_and_removed_is_recorded_without_a_digit(site: Site, person: str):
    set_pin(site, person)
    set_duress(site, person)
    pins.remove(Acting(site, ADMIN, NOW), person)
    pins.remove(Acting(site, ADMIN, NOW), person)
    recorded = changes.page(Acting(site, ADMIN, NOW))
    assert [(one.action, one.after) for one in recorded[:3]] == [
        ("pin_removed", None),
        ("pin_set", {"name": "山田 花子", "duress_pin": True}),
        ("pin_set", {"name": "山田 花子"}),
    ]
    assert recorded[3].action == "person_added"
    assert keyed_in(site, person, PIN) is None
    left = left_in(site.registry.file.parent)
    assert PIN.encode() not in left and DURESS.encode() not in left


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [
        ("", "digits only"),
        ("12a4", "digits only"),
        ("１２３x", "digits only"),
        ("-204", "digits only"),
        ("٢٠٤٨", "digits only"),
        ("204", "at least 4"),
        ("2" * 13, "at most 12"),
        ("2048" * 1000, "at most 12"),
        ("7777", "easy to guess"),
        ("1234", "easy to guess"),
        ("987654", "easy to guess"),
        ("7890", "easy to guess"),
    ],
)
def test_pin_that_is_none_is_refused_in_one_sentence_and_nothing_is_kept(
    site: Site, person: str, pin: str, sentence: str
):
    with pytest.raises(BadInput, match=sentence) as refused:
        set_pin(site, person, pin)
    assert refused.value.field == "pin" and str(refused.value).count(". ") == 0
    assert pin == "" or len(pin) < 4 or pin not in str(refused.value)
    assert keyed_in(site, person, pin) is None


def test_digits_of_a_japanese_keyboard_are_digits(site: Site, person: str):
    set_pin(site, person, "２０４８６７")
    assert keyed_in(site, person, PIN) is PinResult.RIGHT


def test_two_that_differ_are_refused(site: Site, person: str):
    with pytest.raises(BadInput, match="differ"):
        pins.set_pin(Acting(site, ADMIN, NOW), person, PIN, DURESS)


def test_pin_and_duress_pin_must_differ_any_comes_later(site: Site, person: str):
    with pytest.raises(Conflict, match="no PIN yet"):
        set_duress(site, person)
    set_pin(site, person)
    with pytest.raises(BadInput, match="PIN itself"):
        set_duress(site, person, PIN)
    set_duress(site, person)
    with pytest.raises(BadInput, match="duress PIN"):
        set_pin(site, person, DURESS)
    set_pin(site, person, "860413")
    assert keyed_in(site, person, DURESS) is PinResult.DURESS, "a new PIN leaves the duress PIN"


def test_there_are_a_thousand_codes_for_each_holder():
    assert [least_digits(n) for n in (0, 1, 10, 11, 100, 101, 1000, 1001, 10_000)] == [
        4, 4, 4, 5, 5, 6, 6, 7, 7
    ]  # fmt: skip


def test_more_holders_need_longer_pins_and_those_there_are_called_short(site: Site, person: str):
    set_pin(site, person, "2048")
    with site.registry.write() as db:
        for i in range(10):
            other = people.holders.add_person(Acting(site, ADMIN, NOW), db, f"人{i}", "", ())
            if i < 9:
                rows.save_pin(db, other.id, StoredPin(bytes(32), 4), NOW.utc)
    before = pins.state(site.acting(ADMIN), person)
    assert (before.least, before.too_short, before.short) == (4, False, 0)
    with pytest.raises(BadInput, match="With 11 people who have a PIN, each PIN needs at least 5 digits"):
        set_pin(site, other.id, "2048")
    assert pins.state(site.acting(ADMIN), other.id).least == 5
    set_pin(site, other.id, "20486")
    after = pins.state(site.acting(ADMIN), person)
    assert (after.least, after.too_short, after.short) == (5, True, 10)
    set_pin(site, person, "20486")
    assert pins.state(site.acting(ADMIN), person).too_short is False


def test_generated_pin_is_long_enough_not_trivial_and_works(site: Site, person: str):
    for _ in range(5):
        generated = pins.generate(Acting(site, ADMIN, NOW), person)
        assert len(generated) == 4 and generated.isdecimal() and not is_trivial(generated)
        assert keyed_in(site, person, generated) is PinResult.RIGHT


def test_state_tells_what_there_is_and_no_more(site: Site, person: str):
    assert pins.state(site.acting(ADMIN), person).set_utc is None
    set_pin(site, person)
    set_duress(site, person)
    state = pins.state(site.acting(AUDITOR), person)
    assert (state.set_utc, state.has_duress) == (NOW.utc, True)


@pytest.mark.parametrize("operator", [SUPERVISOR, AUDITOR, VIEWER])
def test_only_who_may_change_people_sets_pins(site: Site, person: str, operator):
    for act in (
        lambda: pins.set_pin(Acting(site, operator, NOW), person, PIN, PIN),
        lambda: pins.set_duress(Acting(site, operator, NOW), person, PIN, PIN),
        lambda: pins.generate(Acting(site, operator, NOW), person),
        lambda: pins.remove(Acting(site, operator, NOW), person),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert keyed_in(site, person, PIN) is None


def test_nobody_and_somebody_erased_get_no_pin(site: Site, person: str):
    set_pin(site, person)
    with site.registry.read() as db:
        stored = rows.pin_of(db, person)
    erase(site, person)
    assert stored and stored.hash not in left_in(site.registry.file.parent)
    for cardholder in (person, "nobody"):
        with pytest.raises(NotFound):
            set_pin(site, cardholder)
        with pytest.raises(NotFound):
            pins.state(site.acting(ADMIN), cardholder)
        with pytest.raises(NotFound):
            pins.generate(Acting(site, ADMIN, NOW), cardholder)
