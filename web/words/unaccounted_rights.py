"""What the doors do with rights that no record gives, in a sentence for the pages that name such rights."""

from controller.config.log import Log
from controller.errors import N_
from web.words.words import Words

_REFUSED = N_(
    "On the way in, the doors refuse anyone whose own data, badge, PIN, access level, schedule or rules "
    "differ from the log; everybody else enters as before, and leaving is free."
)
_ADMITTED = N_(
    'Because of `[log] unaccounted = "alarm"` in genkan.toml, the doors admit people also with rights that '
    "differ from the log; leaving is free."
)
_NOTHING_NEW = N_("New rights have no effect until an administrator accepts the list.")


def effect_at_doors(words: Words, log: Log, *, is_replaced: bool = False) -> str:
    """`is_replaced`: the whole list of badges is an older or another one."""
    if log.unaccounted != "refuse":
        return words.translate(_ADMITTED)
    sentences = (_REFUSED, _NOTHING_NEW) if is_replaced else (_REFUSED,)
    return words.join_sentences(map(words.translate, sentences))
