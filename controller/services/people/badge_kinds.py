"""The kind of a badge as people type it, and whether a reader of this site delivers such numbers."""

import unicodedata

from controller.errors import N_, BadInput
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.import_codes import ImportCode
from controller.services.site import Site

LEAST_BITS, MOST_BITS = 26, 128
# As the command line writes them, and as the pages show them in both languages.
_KINDS = {
    "felica": CredentialKind.FELICA,
    "type_a": CredentialKind.TYPE_A,
    "type a": CredentialKind.TYPE_A,
    "type a (mifare and others)": CredentialKind.TYPE_A,
    "type a(mifare など)": CredentialKind.TYPE_A,
    "wiegand": CredentialKind.WIEGAND,
    "osdp": CredentialKind.WIEGAND,
    "card data over osdp": CredentialKind.WIEGAND,
    "osdp のカードデータ": CredentialKind.WIEGAND,
}
_WRONG = {
    CredentialKind.FELICA: (
        N_("This is not a FeliCa number; an IDm has 16 hexadecimal digits."),
        ImportCode.NOT_FELICA,
    ),
    CredentialKind.TYPE_A: (
        N_("This is not a Type A number; a UID has 8, 14 or 20 hexadecimal digits."),
        ImportCode.NOT_TYPE_A,
    ),
}


def number_of_kind(number: str, kind: str, bits: str) -> CardNumber | None:
    """Parse `number` as this kind; None if `kind` and `bits` are empty: its length then decides.

    Raise BadInput for a number that is not of this kind.
    """
    wanted, count = _kind(kind), _bits(bits)
    if count is None and wanted is None:
        return None
    if count is not None:
        if wanted not in (None, CredentialKind.WIEGAND):
            raise BadInput(
                "bits",
                N_("Only a number over OSDP has a bit count; clear the field, or choose another kind."),
                ImportCode.BITS_OF_ANOTHER_KIND,
            )
        try:
            return CardNumber.of_bits(number, count)
        except ValueError:
            raise BadInput(
                "number",
                N_("This is not a number of {bits} bits; write it in hexadecimal, and check the bit count."),
                ImportCode.NOT_OF_BITS,
                bits=count,
            ) from None
    assert wanted is not None  # noqa: S101 - else there is a count
    try:
        return CardNumber.parse(number, wanted)
    except ValueError:
        if wanted is CredentialKind.WIEGAND:
            raise BadInput(
                "bits",
                N_("A number over OSDP needs its bit count as well, for example 26."),
                ImportCode.BITS_MISSING,
            ) from None
        key, code = _WRONG[wanted]
        raise BadInput("number", key, code) from None


def refuse_unread(site: Site, kind: CredentialKind) -> None:
    """Raise BadInput for a badge that no reader of this site can read."""
    osdp_paths = {reader.path.startswith("osdp:") for reader in site.config.readers.values()}
    if not osdp_paths or (kind is CredentialKind.WIEGAND) in osdp_paths:
        return
    if kind is CredentialKind.WIEGAND:
        raise BadInput(
            "number",
            N_(
                "No reader of this site reads numbers of this kind: they come over OSDP. Write the IDm "
                "or UID of the card, or hold it to a reader."
            ),
            ImportCode.ONLY_OVER_OSDP,
        )
    raise BadInput(
        "number",
        N_(
            "The readers of this site send numbers over OSDP, with a bit count. Write the bit count as "
            "well, or hold the badge to a reader."
        ),
        ImportCode.NOT_OVER_OSDP,
    )


def _kind(text: str) -> CredentialKind | None:
    written = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if not written:
        return None
    if written not in _KINDS:
        raise BadInput(
            "kind",
            N_("{kind} is not a kind of badge; write felica, type_a or wiegand."),
            ImportCode.BAD_KIND,
            kind=text[:40],
        )
    return _KINDS[written]


def _bits(text: str) -> int | None:
    written = unicodedata.normalize("NFKC", text).strip()
    if not written:
        return None
    count = int(written) if written.isascii() and written.isdecimal() and len(written) < 4 else 0
    if not LEAST_BITS <= count <= MOST_BITS:
        raise BadInput(
            "bits",
            N_("The bit count must be a whole number from {least} to {most}."),
            ImportCode.BAD_BITS,
            least=LEAST_BITS,
            most=MOST_BITS,
        )
    return count
