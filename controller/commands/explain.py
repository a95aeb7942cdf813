"""`genkan explain`: why the rules admit or refuse a person, rule by rule."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.options import TimeText, data_option, json_option, open_site
from controller.commands.person.named import person_named, person_option
from controller.model.operators import MACHINE

if TYPE_CHECKING:
    from controller.services.explain.person import Explained
    from controller.services.explain.record import ExplainedRecord
    from controller.services.site import Site
    from web.words.words import Words


@click.command()
@data_option
@person_option(required=False)
@click.option(
    "--access-point", "access_point", metavar="NAME", help="The access point's name in genkan.toml."
)
@click.option(
    "--at", type=TimeText(), help='Local time of the site, such as "2026-11-25 22:30"; default: now.'
)
@click.option(
    "--record", type=click.IntRange(1), metavar="SEQ", help="Explain this record of the log instead."
)
@json_option
def explain(
    data: Path,
    person: str | None,
    access_point: str | None,
    at: str | None,
    record: int | None,
    as_json: bool,
) -> None:
    """Show what each rule sees and decides, for a person at a time, or for a record of the log.

    The exit status is 0 whether the rules admit or refuse.
    """
    from controller.services.explain import person as asking
    from controller.services.explain.record import explain_record

    if record is not None:
        if person or access_point or at is not None:
            raise click.UsageError("give --record alone; the record names the person, place and time.")
        with open_site(data) as site:
            _print_record(site, explain_record(site.acting(MACHINE), record), as_json)
        return
    if access_point is None or person is None:
        raise click.UsageError("give --person NAME and --access-point NAME, or --record SEQ.")
    with open_site(data) as site:
        found = person_named(site, person)
        when = asking.moment(site, at or "")
        _print(site, asking.explain(site.acting(MACHINE), found.id, access_point, when), as_json)


def _print(site: "Site", explained: "Explained", as_json: bool) -> None:
    from web.rules.explained import verdict
    from web.words.words import Words

    if as_json:
        click.echo(json.dumps(_json_fields(explained), ensure_ascii=False))
        return
    words = Words.of_site(site.config, "en")
    _print_rules(explained, words, verdict(explained, words))


def _print_record(site: "Site", found: "ExplainedRecord", as_json: bool) -> None:
    from web.rules.explained import agreement, recorded
    from web.words.words import Words

    if as_json:
        record = {
            "record": found.seq,
            "result": found.result,
            "reason": found.reason,
            "observed": found.observed,
            "warnings": found.warnings,
            "same": found.same,
        }
        click.echo(json.dumps(record | _json_fields(found.explained), ensure_ascii=False))
        return
    words = Words.of_site(site.config, "en")
    _print_rules(found.explained, words, f"No. {found.seq}: {recorded(found, words)}")
    if sentence := agreement(found, words):
        click.echo(sentence)


def _print_rules(explained: "Explained", words: "Words", first: str) -> None:
    from web.rules.explained import notes, rule_rows

    who = explained.name or "An unknown person"
    click.echo(f"{who} at {explained.access_point}, {words.moment(explained.at.utc)}: {first}")
    click.echo(
        f"Rules: version {explained.rules_version}." if explained.rules_version else "No rules are published."
    )
    for row in rule_rows(explained, words):
        mark = "=>" if row.decides else "  "
        mode = f" ({row.mode})" if row.mode else ""
        decides = " This decides." if row.decides else ""
        click.echo(f"{mark} {row.title}{mode}: {row.result}. {row.observations}{decides}".rstrip())
    for note in notes(explained, words):
        click.echo(note)


def _json_fields(explained: "Explained") -> dict[str, object]:
    """Return the explanation as codes, for programs."""
    verdict = explained.explanation.verdict
    return {
        "person": explained.name or None,
        "person_ref": explained.person,
        "badge": explained.last_four or None,
        "door": explained.door,
        "access_point": explained.access_point,
        "direction": explained.direction.value,
        "at": explained.at.utc.isoformat(),
        "rules_version": explained.rules_version,
        "admitted": explained.explanation.admitted,
        "refusal": None if verdict.reason is None else verdict.reason.value,
        "would_refuse": [reason.value for reason in verdict.observed],
        "warns": [warning.value for warning in verdict.warnings],
        "rules": [
            {
                "rule": rule.title,
                "mode": rule.mode.value,
                "observations": dict(rule.observations),
                "result": rule.result.value,
                "answer": None if rule.answer is None else rule.answer.value,
                "decides": rule.decides,
            }
            for rule in explained.explanation.rules
        ],
        "notes": [note.value for note in explained.notes],
    }
