"""A rule is one name on three floors: a new one needs three files, a line in the order, and its translations.

The test adds the rule "wears a helmet" to a copy of the tree and uses it there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

MODEL = """
from dataclasses import dataclass
from controller.model.rules.setting import NameOf, RuleSetting, naming


@dataclass(frozen=True)
class HelmetSetting(RuleSetting):
    required: tuple[str, ...] = naming(NameOf.QUALIFICATION)
    asks_presence = False
"""
DECISION = """
from controller.model.reasons import DenyReason


def helmet(request, now, facts, setting):
    held = {} if request.record is None else dict(request.record.cardholder.qualifications)
    return None if all(name in held for name in setting.required) else DenyReason.QUALIFICATION_MISSING


def saw(request, now, facts, setting):
    return {"required": [*setting.required]}
"""
WEB = """
from controller.errors import N_
from controller.model.rules.order import RuleName
from web.rules.fields import Kind, RuleField

FIELDS = (RuleField("required", N_("Helmets accepted"), Kind.QUALIFICATIONS),)
PURPOSE = N_("Would admit only people who wear a helmet.")
WORDS = ((RuleName.HELMET, N_("Helmet")),)


def sentence(words, setting):
    return words.translate(N_("Only people who wear one of these helmets can enter: {names}."),
                           names=words.qualifications(setting.required))


def explanation(saw, words):
    yield words.translate(N_("Accepted: {names}."), names=words.qualifications(saw["required"]))
"""
TRANSLATIONS = {
    "Helmets accepted": "認められるヘルメット",
    "Would admit only people who wear a helmet.": "ヘルメットを着用した人だけが入室できるようになります。",
    "Helmet": "ヘルメット",
    "Only people who wear one of these helmets can enter: {names}.": "着用者だけが入室できます：{names}。",
    "Accepted: {names}.": "認められるもの：{names}。",
}
STORY = """
from datetime import date

from controller.decision.access import decide
from controller.decision.explain import explain
from controller.model.reasons import DenyReason
from controller.model.rule_book import Qualification
from controller.model.rule_book_form import from_plain, to_plain
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode
from dataclasses import replace
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import house, taps, who
from web.rules.form import form_values, parse_rules
from web.rules.observations import observation_sentences
from web.rules.order import FIELDS, PURPOSES, rule_sentence
from web.words.words import Words
from web.words.codes import message_key

HELMET = RuleName.HELMET
setting = SETTINGS[HELMET](RuleMode.ENFORCE, ("hard-hat",))
facts = house(setting)
assert HELMET in facts.book.areas["floor"].rules
assert decide(taps(), NOON, facts).reason is DenyReason.QUALIFICATION_MISSING
assert decide(taps(), NOON, house(replace(setting, required=()))).reason is None
book = replace(facts.book, qualifications={"hard-hat": Qualification("hard-hat", "hard hat", "安全帽")})
assert from_plain(to_plain(book)).areas["floor"].rules[HELMET] == setting
assert form_values({HELMET: setting})["helmet.required"] == ["hard-hat"]
assert parse_rules({"helmet.mode": ["enforce"], "helmet.required": ["hard-hat"]}) == {HELMET: setting}
assert [one.name for one in FIELDS[HELMET]] == ["required"] and PURPOSES[HELMET]
[line] = [one for one in explain(taps(), NOON, facts).rules if one.title == "helmet"]
for language in ("en", "ja"):
    words = Words(language, book=book)
    print(words.member(HELMET), rule_sentence(words, HELMET, setting),
          *observation_sentences("helmet", line.saw, words), sep=" | ")
"""


@pytest.mark.process
def test_rule_of_three_files_and_one_line_has_form_sentence_explanation_file_and_effect(tmp_path: Path):
    for folder in ("controller", "firmware_bridge", "web"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for floor, source in (("controller/model", MODEL), ("controller/decision", DECISION), ("web", WEB)):
        (tmp_path / floor / "rules" / "helmet.py").write_text(f'"""Helmet."""\n{source}', "utf-8")
    order = tmp_path / "controller/model/rules/order.py"
    order.write_text(
        order.read_text("utf-8").replace("    DUAL_ACCESS = ", '    HELMET = "helmet"\n    DUAL_ACCESS = ')
    )
    for language in ("en", "ja"):
        catalogue = tmp_path / "web/locales" / language / "LC_MESSAGES" / "genkan.po"
        if catalogue.exists():
            entries = (
                f'\nmsgid "{key}"\nmsgstr "{text if language == "ja" else ""}"\n'
                for key, text in TRANSLATIONS.items()
            )
            catalogue.write_text(catalogue.read_text("utf-8") + "".join(entries), "utf-8")
    compiled = [sys.executable, "-m", "babel.messages.frontend", "compile", "--domain", "genkan"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": ""}
    for command in ([*compiled, "--directory", str(tmp_path / "web/locales")], [sys.executable, "-c", STORY]):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Helmet | Only people who wear one of these helmets can enter: hard hat. | Accepted: hard hat.",
        "ヘルメット | 着用者だけが入室できます：安全帽。 | 認められるもの：安全帽。",
    ]
