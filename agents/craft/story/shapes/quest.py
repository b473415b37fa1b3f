"""The quest: the hero looks through the whole book for the one right spot. Data only."""

from agents.craft.story.shape import Goal, Shape

QUEST = Shape(
    name="quest",
    goals=tuple(
        Goal(noun, f"to find the {noun} in the book", "every spot has something wrong with it")
        for noun in ("cosiest spot", "happiest spot", "softest spot", "best spot")
    ),
    refrains=(
        "Page by page and bit by bit, on went {hero}.",
        "Nearly right is not quite right!",
        "Somewhere there is a spot for {hero}.",
        "On and on, to the {goal} of all!",
    ),
    openings=(
        (
            "{Hero} wanted to sit down. But where? “{I} want the {goal} in the book,” said {hero}. “{I} will try them "
            "all.”"
        ),
        "“Every book has one {goal},” said {hero}. “Nobody knows which page.” So {hero} went to find it.",
        "{Hero} had a big plan. It was to find the {goal} in the book. The plan began right here.",
    ),
    wants=(
        "What is a good spot like? {Hero} made a list. It must fit, and it must feel like home.",
        "“{I} will know it when {i} sit on it,” said {hero}. That was a good rule.",
    ),
    troubles=(
        "But one spot was too pointy. One was too thin. One was somebody else’s. It was not so easy!",
        "{Hero} sat down and the line went ping. Every good spot had something wrong with it!",
    ),
    frames=(
        "To test the spot, {hero} tried {filler}.",
        "{Hero} tried {filler} here.",
        "Next on the list was {filler}.",
        "“Time for {filler},” said {hero}.",
        "Would {filler} work this time?",
    ),
    fillers=(
        "sitting very still",
        "lying on one side",
        "one small nap",
        "a slow spin",
        "lying upside down",
        "a long stretch",
        "three big bounces",
        "leaning back",
        "rolling up like a bun",
        "standing on tiptoe",
        "a very deep yawn",
        "sitting on the edge",
        "curling round a line",
        "a little hop",
        "looking up",
        "humming with closed eyes",
        "lying flat",
        "thinking of nothing",
        "half a cup of quiet",
        "a sideways sit",
        "a soft landing",
        "two wiggles",
        "pretend snoring",
        "a picnic with no food",
        "a careful kneel",
        "counting to twenty",
        "sitting like a king",
        "sitting like a cat",
        "sitting like a soup",
        "one long wait",
        "a test sneeze",
        "a good lean",
        "being a stone",
        "being a feather",
        "singing low",
        "sinking in slowly",
        "a handstand",
        "resting one elbow",
        "a happy wriggle",
        "just being there",
        "some gentle rocking",
        "a first-class flop",
    ),
    meetings=(
        "{Hero} asked {the}: “Is this spot free?”",
        "{Hero} sat down right beside {the}.",
        "{Hero} asked {the}: “Do you sit here often?”",
        "Next to {the} there was a gap, just the size of {hero}.",
        "“Please move up a bit,” said {hero} to {the}.",
        "The spot by {the} looked very good.",
    ),
    results=(
        "Too pointy!",
        "Too wobbly, but in a nice way.",
        "It was good for one minute.",
        "A fine spot, only not the {goal}.",
        "There was a cold wind from the next page.",
        "It fitted at the top and not at the bottom.",
        "Somebody had been sitting there already.",
        "{Hero} gave it six out of ten.",
    ),
    almosts=(
        "“This is it!” cried {hero}, and sat. It was perfect. Then the page turned, and the spot was gone.",
        "{Hero} sat and sighed and smiled. For a whole minute it was right. Then it began to tickle.",
    ),
    lows=(
        "“Maybe there is no such spot,” said {hero}. Nobody said a word. It was the longest page of all.",
        "{Hero} had tried everything and was still standing. It was a very tired sort of standing.",
    ),
    turns=(
        "Then {hero} felt something warm. It came from outside the page! It came from two hands that held the book.",
        "{Hero} looked up and saw you looking down. You had been there the whole time. Suddenly it was all clear.",
    ),
    endings=(
        (
            "Here it was, the {goal} of all: right under your eyes. {Hero} sat down in it and stayed. You can find "
            "{hero} there every night."
        ),
        (
            "The {goal} was here, between your two hands. {Hero} leaned back. “Do not get up,” said {hero}. “It is "
            "just right.”"
        ),
    ),
    fails=True,
    curve=(0.2, 0.35, 0.5, 0.55, 0.7, 0.75, 0.9, 0.3),
    keywords=frozenset(
        {"mountain", "journey", "map", "castle", "treasure", "way", "path", "rocket", "island", "travel"}
    ),
)
