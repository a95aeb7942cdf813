"""What a card is by its make: what a FeliCa says itself, and whether it may be one of those Sony warned of.

In August 2025 Sony said that some chips shipped until 2017 let data be read or changed. Which, it did not
publish. The kinds that we issue keys on were sold before and after, so the chip alone cannot tell: the year
in which the cards were bought can.
"""

SAFE_SINCE = 2018
NTAG_424 = "424d"  # in the place of a FeliCa's ROM and IC type; no FeliCa that we issue keys on has it
_NAMES = {"f0": "FeliCa Lite (RC-S965)", "f1": "FeliCa Lite-S (RC-S966)", "f2": "FeliCa Link, Lite-S mode"}


def chip_code(pmm: bytes) -> str:
    """ROM type and IC type, the first two bytes of the PMm, as hex."""
    return pmm[:2].hex()


def chip_name(code: str) -> str:
    return "NTAG 424 DNA" if code == NTAG_424 else _NAMES.get(code[2:], f"IC {code[2:].upper()}")


def may_be_from_before_2018(code: str, bought: int | None) -> bool:
    """True whenever nobody said that a FeliCa card was bought in 2018 or later."""
    return code != NTAG_424 and (bought is None or bought < SAFE_SINCE)
