"""What the explanations of several rules share. `observations` is codes, numbers and times."""

from collections.abc import Iterator, Mapping

from controller.errors import N_
from controller.model.events import Json
from web.words.words import Words

Values = Mapping[str, Json]


def day_began(observations: Values, words: Words) -> Iterator[str]:
    yield words.translate(
        N_("The day of the site began at {time}."), time=words.recorded_minute(observations["day_began"])
    )


def category_sentence(observations: Values, words: Words) -> str:
    return words.translate(
        N_("The person's category: {category}."), category=words.category(observations["category"])
    )


def places_text(names: Json, words: Words) -> str:
    return words.join_list(words.place(str(name)) for name in names) if isinstance(names, list) else ""


def list_of(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def number_of(value: Json) -> int:
    return value if isinstance(value, int) else 0
