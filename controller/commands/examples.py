"""One or two examples for each command, shown at the end of its help and in the manual page.

A test parses every line, so an example never names a removed option.
"""

import click

_DATA = "--data /var/lib/genkan"

EXAMPLES: dict[str, tuple[str, ...]] = {
    "init": (f"genkan init {_DATA}",),
    "run": ("genkan run --demo --data demo-data", "genkan run --data demo-data --port 8081"),
    "door": (f"genkan door {_DATA}",),
    "registrar": (f"genkan registrar {_DATA}",),
    "web": (f"genkan web {_DATA}",),
    "check": (f"genkan check {_DATA}",),
    "tap": (
        "genkan tap --data demo-data --reader entrance-in --idm 0101031284C0FFEE",
        "genkan tap --data demo-data --reader entrance-in --idm 0101031284C0FFEE --pin 4711",
    ),
    "clock show": ("genkan clock show", "genkan clock show --data /var/lib/genkan"),
    "clock correct": ('genkan clock correct --reason "the door started with its clock in 2030"',),
    "registry show": ("genkan registry show", "genkan registry show --data /var/lib/genkan"),
    "registry accept": (
        "genkan registry accept --fingerprint 5e0c07b1a94d2f8890e6c3aa417bd25f "
        '--reason "the card with the newest list is broken; compared on paper"',
    ),
    "sim": ("genkan sim --data demo-data open", "genkan sim --data demo-data unplug entrance-in"),
    "badge add": (
        'genkan badge add --person "Hanako Sato" --idm 0114B34D0000A1B2 --level Everywhere',
        'genkan badge add --person "Jiro Abe" --idm 0114B34D0000C3D4 --until "2027-03-31 18:00"',
    ),
    "badge list": ("genkan badge list", "genkan badge list --json"),
    "badge suspend": ('genkan badge suspend --idm 0114B34D0000A1B2 --reason "on leave"',),
    "badge resume": ('genkan badge resume --idm 0114B34D0000A1B2 --reason "back from leave"',),
    "badge lost": ('genkan badge lost --idm 0114B34D0000A1B2 --reason "not found since Monday"',),
    "badge import": ("genkan badge import --dry-run staff.csv", "genkan badge import staff.csv"),
    "issue init": ("genkan issue init --station station",),
    "issue card": ("genkan issue card --station station --reader usb --for door.txt --out keys.jsonl",),
    "issue check": ("genkan issue check --station station --reader usb",),
    "issue rotate": ("genkan issue rotate --station station",),
    "issue sun": (
        "genkan issue sun --station station --uid 04DE5F1EACC040 --for door.txt --out keys.jsonl "
        "--keys personalise.csv",
    ),
    "issue import": ("genkan issue import keys.jsonl",),
    "issue list": ("genkan issue list",),
    "issue forget": ("genkan issue forget --idm 0114B34D0000A1B2",),
    "issue public-key": ("genkan issue public-key > door.txt",),
    "person list": ("genkan person list", "genkan person list --json"),
    "person set": (
        'genkan person set --person "Hanako Sato" --category sv',
        'genkan person set --person "Jiro Abe" --qualification nda=2027-03-31',
    ),
    "person level": (
        'genkan person level --person "Jiro Abe" --level Everywhere --until "2027-03-31 18:00"',
        'genkan person level --person "Jiro Abe" --level Everywhere --remove',
    ),
    "person pin": ('genkan person pin --person "Hanako Sato" --generate',),
    "person suspend": ('genkan person suspend --person "Jiro Abe" --reason "left the company in March"',),
    "person resume": ('genkan person resume --person "Jiro Abe" --reason "back from leave"',),
    "person erase": (
        'genkan person erase --person "Jiro Abe" --reason "left the company in March"',
        'genkan person erase --person "Jiro Abe" --cancel',
    ),
    "rules show": ("genkan rules show", "genkan rules show --version 3"),
    "rules export": ("genkan rules export > rules.toml",),
    "rules import": ('genkan rules import rules.toml --note "a supervisor must be inside"',),
    "rules rehearse": ("genkan rules rehearse rules.toml",),
    "rules versions": ("genkan rules versions",),
    "rules bring-back": ('genkan rules bring-back 3 --note "the new rules kept people out"',),
    "operator add": ("genkan operator add --name sato --role admin",),
    "operator list": ("genkan operator list",),
    "operator reset": ("genkan operator reset sato",),
    "osdp install": ("genkan osdp install --reader entrance-in",),
    "log show": (
        "genkan log show --last 20",
        'genkan log show --from 2026-12-01 --to 2026-12-31 --person "Hanako Sato"',
        "genkan log show --result denied --door entrance --json",
    ),
    "log follow": ("genkan log follow --result denied",),
    "log export": (
        "genkan log export --output log.jsonl",
        "genkan log export --month 2026-11 --language en --output november.csv",
    ),
    "log verify": ("genkan log verify", "genkan log verify --export log.jsonl --checkpoint kept.txt"),
    "log checkpoint": ("genkan log checkpoint --no-qr", "genkan log checkpoint --output kept.txt"),
    "explain": (
        'genkan explain --person "Hanako Sato" --access-point entrance-in --at "2026-11-25 22:30"',
        "genkan explain --record 4711",
    ),
    "alarms list": ("genkan alarms list",),
    "alarms acknowledge": ('genkan alarms acknowledge 4711 --note "the cleaner held the door open"',),
    "lockdown begin": ('genkan lockdown begin --site --reason "stranger in the stairwell"',),
    "lockdown end": ('genkan lockdown end --site --reason "police has left"',),
    "lockdown list": ("genkan lockdown list",),
    "presence list": ("genkan presence list",),
    "presence missed": ("genkan presence missed",),
    "presence correct": (
        'genkan presence correct 4711 --outside --reason "left with a colleague"',
        'genkan presence correct --person "Hanako Sato" --area floor --reason "seen at her desk"',
    ),
    "presence forgive": ('genkan presence forgive --person "Hanako Sato" --reason "the reader was off"',),
    "presence empty": ('genkan presence empty --area floor --reason "fire drill"',),
    "backup": ("genkan backup --output genkan.backup --passphrase-file passphrase.txt",),
    "restore": (
        "genkan restore --data /var/lib/genkan --from genkan.backup --keys genkan.backup.keys "
        "--passphrase-file passphrase.txt",
    ),
}


def add_examples(command: click.Command, name: str) -> None:
    """Append the examples to the help of a command, and of each command in a group."""
    if isinstance(command, click.Group):
        for word, inner in command.commands.items():
            add_examples(inner, f"{name} {word}")
    elif name in EXAMPLES:
        lines = "\n".join(f"  {line}" for line in EXAMPLES[name])
        command.epilog = f"\b\nExamples:\n{lines}"
