"""What happens in a scenario, told in other languages than its own English."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import yaml

from sim.words.numbers import NARROW
from sim.words.say import FOLDER, LOADER, typeset

LETTERS: Final = {"ja": "[\u3040-\u30ff\u4e00-\u9fff]", "fr": "[àâçéèêëîïôùûœ«]"}
"""Letters that show the language of a text that nobody has translated."""


@cache
def stories() -> dict[str, dict[str, str]]:
    """Return English story -> language -> story, of every scenario that is shipped."""
    read: dict[str, Any] = yaml.load((FOLDER / "stories.yaml").read_text("utf-8"), LOADER)
    return {
        told["en"]: {"fr": _french(told["fr"]), "ja": str(told["ja"])} for told in read.values()
    }


def story(own: str, lang: str = "en") -> str:
    """Return a story in a language; in its own words where nobody has translated them.

    Parameters
    ----------
    own : str
        As a scenario has it; of two scenarios at once, one after the other.
    lang : str, optional
        One of ``sim.words.say.LANGUAGES``.
    """
    own = " ".join(own.split())
    if lang == "en" or not own:
        return own
    for english, told in stories().items():
        if own.startswith(english):
            rest = story(own.removeprefix(english), lang)
            return (told[lang] + ("" if lang == "ja" else " ") + rest).rstrip()
    return own


def language_of(text: str) -> str:
    """Return the language that the letters of a text show: English where they show none.

    Examples
    --------
    >>> language_of("輸出の停止"), language_of("Arrêt de la mine"), language_of("A mine stops")
    ('ja', 'fr', 'en')
    """
    shown = (lang for lang, letters in LETTERS.items() if re.search(letters, text.lower()))
    return next(shown, "en")


def _french(text: str) -> str:
    """Return a text with the spaces that no line may break at."""
    return re.sub(r"(?<=\d) (?=\d{3}\b)", NARROW, str(typeset(text, "fr")))
