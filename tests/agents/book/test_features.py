"""What can be switched is a setting, and stands in the README as it is."""

import pytest

from agents.book.features import FEATURES, Feature
from agents.book.settings import Settings
from tests.conftest import ROOT

LEAVING = {"language", "vision", "vectors", "moderation", "upload", "traces"}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.setting)
def test_every_feature_is_a_setting_and_stands_in_the_readme(feature: Feature) -> None:
    row = f"| {feature.setting} | {feature.default} | {feature.meaning} | {feature.cost} |"

    assert feature.setting in Settings.model_fields
    assert row in (ROOT / "README.md").read_text("utf-8")


def test_nothing_that_leaves_the_machine_is_on_by_default() -> None:
    assert {feature.setting for feature in FEATURES if feature.default == "off"} >= LEAVING


@pytest.mark.parametrize(
    ("settings", "on"),
    [
        ({"language": "openai"}, {"language", "moderation", "fallback", "straighten"}),
        ({"vision": "openai", "moderation": False, "fallback": False}, {"vision", "straighten"}),
        ({"vectors": "qdrant", "straighten": False}, {"vectors", "fallback"}),
        ({"upload": "gs://bucket/x", "traces": True}, {"upload", "traces", "fallback", "straighten"}),
        ({"near_duplicates": "drop", "strict": True}, {"near_duplicates", "strict", "fallback", "straighten"}),
    ],
)
def test_a_feature_is_on_when_its_setting_says_so(settings: dict[str, object], on: set[str]) -> None:
    effective = Settings.model_validate(settings)

    assert {feature.setting for feature in FEATURES if feature.is_on(effective)} == on
