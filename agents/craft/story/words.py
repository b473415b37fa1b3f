"""The small machinery of English: articles, capitals, lists, numbers, and templates that are filled once."""

import re
from collections.abc import Mapping, Sequence

_SLOT = re.compile(r"\{(\w+)\}")
_SOUNDS_LIKE_CONSONANT = re.compile(r"^(?:uni(?!n|m)|us[eu]|uk|eu|ew|one|once|ufo|uto)", re.IGNORECASE)
_SOUNDS_LIKE_VOWEL = re.compile(
    r"^(?:[aeiouàáâäåèéêëìíîïòóôöøùúûü]|hour|honest|heir|8|11(?!\d)|18(?!\d))", re.IGNORECASE
)

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def article(following: str) -> str:
    """ "a" or "an" for the sound that the following words begin with."""
    if _SOUNDS_LIKE_CONSONANT.match(following):
        return "a"
    return "an" if _SOUNDS_LIKE_VOWEL.match(following) else "a"


def capital(text: str) -> str:
    """The text with its first letter in upper case and nothing else changed."""
    return text[:1].upper() + text[1:]


def possessive(name: str) -> str:
    """The name with its apostrophe: Pip's, the geese's, the owls'."""
    return f"{name}'" if name.endswith("s") and name[:4].lower() == "the " else f"{name}'s"


def listed(items: Sequence[str]) -> str:
    """ "red", "red and blue", "red, blue and green"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def number_word(number: int) -> str:
    """A number from 0 to 99 in words, above in figures."""
    if number < 20:
        return _SMALL[number]
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{_SMALL[ones]}" if ones else _TENS[tens]


def slots(template: str) -> frozenset[str]:
    """The names of the slots of a template."""
    return frozenset(_SLOT.findall(template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every slot replaced, in one pass, so that what is filled in is never read as a template.

    A slot that begins with a capital takes the value of its lower-case name with a capital. Raises KeyError for a
    slot without a value.
    """
    return _SLOT.sub(lambda match: _value(match[1], values), template)


def _value(slot: str, values: Mapping[str, str]) -> str:
    if slot in values:
        return values[slot]
    return capital(values[slot[:1].lower() + slot[1:]])
