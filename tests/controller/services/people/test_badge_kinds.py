"""The kind of a badge as people write it; one of the wrong kind is refused with the reason."""

from dataclasses import replace

import pytest

from controller.errors import BadInput
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.operators import MACHINE
from controller.services.acting import Acting
from controller.services.people import badges, imports, people
from controller.services.people.badge_kinds import number_of_kind
from controller.services.site import Site
from tests.sample_site import NOW

FELICA, UID, WIEGAND = "0114B34D0000A1B2", "04A1B2C3", "48D159"


def refusal(number: str, kind: str = "", bits: str = "") -> tuple[str, str]:
    with pytest.raises(BadInput) as refused:
        number_of_kind(number, kind, bits)
    return refused.value.field, str(refused.value)


@pytest.mark.parametrize(
    ("number", "kind", "bits", "hexadecimal"),
    [
        (WIEGAND, "", "26", "1A0048D159"),
        (WIEGAND, "wiegand", "26", "1A0048D159"),
        ("0x48D159"[2:], "OSDP", " ２６ ", "1A0048D159"),
        ("1A 00 48 D1 59", "wiegand", "26", "1A0048D159"),
        ("1A0048D159", "OSDP のカードデータ", "", "1A0048D159"),
        ("1", "", "37", "250000000001"),
        (FELICA, "", "64", "40" + FELICA),
        (FELICA, "FeliCa", "", FELICA),
        (UID, "Type A（MIFARE など）", "", UID),
    ],
)
def test_number_is_read_by_its_kind_and_count_of_bits(
    number: str, kind: str, bits: str, hexadecimal: str
) -> None:
    found = number_of_kind(number, kind, bits)
    assert found is not None and found.hex == hexadecimal


def test_without_kind_or_bits_the_length_decides() -> None:
    assert number_of_kind(FELICA, "", " ") is None


@pytest.mark.parametrize(
    ("number", "kind", "bits", "field", "words"),
    [
        (UID, "felica", "", "number", "an IDm has 16 hexadecimal digits"),
        (FELICA, "type_a", "", "number", "a UID has 8, 14 or 20 hexadecimal digits"),
        (FELICA, "felica", "64", "bits", "Only a number over OSDP has a bit count"),
        (WIEGAND, "osdp", "", "bits", "needs its bit count"),
        ("4000000", "", "26", "number", "not a number of 26 bits"),
        ("48D15G", "", "26", "number", "not a number of 26 bits"),
        (WIEGAND, "", "25", "bits", "from 26 to 128"),
        (WIEGAND, "", "129", "bits", "from 26 to 128"),
        (WIEGAND, "", "many", "bits", "from 26 to 128"),
        (WIEGAND, "", "9" * 5000, "bits", "from 26 to 128"),
        (FELICA, "magnetic", "", "kind", "magnetic is not a kind of badge"),
    ],
)
def test_number_of_another_kind_is_refused_with_the_reason(
    number: str, kind: str, bits: str, field: str, words: str
) -> None:
    at, message = refusal(number, kind, bits)
    assert at == field and words in message


def test_number_with_bits_is_the_one_that_the_reader_gives() -> None:
    assert CardNumber.of_bits(WIEGAND, 26) == CardNumber.parse("1A0048D159", CredentialKind.WIEGAND)
    for bits in range(26, 129):
        assert CardNumber.of_bits("0", bits).hex.startswith(f"{bits:02X}")
        with pytest.raises(ValueError, match=r"hexadecimal|disagree|length"):
            CardNumber.of_bits(f"{1 << bits:X}", bits)


@pytest.fixture
def over_osdp(site: Site) -> Site:
    readers = {
        name: replace(reader, path=f"osdp:pty:line-1:{place}")
        for place, (name, reader) in enumerate(site.config.readers.items())
    }
    site.config = replace(site.config, readers=readers)
    return site


def test_badge_that_no_reader_of_the_site_reads_is_refused(site: Site) -> None:
    person = people.add(Acting(site, MACHINE, NOW), "山田 花子").id
    with pytest.raises(BadInput, match="they come over OSDP"):
        badges.add(Acting(site, MACHINE, NOW), person, WIEGAND, bits="26")
    report = imports.check(Acting(site, MACHINE, NOW), b"name,idm,bits\nTaro,48D159,26\n")
    assert report.problems[0].code == "only_over_osdp"
    assert badges.add(Acting(site, MACHINE, NOW), person, FELICA, kind="felica").kind is CredentialKind.FELICA


def test_site_with_osdp_readers_takes_numbers_with_bits_by_every_way(over_osdp: Site) -> None:
    site = over_osdp
    person = people.add(Acting(site, MACHINE, NOW), "山田 花子").id
    with pytest.raises(BadInput, match="with a bit count"):
        badges.add(Acting(site, MACHINE, NOW), person, FELICA)
    assert badges.add(Acting(site, MACHINE, NOW), person, WIEGAND, bits="26").kind is CredentialKind.WIEGAND
    found = badges.find_by_number(Acting(site, MACHINE, NOW), WIEGAND, bits="26")
    assert (found.last_four, found.person_name) == ("D159", "山田 花子")
    csv = "氏名,カード番号,カードの種類,ビット数\n佐藤 太郎,48D15A,OSDP,26\n".encode()
    report = imports.check(Acting(site, MACHINE, NOW), csv)
    assert report.import_id is not None and report.problems == ()
    imports.publish(Acting(site, MACHINE, NOW), report.import_id)
    assert badges.find_by_number(Acting(site, MACHINE, NOW), "1A0048D15A").person_name == "佐藤 太郎"
    assert badges.add_for_holder(Acting(site, MACHINE, NOW), "Jiro", "1", bits="37").last_four == "0001"


def test_old_badge_of_a_kind_that_no_reader_reads_any_more_is_still_found(site: Site) -> None:
    person = people.add(Acting(site, MACHINE, NOW), "山田 花子").id
    badges.add(Acting(site, MACHINE, NOW), person, FELICA)
    readers = {name: replace(one, path="osdp:pty:line-1:0") for name, one in site.config.readers.items()}
    site.config = replace(site.config, readers=readers)
    assert badges.find_by_number(Acting(site, MACHINE, NOW), FELICA).person_name == "山田 花子"
