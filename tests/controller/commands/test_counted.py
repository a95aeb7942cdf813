from controller.commands.counted import counted


def test_one_is_singular_and_every_other_number_plural() -> None:
    assert [counted(count, "badge") for count in (0, 1, 2)] == ["0 badges", "1 badge", "2 badges"]
