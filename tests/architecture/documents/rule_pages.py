"""Write what docs/rules.md, docs/rules.ja.md and deploy/rules.example.toml say of each rule: `make rules`.

The pages have a block for each rule, made of its name, its sentence and its fields. People write the text
below a block, and it stays. The example keeps its lines, and gets the rules and keys that it lacks.
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

from controller.model.credentials import Assurance
from controller.model.rule_book import RuleBook
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleSetting
from controller.services.rules.file import read
from tests.architecture.source_tree import ROOT
from tests.controller.model.rule_samples import sample, settable
from tests.web.sample_words import sample_words
from web.rules.fields import Kind, RuleField
from web.rules.form import members
from web.rules.order import FIELDS, rule_sentence
from web.words.codes import message_key
from web.words.words import Words

PAGES = {"en": ROOT / "docs" / "rules.md", "ja": ROOT / "docs" / "rules.ja.md"}
EXAMPLE = ROOT / "deploy" / "rules.example.toml"
BLOCK = re.compile(r"<!-- rule: (\w+) -->\n.*?<!-- end -->\n", re.S)
TABLE = re.compile(r"^\[(?:areas|doors)\.[\w-]+\.rules\.(\w+)\]\n(?:.+\n)+", re.M)
KEY = re.compile(r"^(\w+) = ", re.M)
FLOOR = "areas.floor.rules"  # where a new rule joins the example
BEGIN, END = "<!-- rules -->\n", "<!-- end of rules -->\n"

HEADS = {
    "en": "| key | on the page | value | default |\n|---|---|---|---|\n",
    "ja": "| キー | ページでの項目名 | 値 | 省略時 |\n|---|---|---|---|\n",
}
VALUES: Mapping[Kind, Mapping[str, str]] = {
    Kind.NUMBER: {"en": "a whole number", "ja": "整数"},
    Kind.TICK: {"en": "`true` or `false`", "ja": "`true` または `false`"},
    Kind.ACCESS_POINT: {"en": "an access point", "ja": "通行箇所"},
    Kind.CATEGORIES: {"en": "a list of categories", "ja": "区分のリスト"},
    Kind.QUALIFICATIONS: {"en": "a list of qualifications", "ja": "資格のリスト"},
    Kind.DOORS: {"en": "a list of doors", "ja": "ドアのリスト"},
}
REQUIRED = {"en": "required", "ja": "必須"}
EXAMPLE_SAYS = {"en": "`{rule}`, in the example file: {sentence}", "ja": "`{rule}`（設定例）：{sentence}"}


def page_with_blocks(text: str, language: str) -> str:
    """Renew the block of each rule, in the order in which the rules apply; the text below it goes with it."""
    before, _, rest = text.partition(BEGIN)
    rules, _, after = rest.partition(END)
    _, *parts = BLOCK.split(rules)
    texts = dict(zip(parts[::2], parts[1::2], strict=True))
    blocks = "".join(block(rule, language) + texts.get(rule.value, "\n") for rule in RuleName)
    return before + BEGIN + blocks + END + after


def block(rule: RuleName, language: str) -> str:
    words = _words(language)
    sentence = rule_sentence(words, rule, _in_the_example(rule))
    rows = "".join(_row(rule, field, language) for field in FIELDS[rule])
    return (
        f"<!-- rule: {rule.value} -->\n### {words.member(rule)}\n\n"
        f"{EXAMPLE_SAYS[language].format(rule=rule.value, sentence=sentence)}\n\n"
        f"{HEADS[language] if rows else ''}{rows}<!-- end -->\n"
    )


def example_with_keys(text: str) -> str:
    """Add the keys and rules that are missing; what no rule has any more is reported, not removed."""
    held: dict[str, set[str]] = {}
    for match in TABLE.finditer(text):
        held.setdefault(match[1], set()).update(KEY.findall(match[0]))
    for rule, kind in SETTINGS.items():
        missing = [one for one in dataclasses.fields(kind) if one.name not in held.get(rule.value, ())]
        lines = "".join(_line(rule, one) for one in missing)
        if rule.value not in held:
            place = max(match.end() for match in TABLE.finditer(text) if match[0].startswith(f"[{FLOOR}."))
            text = f"{text[:place]}\n[{FLOOR}.{rule.value}]\n{lines}{text[place:]}"
        elif missing:
            place = next(match.end() for match in TABLE.finditer(text) if match[1] == rule.value)
            text = text[:place] + lines + text[place:]
    return text


def stale_keys(text: str) -> list[str]:
    """Tables and keys of the example that no rule has."""
    wanted = {rule.value: {one.name for one in dataclasses.fields(kind)} for rule, kind in SETTINGS.items()}
    return [
        f"{match[1]}.{key}"
        for match in TABLE.finditer(text)
        for key in KEY.findall(match[0])
        if key not in wanted.get(match[1], ())
    ]


def _row(rule: RuleName, field: RuleField, language: str) -> str:
    label, value = Words(language).translate(field.label), _value(rule, field, language)
    return f"| `{field.name}` | {label} | {value} | {_default(rule, field.name, language)} |\n"


def _value(rule: RuleName, field: RuleField, language: str) -> str:
    if field.kind in (Kind.PROOF, Kind.CHOICE):
        choices = (
            [level for level in Assurance if level] if field.kind is Kind.PROOF else members(rule, field)
        )
        texts = (
            f"`{json.dumps(one.value)}` {Words(language).translate(message_key(one))}" for one in choices
        )
        return "<br>".join(texts)
    return VALUES[field.kind][language]


def _default(rule: RuleName, name: str, language: str) -> str:
    default = {one.name: one.default for one in settable(SETTINGS[rule])}[name]
    return REQUIRED[language] if default is dataclasses.MISSING else f"`{_toml(default)}`"


def _line(rule: RuleName, field: "dataclasses.Field[Any]") -> str:
    """A key of the example, with the words of the form as its comment."""
    setting = sample(SETTINGS[rule])
    code = f"{field.name} = {_toml(getattr(setting, field.name))}"
    label = next((one.label for one in FIELDS[rule] if one.name == field.name), "")
    default = "" if field.default is dataclasses.MISSING else f" (default: {_toml(field.default)})"
    return f"{code:<32} # {label}{default}\n" if label else f"{code}\n"


def _toml(value: Any) -> str:
    return json.dumps([*value] if isinstance(value, tuple) else value, ensure_ascii=False)


def _in_the_example(rule: RuleName) -> RuleSetting:
    book = _example_book()
    all_rules = [one.rules for one in book.areas.values()] + [one.rules for one in book.doors.values()]
    return next((rules[rule] for rules in all_rules if rule in rules), sample(SETTINGS[rule]))


def _example_book() -> RuleBook:
    book = read(EXAMPLE.read_bytes()).book
    assert book is not None
    return book


def _words(language: str) -> Words:
    return sample_words(_example_book(), language)


def write() -> None:
    EXAMPLE.write_text(example_with_keys(EXAMPLE.read_text("utf-8")), "utf-8")
    for language, page in PAGES.items():
        page.write_text(page_with_blocks(page.read_text("utf-8"), language), "utf-8")


if __name__ == "__main__":
    write()
