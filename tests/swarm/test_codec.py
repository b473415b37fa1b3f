"""Values as bytes and back."""

import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm import Blob
from swarm.codec import check_kind, decode, digest_of, seal, type_name


@dataclass(frozen=True, slots=True)
class Palette:
    """A value as agents give it."""

    names: tuple[str, ...]
    shares: dict[str, float]
    picture: Blob | None = None


palettes = st.builds(
    Palette,
    st.lists(st.text()).map(tuple),
    st.dictionaries(st.text(), st.floats(allow_nan=False)),
    st.none() | st.builds(Blob, st.text(), st.integers(0, 2**60)),
)


@given(palettes)
def test_value_is_the_same_when_it_comes_back(palette: Palette) -> None:
    sealed = seal(palette, Palette)

    assert sealed.value == palette
    assert decode(sealed.data, Palette) == palette
    assert sealed.digest == hashlib.sha256(sealed.data).hexdigest() == digest_of(sealed.data)


@given(palettes)
def test_bytes_are_the_same_when_a_mapping_has_another_order(palette: Palette) -> None:
    turned = Palette(palette.names, dict(reversed(palette.shares.items())), palette.picture)

    assert seal(turned, Palette).data == seal(palette, Palette).data


ENDLESS: list[object] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("seven", int),
        (Blob("d", 1), Palette),
        (object(), object),
        ("\ud800", str),
        (2**70, int),
        (ENDLESS, list[object]),
        ({1: "one"}, dict[int, str]),
    ],
    ids=["another type", "another class", "no value", "no text", "too large", "endless", "keys that are no text"],
)
def test_value_is_refused_with_a_type_or_value_error_when_it_is(value: object, kind: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        seal(value, kind)


def test_kind_is_checked_when_it_can_be_journalled() -> None:
    check_kind(Palette)
    check_kind(tuple[Palette, ...])


@pytest.mark.parametrize(
    ("kind", "name"),
    [(int, "int"), (Palette, "Palette"), (dict[str, int], "dict[str, int]"), (None, "None"), ("Later", "Later")],
)
def test_type_is_called_by_its_name_when_people_read_it(kind: Any, name: str) -> None:
    assert type_name(kind) == name
