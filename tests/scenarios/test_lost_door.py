"""The drill of deploy/issuing.md for a stolen door, by its commands alone, on virtual cards."""

import json
from pathlib import Path

import pytest

from controller.issuing.station import open_station
from firmware_bridge.simulator.card_file import new_card
from tests.controller.commands.command import done, genkan
from tests.controller.issuing.quick_station import quick_station, quicken
from tests.scenarios.test_secrets import hits

PASSPHRASE = "a long passphrase"
CARDS = {"Hanako": "012E4CD1A5C0FFEE", "Taro": "012E4CD1A5C0BEEF"}


class Office:
    """The station's PC, the cards, and what is carried to the doors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.options = ("--station", folder / "station", "--passphrase-file", self.passphrase)
        quick_station(folder / "station", PASSPHRASE, demo=True)
        for name, idm in CARDS.items():
            new_card(folder / f"{name}.card", idm)

    def issue(self, name: str, door: Path, out: Path) -> None:
        """Again, as the sentence says, where a busy machine lets the card count as pulled away."""
        public = self.folder / "door.txt"
        done(genkan("issue", "public-key", "--data", door, "--output", public))
        reader = f"card:{self.folder / name}.card"
        for _ in range(20):
            answer = genkan(
                "issue", "card", *self.options, "--reader", reader, "--for", public, "--out", out,
            )  # fmt: skip
            if "run this again" not in answer.err:
                break
        done(answer)

    def carry(self, out: Path, door: Path) -> None:
        """The ID is read off the station's screen, and compared at the door."""
        output = done(genkan("issue", "check", *self.options)).text
        id_ = output.split("Its ID is ")[1].split(";")[0]
        words = ("issue", "import", "--data", door, out)
        assert "give --trust-station" in genkan(*words).err
        assert genkan(*words, "--trust-station", id_).status == 0


def key_versions(door: Path) -> dict[str, tuple[int, bool]]:
    lines = done(genkan("issue", "list", "--data", door, "--json")).lines
    return {row["person"]: (row["key_version"], row["usable"]) for row in map(json.loads, lines)}


@pytest.mark.timeout(300)
def test_badges_of_a_stolen_door_get_other_keys_and_its_card_gives_none_of_another_door(
    tmp_path: Path,
) -> None:
    """No master key is in what was stolen."""
    office = Office(tmp_path)
    stolen, other, new = tmp_path / "stolen", tmp_path / "other", tmp_path / "new"
    for door, names in ((stolen, list(CARDS)), (other, ["Taro"])):
        done(genkan("init", "--data", door))
        for name in names:
            done(genkan("badge", "add", "--data", door, "--holder", name, "--idm", CARDS[name]))
            office.issue(name, door, tmp_path / f"{door.name}.jsonl")
        office.carry(tmp_path / f"{door.name}.jsonl", door)
    secret = ("--passphrase-file", office.passphrase)
    done(genkan("backup", "--data", stolen, "--output", tmp_path / "backup", *secret))
    keys = ("--from", tmp_path / "backup", "--keys", tmp_path / "backup.keys")
    assert genkan("restore", "--data", new, *keys, *secret).status == 0

    output = genkan("check", "--config", new / "genkan.toml").text
    assert "FAIL  badge keys: 2 badges have keys wrapped to another door" in output
    done(genkan("issue", "rotate", *office.options))
    quicken(tmp_path / "station", PASSPHRASE)
    for name in CARDS:
        office.issue(name, new, tmp_path / "keys.jsonl")
    office.issue("Taro", other, tmp_path / "keys.jsonl")
    for door in (new, other):
        office.carry(tmp_path / "keys.jsonl", door)
    assert key_versions(new) == {"Hanako": (2, True), "Taro": (2, True)}
    assert key_versions(other) == {"Taro": (2, True)}

    station = open_station(tmp_path / "station", PASSPHRASE)
    image = {str(file): file.read_bytes() for file in stolen.rglob("*") if file.is_file()}
    of_other = json.loads((tmp_path / "other.jsonl").read_text())["wrapped"]
    secrets = [station.system.hex(), *(master.hex() for master in station.masters.values())]
    secrets += [
        station.card_key(bytes.fromhex(idm), version).hex() for idm in CARDS.values() for version in (1, 2)
    ]
    for one in secrets:
        assert not hits(one, image)
    assert not [name for name, content in image.items() if of_other.encode() in content]
