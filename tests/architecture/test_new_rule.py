"""A rule is one name on three floors: a new one needs three files, a line in the order, and its translations.

The tests add the rule "wears a helmet" to a copy of the tree. Its form, sentence, explanation, check, file
and effect work there, and the tests that walk the rules pass with it. Each mistake has one message that says
what to add.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from controller.model.rules.order import SETTINGS, RuleName
from tests.architecture.source_tree import ROOT, sources

MODEL = """
from dataclasses import dataclass
from controller.model.rules.setting import NameOf, RuleSetting, naming


@dataclass(frozen=True)
class HelmetSetting(RuleSetting):
    required: tuple[str, ...] = naming(NameOf.QUALIFICATION)
    needs_presence = False
"""
DECISION = """
from controller.model.reasons import DenyReason


def helmet(request, now, facts, setting):
    held = {} if request.record is None else dict(request.record.cardholder.qualifications)
    return None if all(name in held for name in setting.required) else DenyReason.QUALIFICATION_MISSING


def observations(request, now, facts, setting):
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


def explanation(observations, words):
    yield words.translate(N_("Accepted: {names}."), names=words.qualifications(observations["required"]))
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
from pathlib import Path

from controller.decision.access import decide
from controller.decision.explain import explain
from controller.model.reasons import DenyReason
from controller.model.rule_book import Qualification
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import RuleMode
from controller.services.rules.check import problems
from controller.services.rules.file import read, to_text
from controller.services.rules.site_book import SiteBook
from dataclasses import replace
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import site_facts, taps
from tests.controller.services.wide_site import wide_config
from web.rules.form import form_values, parse_rules
from web.rules.explained import observation_sentences
from web.rules.order import FIELDS, PURPOSES, rule_sentence
from web.words.words import Words

HELMET = RuleName.HELMET
setting = SETTINGS[HELMET](RuleMode.ENFORCE, ("hard-hat",))
facts = site_facts(setting)
assert decide(taps(), NOON, facts).reason is DenyReason.QUALIFICATION_MISSING
assert decide(taps(), NOON, site_facts(replace(setting, required=()))).reason is None
book = replace(facts.book, qualifications={"hard-hat": Qualification("hard-hat", "hard hat", "安全帽")})
assert read(to_text(book, [], []).encode()).book.areas["floor"].rules[HELMET] == setting
site = SiteBook(facts.book, wide_config(Path()))
unknown = [one for one in problems(site, frozenset()) if "hard-hat" in str(one)]
assert [one.where for one in unknown] == ["areas.floor.rules.helmet.required"]
assert form_values({HELMET: setting})["helmet.required"] == ["hard-hat"]
assert parse_rules({"helmet.mode": ["enforce"], "helmet.required": ["hard-hat"]}) == {HELMET: setting}
assert [one.name for one in FIELDS[HELMET]] == ["required"] and PURPOSES[HELMET]
[line] = [one for one in explain(taps(), NOON, facts).rules if one.title == "helmet"]
for language in ("en", "ja"):
    words = Words(language, book=book)
    print(words.member(HELMET), rule_sentence(words, HELMET, setting),
          *observation_sentences("helmet", line.observations, words), sep=" | ")
"""
# Tests that walk the rules.
WALKING = (
    "tests/controller/model/test_rule_book.py",
    "tests/controller/model/test_rule_book_form.py::test_full_book_comes_back_as_it_was",
    "tests/controller/services/rules/test_file.py",
    "tests/controller/decision/test_explain.py::"
    "test_under_all_rules_the_one_that_decides_is_the_one_that_decided",
    "tests/web/rules/test_explained.py::test_anything_that_a_rule_saw_is_reported",
    "tests/web/rules/test_form.py",
    "tests/web/rules/test_sentences.py",
    "tests/web/words/test_codes.py",
    "tests/web/words/test_language.py",
    "tests/architecture/documents/test_rule_pages.py",
    "tests/deploy/test_rules_example.py",
)
SWEEP = "tests/controller/decision/test_sweep.py::"
SWEEPS = (
    f"{SWEEP}test_each_field_of_each_setting_changes_a_decision[helmet-required]",
    f"{SWEEP}test_each_mode_of_each_rule_leads_to_something_else[helmet]",
)
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
FILES = {"controller/model": MODEL, "controller/decision": DECISION, "web": WEB}


def with_a_helmet(folder: Path) -> Path:
    """A copy of the tree with the new rule: three files, one line in the order, and its translations."""
    for name in ("controller", "web", "deploy", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("firmware_bridge", "tests", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    for floor, source in FILES.items():
        (folder / floor / "rules" / "helmet.py").write_text(f'"""Helmet."""\n{source}', "utf-8")
    order = folder / "controller/model/rules/order.py"
    line = '    HELMET = "helmet"\n    DUAL_ACCESS = '
    order.write_text(order.read_text("utf-8").replace("    DUAL_ACCESS = ", line), "utf-8")
    catalogue = folder / "web/locales/ja/LC_MESSAGES/genkan.po"
    entries = (f'\nmsgid "{key}"\nmsgstr "{text}"\n' for key, text in TRANSLATIONS.items())
    catalogue.write_text(catalogue.read_text("utf-8") + "".join(entries), "utf-8")
    return folder


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the tree, with the tree's own packages."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "PYTHONSAFEPATH": "",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=240)


def done(tree: Path, *arguments: str) -> str:
    found = run(tree, *arguments)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.mark.process
def test_rule_of_three_files_and_one_line_is_on_every_floor(
    tmp_path: Path,
) -> None:
    tree = with_a_helmet(tmp_path)
    done(tree, "-m", "babel.messages.frontend", "compile", "--domain", "genkan", "--directory", "web/locales")
    assert done(tree, "-c", STORY).splitlines() == [
        "Helmet | Only people who wear one of these helmets can enter: hard hat. | Accepted: hard hat.",
        "ヘルメット | 着用者だけが入室できます：安全帽。 | 認められるもの：安全帽。",
    ]
    done(tree, "-m", "tests.architecture.documents.rule_pages")
    assert "### ヘルメット\n\n`helmet`（設定例）：着用者だけが入室できます：秘密保持誓約。" in (
        tree / "docs/rules.ja.md"
    ).read_text("utf-8")
    assert '[areas.floor.rules.helmet]\nmode = "enforce"\nrequired = ["nda"]' in (
        tree / "deploy/rules.example.toml"
    ).read_text("utf-8")
    passed = done(tree, *PYTEST, *WALKING, *SWEEPS)
    assert "[helmet" not in passed and " skipped" not in passed


@pytest.mark.process
def test_each_mistake_with_a_new_rule_has_one_message_that_says_what_to_add(tmp_path: Path) -> None:
    tree = with_a_helmet(tmp_path)
    for floor, needed in (
        ("controller/model", "HelmetSetting"),
        ("controller/decision", "helmet, observations"),
        ("web", "FIELDS, PURPOSE, WORDS, sentence, explanation"),
    ):
        file = tree / floor / "rules" / "helmet.py"
        source = file.read_text("utf-8")
        file.unlink()
        error = run(tree, "-c", "import controller.decision.access, web.rules.order").stderr.splitlines()[-1]
        assert error == (
            f"ImportError: The rule helmet lacks its file {floor}/rules/helmet.py; add it with {needed}."
        )
        file.write_text(source, "utf-8")
    web, model = tree / "web/rules/helmet.py", tree / "controller/model/rules/helmet.py"
    web.write_text(web.read_text("utf-8").replace("explanation(", "explain("), "utf-8")
    error = run(tree, "-c", "import web.rules.order").stderr.splitlines()[-1]
    assert error == "ImportError: The rule helmet lacks explanation in web/rules/helmet.py; add it there."
    web.write_text(f'"""Helmet."""\n{WEB.replace("Helmets accepted", "Hard hats accepted")}', "utf-8")
    model.write_text(model.read_text("utf-8") + "    colour: int = 0\n", "utf-8")
    found = run(
        tree,
        *PYTEST,
        "tests/web/words/test_language.py",
        "tests/web/rules/test_form.py",
        "tests/architecture/documents/test_rule_pages.py",
        f"{SWEEP}test_each_field_of_each_setting_changes_a_decision[helmet-colour]",
    ).stdout
    for message in (
        "Add to web/locales/ja/LC_MESSAGES/genkan.po (web/locales/babel.cfg has the commands): "
        "['Hard hats accepted']",
        "FIELDS in web/rules/helmet.py must have the settings of the rule: required, colour",
        "docs/rules.ja.md is out of date about helmet; run `make rules`.",
        "deploy/rules.example.toml lacks a rule or a setting; run `make rules`",
        "The setting colour of the rule helmet changes nothing: use it in controller/decision/rules/",
    ):
        assert message in found, message


@pytest.mark.parametrize("rule", RuleName)
def test_few_files_name_a_rule_or_its_setting(rule: RuleName) -> None:
    """Its three files, the order, and two more: other code asks the setting, such as `most_inside`."""
    setting = SETTINGS[rule].__name__
    names = re.compile(rf"\b({setting}|RuleName\.{rule.name})\b|\brules\.{rule}\b")
    own = {f"{floor}/rules/{rule}.py" for floor in FILES} | {"controller/model/rules/order.py"}
    found = {
        str(file.relative_to(ROOT))
        for file in sources("controller", "web")
        if names.search(file.read_text("utf-8"))
    }
    assert len(found | own) <= 6, f"these files name {rule}: {sorted(found | own)}"


def test_word_escort_is_in_six_files_at_most() -> None:
    """A rule whose name means nothing else: its three files, the order, the events and the reasons."""
    templates = [*(ROOT / "web").rglob("*.html")]
    found = [
        str(file.relative_to(ROOT))
        for file in (*sources("controller", "web"), *templates)
        if "escort" in file.read_text("utf-8").lower()
    ]
    assert len(found) <= 6, found
