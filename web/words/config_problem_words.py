"""What is wrong with genkan.toml, in words: one sentence for each code of `controller/model/config_codes.py`.

`genkan check` prints more: what the file may contain at that place.
"""

from collections.abc import Mapping

from controller.errors import N_
from controller.model.config_codes import ConfigCode
from web.words.system_errors import in_words
from web.words.words import Words

CONFIG_WORDS: Mapping[str, str] = {
    ConfigCode.UNREADABLE: N_("genkan.toml cannot be read ({error})."),
    ConfigCode.NOT_TOML: N_("Line {line} of genkan.toml is not valid TOML."),
    ConfigCode.TOO_DEEP: N_("The values in genkan.toml are nested too deeply."),
    ConfigCode.NOT_A_TABLE: N_("{where} in genkan.toml must be a table of keys."),
    ConfigCode.BAD_NAME: N_("{where} in genkan.toml: the name must be 1 to 32 of a-z, 0-9 and hyphens."),
    ConfigCode.UNKNOWN_KEY: N_("{where} in genkan.toml is not a known key."),
    ConfigCode.MISSING_KEY: N_("{where} is missing in genkan.toml."),
    ConfigCode.BAD_VALUE: N_("{where} in genkan.toml: {value} is not allowed."),
    ConfigCode.USED_TWICE: N_("{where} in genkan.toml has the same pin, device or address as {other}."),
    ConfigCode.CONFLICT: N_("{where} in genkan.toml does not fit the other values of the file."),
}


def config_problem_text(words: Words, problem: str, fields: Mapping[str, object]) -> str:
    """The sentence for `problem`; a sentence of an earlier version and an unknown code stay unchanged."""
    key = CONFIG_WORDS.get(problem)
    if key is None:
        return problem
    try:
        return words.translate(key).format_map(in_words(fields))
    except KeyError:
        return problem
