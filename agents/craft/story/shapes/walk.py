"""A plain walk through the drawings, for outlines that were made elsewhere: it speaks of their own want. Data only."""

from agents.craft.story.shape import Goal, Shape
from agents.craft.story.shapes.places import PLACES

WALK = Shape(
    name="walk",
    goals=(Goal("end", "to see every page", "there are so many pages"),),
    refrains=("On and on went {hero}.",),
    openings=(
        "“{I} have a plan,” said {hero}. “It is a good one. Come along and see!”",
        "{Hero} wanted {want}. It was a big thing to want. “Then {i} will begin right here,” said {hero}.",
    ),
    wants=(
        "{Hero} thought about it all day long. You know how that is.",
        "“It will not come by itself,” said {hero}. So the walk began.",
    ),
    troubles=(
        "Then something went wrong, as it does in stories. {Hero} had to stop and think.",
        "It was harder than it looked. {Hero} had not planned for that.",
    ),
    frames=("{Hero} looked {filler}.", "“Let us see {filler},” said {hero}.", "{Hero} stopped {filler}."),
    fillers=PLACES,
    results=("Step by step it went.",),
    almosts=("For a moment all was well. It was a short moment.", "“Done!” said {hero}, a little too soon."),
    lows=("{Hero} felt small on such a big page. It was very quiet.", "“What if it never works?” asked {hero}."),
    turns=("And then {hero} had an idea. It was small and bright.", "Just then {hero} saw how it could be done!"),
    endings=(
        "So it all came right in the end. {Hero} {was} glad, and so were you. Now we can rest.",
        "That was the whole way, and {hero} had walked it. “Thank you for coming along,” said {hero}.",
    ),
    curve=(0.2, 0.4, 0.55, 0.7, 0.9, 0.25),
)
