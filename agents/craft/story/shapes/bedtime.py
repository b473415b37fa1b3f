"""Bedtime: the hero says good night to the whole book and gets sleepier from page to page. Data only."""

from agents.craft.story.shape import Goal, Shape

BEDTIME = Shape(
    name="bedtime",
    goals=tuple(
        Goal(noun, f"to say good night to every page, and find one {noun}", f"the {noun} will not come")
        for noun in ("yawn", "dream")
    ),
    refrains=(
        "Good night, page, sleep tight, page.",
        "Hush now, hush, the day is done.",
        "Softly, softly, on to bed.",
        "Where is that sleepy {goal}?",
    ),
    openings=(
        (
            "It was late, and {hero} {was} not sleepy at all. There was not one {goal} to be found. “{I} will say "
            "good night to every page,” said {hero}."
        ),
        (
            "“{I} cannot sleep yet,” said {hero}. “First {i} must say good night to all the drawings.” So off they "
            "went, {hero} and you."
        ),
        "{Hero} had lost one {goal}. Without it there is no sleep! “It must be in this book,” said {hero}.",
    ),
    wants=(
        "A {goal} is a shy thing. You must go softly. {Hero} wanted one, just one.",
        "“Nobody must be left out,” said {hero}. “Else they lie awake and sulk.” That is true of drawings.",
    ),
    troubles=(
        "But the more {hero} said good night, the less sleepy {hero} felt. Sleep was hiding somewhere.",
        "{Hero} lay down and got up. {Hero} lay down again and got up again. Nothing helped.",
    ),
    frames=(
        "“Good night, {filler},” said {hero}.",
        "“Hush, {filler},” whispered {hero}.",
        "“Sleep tight, {filler},” said {hero}.",
        "“Off to sleep, {filler},” sang {hero}.",
        "“Sweet dreams, {filler},” said {hero}, very low.",
    ),
    fillers=(
        "all you long lines",
        "all you short lines",
        "top of the page",
        "bottom of the page",
        "left side",
        "right side",
        "big round bits",
        "small pointy bits",
        "first corner",
        "second corner",
        "third corner",
        "last corner",
        "thick strokes",
        "thin strokes",
        "bits in the middle",
        "bits at the edge",
        "white paper",
        "back of the paper",
        "page number",
        "fold in the book",
        "crumbs in the fold",
        "dots, if there are any",
        "loops, if you are there",
        "curly parts",
        "straight parts",
        "wobbly parts",
        "brave marks",
        "shy marks",
        "noisy parts",
        "quiet parts",
        "near things",
        "far things",
        "up",
        "down",
        "words on this page",
        "full stop",
        "letter O with your mouth open",
        "silent letters",
        "shadow of a thumb",
        "paper on the other side",
        "everyone we forgot",
        "very last line",
    ),
    meetings=(
        "{Hero} pulled an invisible blanket over {the}.",
        "“Lie down,” said {hero} to {the}. “The day is over.”",
        "Even {the} looked a bit sleepy.",
        "{Hero} sang half a song to {the}.",
        "“One kiss, and then lights out,” {hero} told {the}.",
        "{The} wanted one more story. {Hero} said no, kindly.",
    ),
    results=(
        "The page breathed in and out.",
        "Still not one {goal}.",
        "It was softer now, and slower.",
        "A line turned over in its sleep.",
        "Somewhere somebody snored. It was not {hero}.",
        "Everything grew a little heavier.",
        "Even the paper felt like a pillow.",
        "{Hero} stretched, but that was all.",
    ),
    almosts=(
        "Then it came, a tickle at the back. It was nearly a {goal}! But it turned into a sneeze.",
        "{Hero} closed both eyes. One, two, three. They popped open again like two buttons.",
    ),
    lows=(
        "Now it was very late. “Everyone sleeps but {me},” said {hero}. It felt wide and lonely here.",
        "{Hero} {was} too tired to be awake and too awake to sleep. That is the worst.",
    ),
    turns=(
        "Then you opened wide and, ahhh, you yawned. It was big and slow. {Hero} saw it. And yawns are catching!",
        "“Come here,” you said, very softly. {Hero} came close and heard you breathe, in and out.",
    ),
    endings=(
        "So {hero} lay down on the last line. The book closed like a blanket. Good night, {hero}. Good night, you.",
        "{Hero} fell asleep in the middle of a word. Shh. Close the book slowly. It is warm in there.",
    ),
    curve=(0.4, 0.45, 0.5, 0.45, 0.4, 0.45, 0.5, 0.05),
    keywords=frozenset(
        {"night", "moon", "star", "stars", "sleep", "sleeping", "bed", "dream", "owl", "dark", "bedtime"}
    ),
)
