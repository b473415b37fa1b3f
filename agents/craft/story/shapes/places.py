"""Places that every drawing has, so that naming them is never untrue. Data only."""

PLACES = (
    "under the longest line", "behind the first line", "in the top corner", "in the bottom corner",
    "between two lines", "at the very edge", "on the back of the paper", "inside the smallest shape",
    "in the middle of the middle", "down in the fold", "under your thumb", "next to your left hand",
    "near the page number", "above the highest bit", "below the lowest bit", "where the paper is white",
    "where the lines cross", "behind the biggest bit", "on the tip of a line", "in a gap",
    "round the back", "right at the front", "upside down at the top", "flat on the ground",
    "behind a bit of colour", "under a stroke", "at the end of a curve", "on the left",
    "on the right", "in the quiet part", "in the busy part", "beside a tiny mark",
    "under a crumb of colour", "in between", "just outside", "just inside", "over by the margin",
    "one inch from here", "behind the words", "beneath this sentence", "halfway up", "halfway down",
)  # fmt: skip
