"""The secrets of the tests in every spelling, and a log handler that finds them: no log may hold one."""

import base64
import logging
import re
from collections.abc import Iterator

# The card numbers, keys, PINs and passwords that the tests use.
SECRETS = (
    "0101031284C0FFEE",
    "012E4CD1A5C0FFEE",
    "0114B34D0000A1B2",
    "0114B34D0000C3D4",
    "01010312DEAD0001",
    "04DE5F1EACC040",
    "3A9F41C7E2086BD5914C7EF23D60A8B1",
    "C4D1F0A2730B9E586112CF7A4E83D95B",
    "204867",
    "519264",
    "739155",
    "836105",
    "the badge opens the door at nine",
    "a long passphrase",
    "a sentence nobody will guess",
)
_OTHERS = ("nfc",)  # nfcpy logs keys; the bridge silences it, as test_keys_stay_hidden.py checks


def spellings(secret: str) -> Iterator[bytes]:
    """Yield a secret as text and, for a card number, as bytes, in each form in which programs print them."""
    texts = {secret, secret.upper(), secret.lower()}
    raws = {text.encode() for text in texts}
    digits = secret.replace("-", "")
    if re.fullmatch(r"([0-9A-Fa-f]{2})+", digits):
        raws |= {bytes.fromhex(digits), digits.lower().encode(), digits.upper().encode()}
    for raw in raws:
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        yield raw.hex(" ").encode()
        yield raw.hex(":").upper().encode()
        yield base64.b64encode(raw).rstrip(b"=")
        yield base64.urlsafe_b64encode(raw).rstrip(b"=")
        yield repr(raw)[2:-1].encode()
        yield str(list(raw))[1:-1].encode()
        yield str(int.from_bytes(raw, "big")).encode()


class SecretScanner(logging.Handler):
    """A handler for the root logger at DEBUG. `leaks` has the last four characters of each secret found."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.leaks: list[str] = []
        self._forms = {form: secret[-4:] for secret in SECRETS for form in spellings(secret) if len(form) > 4}

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".")[0] not in _OTHERS:
            self.scan(self.format(record), f"the log of {record.name}")

    def scan(self, text: str, where: str) -> None:
        content = text.encode("utf-8", "surrogatepass")
        for form, end in self._forms.items():
            if form in content and not self._is_part_of_a_number(form, content):
                self.leaks.append(f"…{end} in {where}")

    @staticmethod
    def _is_part_of_a_number(form: bytes, content: bytes) -> bool:
        return form.isdigit() and not re.search(rb"(?<![0-9A-Fa-f.])" + form + rb"(?![0-9A-Fa-f])", content)
