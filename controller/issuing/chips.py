"""The chip of a card, and whether it may be one that Sony warned of.

In August 2025 Sony announced that an attacker can read or change data on some FeliCa chips shipped until
2017, without naming them. The chips that we issue keys on were sold before and after that year, so the chip
does not show whether it is affected; the year in which the cards were bought does.
"""

SAFE_SINCE = 2018
NTAG_424 = "424d"  # in place of a FeliCa's ROM and IC type; no FeliCa that we issue keys on has this value
_NAMES = {"f0": "FeliCa Lite (RC-S965)", "f1": "FeliCa Lite-S (RC-S966)", "f2": "FeliCa Link, Lite-S mode"}


def chip_code(pmm: bytes) -> str:
    """Return ROM type and IC type, the first two bytes of the PMm, as hex."""
    return pmm[:2].hex()


def chip_name(code: str) -> str:
    return "NTAG 424 DNA" if code == NTAG_424 else _NAMES.get(code[2:], f"IC {code[2:].upper()}")


def may_be_from_before_2018(code: str, bought: int | None) -> bool:
    """Return True for a FeliCa card unless it is recorded as bought in 2018 or later."""
    return code != NTAG_424 and (bought is None or bought < SAFE_SINCE)
