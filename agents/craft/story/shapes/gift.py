"""The gift: the hero carries something to give away and does not know to whom. Data only."""

from agents.craft.story.shape import Goal, Shape

GIFT = Shape(
    name="gift",
    goals=tuple(
        Goal(noun, f"to give away one big {noun}", f"nobody knows who the {noun} is for")
        for noun in ("hug", "secret", "wish", "surprise")
    ),
    refrains=(
        "Who, oh who, is the {goal} for?",
        "Mind the {goal}, here comes {hero}!",
        "Carry it high and carry it low, and never let it go.",
        "One big {goal}, all to give away!",
    ),
    openings=(
        "{Hero} woke up with one big {goal} too many. “It must be for somebody,” said {hero}. “But for whom?”",
        "{Hero} had a {goal} to give away. It was a good one. “{I} will find the right person,” said {hero}.",
        "There was no box and no ribbon. But {hero} had a {goal} to give. The only question was: to whom?",
    ),
    wants=(
        "A {goal} must not get cold. {Hero} wanted to give it away while it was fresh.",
        "“It is not for {me},” said {hero}. “{I} checked.” It was for somebody special.",
    ),
    troubles=(
        "But there was no name on it. Not even a small one! How do you find somebody without a name?",
        "The {goal} grew heavy, the way good things do. And still nobody had asked for it.",
    ),
    frames=(
        "{Hero} carried the {goal} {filler}.",
        "{Hero} held the {goal} {filler}.",
        "The {goal} had to travel {filler}.",
        "“{I} will take it {filler},” said {hero}.",
        "Have you ever taken a {goal} {filler}? {Hero} did.",
    ),
    fillers=(
        "on tiptoe", "with great care", "past a big bump", "like a full cup of milk", "the way you carry an egg",
        "round three corners", "without a single spill", "on top of one finger", "over a thin line", "through the white",
        "sideways through a gap", "with both eyes shut", "up the steep part", "down the slippery part",
        "close to the heart", "behind the back", "as if it were asleep", "like a king with a crown",
        "to the very edge", "all along the bottom", "across a wide space", "in a tight grip", "in a loose grip",
        "past every colour", "with a song", "with one short rest", "like hot soup", "at a slow walk", "at a fast trot",
        "backwards for luck", "under one arm", "over one shoulder", "round and round", "against the wind",
        "far from any puddle", "as high as it would go", "as low as it would go", "like a sleeping kitten",
        "one inch at a time", "from left to right", "without peeking", "in a big circle",
    ),
    meetings=(
        "“Is this {goal} for you?” {hero} asked {the}.",
        "{Hero} let {the} have a little look at the {goal}.",
        "“Did you order a {goal}?” {hero} asked {the}.",
        "{Hero} held the {goal} next to {the}. Did it fit?",
        "“It could be yours,” {hero} told {the}.",
        "{The} got a tiny taste of the {goal}.",
    ),
    results=(
        "It was not meant for here.",
        "The {goal} stayed where it was.",
        "It did not fit, not even a bit.",
        "The {goal} wriggled, as if it knew better.",
        "“No,” said the {goal}. At least it looked like no.",
        "Somebody nearly took it. Then they did not.",
        "It was a little warmer here, but only a little.",
        "{Hero} checked. Still whole, still good!",
    ),
    almosts=(
        "Oops! The {goal} slipped and bounced twice. {Hero} caught it just before the edge. Phew!",
        "“Now!” said {hero}, and held it out. Nobody was there. It had been a shadow.",
    ),
    lows=(
        "“Maybe it is for no one,” said {hero}. The {goal} hung its head. Do {goal}s have heads?",
        "{Hero} was so tired. “What if {i} never find out?” said {hero} in a small voice.",
    ),
    turns=(
        "Then the {goal} began to pull. It pulled up, out of the page. It pulled towards you!",
        "{Hero} turned the {goal} round and looked underneath. There was a name! Can you read it?",
    ),
    endings=(
        "It was for you! It had been for you since page one. Hold still. There! Did you feel it? {Hero} did.",
        "“It is yours,” said {hero}, and gave it to you. And the best thing is this. "
        "Now you can give it away again.",
    ),
    curve=(0.15, 0.3, 0.45, 0.5, 0.65, 0.7, 0.85, 0.2),
    keywords=frozenset({"birthday", "gift", "present", "cake", "heart", "love", "hug", "party", "christmas", "kiss"}),
)
