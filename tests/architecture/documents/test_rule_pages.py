"""The pages and the example have each rule with each of its settings, and nothing of a rule that is gone."""

import pytest

from controller.model.rules.order import RuleName
from tests.architecture.documents.rule_pages import (
    EXAMPLE,
    PAGES,
    block,
    example_with_keys,
    page_with_blocks,
    stale_keys,
)


@pytest.mark.parametrize("language", PAGES)
def test_page_has_the_names_sentences_and_settings_of_the_rules(language: str) -> None:
    text = PAGES[language].read_text("utf-8")
    stale = [rule.value for rule in RuleName if block(rule, language) not in text]
    assert not stale, (
        f"docs/{PAGES[language].name} is out of date about {', '.join(stale)}; run `make rules`."
    )
    assert text == page_with_blocks(text, language), (
        f"docs/{PAGES[language].name} has a rule that is gone, or another order; run `make rules`."
    )


def test_example_has_each_rule_with_each_setting() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert text == example_with_keys(text), (
        "deploy/rules.example.toml lacks a rule or a setting; run `make rules`, and move what it adds if it "
        "belongs elsewhere."
    )
    gone = ", ".join(stale_keys(text))
    assert not gone, f"No rule has these settings of deploy/rules.example.toml; remove them: {gone}."


def test_lost_block_or_key_comes_back_and_the_text_below_a_block_stays() -> None:
    page = PAGES["en"].read_text("utf-8")
    kept = "alarm: visitors tap out first."
    assert kept in page
    for rule in RuleName:
        assert (
            page_with_blocks(
                page.replace(block(rule, "en"), f"<!-- rule: {rule.value} -->\n<!-- end -->\n"), "en"
            )
            == page
        )
    example = EXAMPLE.read_text("utf-8")
    [line] = [line for line in example.splitlines() if line.startswith("people_per_supervisor = ")]
    completed = example_with_keys(example.replace(f"{line}\n", ""))
    assert "people_per_supervisor = 0" in completed
    assert "# People for each supervisor (0: not required) (default: 0)" in completed
    assert stale_keys(example.replace("people_per_supervisor", "people_each")) == ["staff_mix.people_each"]
