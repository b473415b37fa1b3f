"""Where settings come from, and that each of them is documented."""

import re
from pathlib import Path
from typing import Any

import pytest

from agents.book.prices import Price
from agents.book.settings import NO_DATE, Settings
from agents.services.configuration import Configuration, check_captions, configure, split
from agents.services.errors import SettingsError
from tests.conftest import ROOT

ONLY_IN_TOML = {"captions", "text", "book_language", "pairs", "ban", "order"}
IN_TOML = {
    "title": "From the file",
    "author": "Mia",
    "age": 6,
    "dedication": "For Oma",
    "book_language": "en-GB",
    "date": "2026-02-03",
    "captions": {"inputs/a.png": "A"},
    "text": {"inputs/a.png": "B"},
    "pairs": {"inputs/a.png": ("outputs/x.png", "outputs/y.png")},
    "ban": {"inputs/a.png": ("outputs/z.png",)},
    "order": {"inputs/a.png": ("outputs/y.png",)},
    "trim": "8x10",
    "theme": "night",
    "printer": "ingramspark",
}
OTHER: dict[str, str] = {
    "title": "T",
    "straighten": "false",
    "near_duplicates": "drop",
    "author": "A",
    "age": "4",
    "dedication": "D",
    "trim": "8x10",
    "theme": "night",
    "printer": "ingramspark",
    "date": "2026-05-01",
    "seed": "7",
    "out": "o",
    "input_prefix": "in/",
    "output_prefix": "made/",
    "formats": "html",
    "max_pages": "3",
    "flag_below": "0.5",
    "max_reworks": "1",
    "strict": "true",
    "fallback": "false",
    "max_pictures": "9",
    "max_picture_bytes": "8",
    "max_picture_pixels": "7",
    "monitor": "8077",
    "in_flight": "2",
    "threads": "3",
    "min_pages": "2",
    "drain_s": "1",
    "durability": "normal",
    "keep_days": "7",
    "language": "openai",
    "vision": "openai",
    "vectors": "qdrant",
    "moderation": "false",
    "language_model": "m",
    "vision_model": "m",
    "embedding_model": "m",
    "moderation_model": "m",
    "prices": '{"m": {"input": 1}}',
    "service_concurrency": "2",
    "requests_per_minute": "60",
    "tokens_per_minute": "5000",
    "log_form": "json",
    "traces": "true",
    "max_cost_usd": "none",
    "max_calls": "10",
    "max_tokens": "1000",
    "storage_deadline_s": "5",
}
"""A value for each setting of the environment that is not its default."""
SERVICES = ("language", "vision", "vectors")


def _configured(
    tmp_path: Path,
    *,
    toml: str = "",
    environment: dict[str, str] | None = None,
    dotenv: dict[str, str] | None = None,
    **flags: Any,
) -> Configuration:
    path = tmp_path / "book.toml"
    path.write_text(toml, "utf-8")
    return configure(flags=flags, environment=environment or {}, dotenv=dotenv or {}, toml_path=path)


def test_a_setting_comes_from_the_strongest_origin_that_has_it(tmp_path: Path) -> None:
    toml, environment = "age = 4", {"DOODLEBOUND_AGE": "6"}
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({}, 5, "default"),
        ({"toml": toml}, 4, "book.toml"),
        ({"toml": toml, "dotenv": {"DOODLEBOUND_AGE": "3"}}, 3, ".env"),
        ({"dotenv": {"DOODLEBOUND_AGE": "3"}, "environment": environment}, 6, "environment"),
        ({"toml": toml, "environment": environment}, 6, "environment"),
        ({"toml": toml, "environment": environment, "age": "7"}, 7, "flag"),
        ({"toml": toml, "age": "7"}, 7, "flag"),
        ({"environment": environment, "age": None}, 6, "environment"),
    ]

    for given, age, origin in cases:
        configuration = _configured(tmp_path, **given)
        assert (configuration.settings.age, configuration.origins["age"]) == (age, origin)


def test_an_unknown_name_is_refused_with_its_place(tmp_path: Path) -> None:
    for place, where in (("environment", "the environment"), ("dotenv", r"\.env")):
        with pytest.raises(SettingsError, match=f"DOODLEBOUND_AGES in {where} is no setting .did you mean age"):
            _configured(tmp_path, **{place: {"DOODLEBOUND_AGES": "5"}})  # type: ignore[arg-type]


def test_names_of_secrets_are_no_settings(tmp_path: Path) -> None:
    names = ("DOODLEBOUND_SECRETS_DIR", "DOODLEBOUND_MONITOR_TOKEN")

    assert _configured(tmp_path, environment=dict.fromkeys(names, "x")).settings == Settings.model_validate({})


@pytest.mark.parametrize(
    "given",
    [
        {"environment": {"DOODLEBOUND_PRICES__M__INPUT": "2", "DOODLEBOUND_PRICES__M__OUTPUT": "4"}},
        {"environment": {"DOODLEBOUND_PRICES": '{"m": {"input": 2, "output": 4}}'}},
        {"environment": {"DOODLEBOUND_SERVICES__PRICES__M__INPUT": "2", "DOODLEBOUND_PRICES__M__OUTPUT": "4"}},
        {"toml": "[services.prices.m]\ninput = 2\noutput = 4"},
    ],
)
def test_prices_are_a_table_from_every_origin(tmp_path: Path, given: dict[str, Any]) -> None:
    assert _configured(tmp_path, **given).settings.price("m") == Price(input=2, output=4)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DOODLEBOUND_PRICES": "cheap"}, "prices .from environment.*valid dictionary"),
        ({"DOODLEBOUND_PRICES": "[" * 100_000}, "prices .from environment.*valid dictionary"),
        ({"DOODLEBOUND_PRICES__M__INPUT": "-1"}, r"prices\.'m'\.'input'.*greater than or equal to 0"),
        ({"DOODLEBOUND_PRICES__M__INPUT": "nan"}, r"prices\.'m'\.'input'.*finite"),
        ({"DOODLEBOUND_PRICES__M__INPOT": "1"}, r"prices\.'m'"),
        ({"DOODLEBOUND_PRICES": "3", "DOODLEBOUND_PRICES__M__INPUT": "1"}, "PRICES__M__INPUT contradicts"),
        ({"DOODLEBOUND_PRICES__M": "3", "DOODLEBOUND_PRICES__M__INPUT": "1"}, "PRICES__M__INPUT contradicts"),
        ({"DOODLEBOUND_UPLOAD": "gs://b"}, "DOODLEBOUND_UPLOAD in the environment is no setting"),
        ({"DOODLEBOUND_AGE__X": "3"}, "DOODLEBOUND_AGE__X in the environment is no setting"),
        ({"DOODLEBOUND_MAX_COST_USD": "0"}, "max_cost_usd .from environment.*greater than 0"),
        ({"DOODLEBOUND_MAX_CALLS": "0"}, "max_calls .from environment.*greater than or equal to 1"),
        ({"DOODLEBOUND_MAX_TOKENS": "0"}, "max_tokens .from environment.*greater than or equal to 1"),
    ],
)
def test_settings_of_services_are_refused_in_one_sentence_when_they_cannot_be(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        _configured(tmp_path, environment=environment)


@pytest.mark.parametrize("text", ["none", "None", " none "])
def test_a_cap_is_lifted_by_the_word_none(tmp_path: Path, text: str) -> None:
    assert _configured(tmp_path, environment={"DOODLEBOUND_MAX_COST_USD": text}).settings.max_cost_usd is None


@pytest.mark.parametrize(
    ("given", "is_moderated", "models"),
    [
        ({}, False, ()),
        ({"moderation": True}, False, ()),
        ({"language": "openai"}, True, ("L", "M")),
        ({"vision": "openai"}, True, ("V", "E", "M")),
        ({"language": "openai", "vision": "openai", "moderation": False}, False, ("L", "V", "E")),
    ],
)
def test_moderation_is_on_when_something_is_online(
    given: dict[str, Any], is_moderated: bool, models: tuple[str, ...]
) -> None:
    names = {"language_model": "L", "vision_model": "V", "embedding_model": "E", "moderation_model": "M"}
    settings = Settings.model_validate(names | given)

    assert (settings.is_moderated, settings.models) == (is_moderated, models)


def test_every_setting_has_an_origin(tmp_path: Path) -> None:
    assert _configured(tmp_path, toml="age = 4").origins.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - ONLY_IN_TOML - {"upload"}))
def test_every_setting_is_reached_from_the_environment(tmp_path: Path, name: str) -> None:
    configuration = _configured(tmp_path, environment={f"DOODLEBOUND_{name.upper()}": OTHER[name]})

    assert configuration.origins[name] == "environment"
    assert getattr(configuration.settings, name) != Settings.model_fields[name].default


@pytest.mark.parametrize("name", sorted(IN_TOML))
def test_what_a_book_says_is_reached_from_book_toml(tmp_path: Path, name: str) -> None:
    toml = (
        'title = "From the file"\nauthor = "Mia"\nage = 6\ndedication = "For Oma"\nlanguage = "en-GB"\n'
        'trim = "8x10"\ntheme = "night"\nprinter = "ingramspark"\n'
        'date = 2026-02-03\n[captions]\n"inputs/a.png" = "A"\n[text]\n"inputs/a.png" = "B"\n'
        '[pairs]\n"inputs/a.png" = ["outputs/x.png", "outputs/y.png"]\n[ban]\n"inputs/a.png" = ["outputs/z.png"]\n'
        '[order]\n"inputs/a.png" = ["outputs/y.png"]\n'
        '[services]\nlanguage = "offline"\nvision = "offline"\nvectors = "memory"\n'
    )

    configuration = _configured(tmp_path, toml=toml)

    assert getattr(configuration.settings, name) == IN_TOML[name]
    assert configuration.origins[name] == "book.toml"
    assert [configuration.origins[service] for service in SERVICES] == ["book.toml"] * 3


@pytest.mark.parametrize(("text", "parts"), [("html,pdf", ("html", "pdf")), (" html , ", ("html",)), ("", ())])
def test_a_list_is_split_at_its_commas(text: str, parts: tuple[str, ...]) -> None:
    assert split(text) == parts


def test_the_date_is_a_constant_where_nobody_says_one(tmp_path: Path) -> None:
    assert _configured(tmp_path).settings.date == NO_DATE


@pytest.mark.parametrize(
    ("toml", "more", "date"),
    [
        ("", {}, "2001-09-09"),
        ("date = 2026-02-03", {}, "2026-02-03"),
        ("date = 2026-02-03", {"DOODLEBOUND_DATE": "2026-07-08"}, "2026-07-08"),
    ],
)
def test_source_date_epoch_stands_in_for_the_constant_only(
    tmp_path: Path, toml: str, more: dict[str, str], date: str
) -> None:
    environment = {"SOURCE_DATE_EPOCH": "1000000000", **more}

    assert _configured(tmp_path, toml=toml, environment=environment).settings.date == date


def test_a_folder_without_book_toml_has_the_defaults(tmp_path: Path) -> None:
    configuration = configure(flags={}, environment={}, toml_path=tmp_path / "book.toml")

    assert configuration.settings == Settings.model_validate({})
    assert set(configuration.origins.values()) == {"default"}


def test_an_unknown_flag_is_refused_like_any_other_origin(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="tite"):
        _configured(tmp_path, tite="A")


def test_captions_are_for_drawings_of_the_source() -> None:
    settings = Settings.model_validate({"captions": {"inputs/a.png": "A"}, "text": {"inputs/b.png": "B"}})

    check_captions(settings, ["inputs/a.png", "inputs/b.png", "inputs/c.png"])
    with pytest.raises(SettingsError, match=r"\[text\] names 'inputs/b\.png'.*did you mean inputs/a\.png"):
        check_captions(settings, ["inputs/a.png"])


@pytest.mark.parametrize(
    ("title", "author", "shown", "slug"),
    [
        ("", "", "My Picture Book", "my-picture-book"),
        ("", "Mia", "Mia’s Picture Book", "mias-picture-book"),
        ("A Day", "Mia", "A Day", "a-day"),
        ("Ünïcode & Co.", "", "Ünïcode & Co.", "ncode-co"),
        ("日本", "", "日本", "book"),
        ("../..", "", "../..", "book"),
    ],
)
def test_a_title_gives_the_folder_its_name(title: str, author: str, shown: str, slug: str) -> None:
    settings = Settings.model_validate({"title": title, "author": author})

    assert (settings.shown_title, settings.slug) == (shown, slug)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_stands_in_the_table_of_the_readme(name: str) -> None:
    assert name in _names_in_readme()


def test_the_readme_names_no_setting_that_is_not_there() -> None:
    assert _names_in_readme() == set(Settings.model_fields)


def _names_in_readme() -> set[str]:
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
