import secrets

from controller.issuing.signing import StationKey, is_signed, station_id

KEY, OTHER = StationKey(secrets.token_bytes(32)), StationKey(secrets.token_bytes(32))


def test_only_what_was_signed_by_this_key_is_signed():
    signature = KEY.sign(b"a line")
    assert is_signed(KEY.public, b"a line", signature)
    assert not is_signed(KEY.public, b"a lane", signature)
    assert not is_signed(OTHER.public, b"a line", signature)
    assert not is_signed(KEY.public, b"a line", signature[:-1])


def test_what_is_not_a_key_has_signed_nothing():
    for public in ("", "00", "zz" * 32, "ff" * 32):
        assert not is_signed(public, b"a line", bytes(64))


def test_id_is_short_enough_to_compare_and_each_key_has_its_own():
    assert [len(group) for group in station_id(KEY.public).split(" ")] == [4] * 6
    assert station_id(KEY.public) != station_id(OTHER.public)
