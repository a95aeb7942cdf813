import pytest

from controller.issuing.chips import chip_code, chip_name, may_be_from_before_2018


def test_chip_is_reported_by_the_first_two_bytes_of_the_pmm():
    code = chip_code(bytes.fromhex("00F1000000014300"))
    assert (code, chip_name(code)) == ("00f1", "FeliCa Lite-S (RC-S966)")
    assert chip_name("0035") == "IC 35"


@pytest.mark.parametrize(("bought", "warned"), [(None, True), (2017, True), (2018, False), (2026, False)])
def test_card_nobody_vouches_for_is_reported(bought: int | None, warned: bool):
    assert may_be_from_before_2018("00f1", bought) is warned
