"""What the hero makes of a drawing by the sort of thing it is, so that a rocket is met otherwise than a cake.

Data only. Every sentence stands once in all pools. For the slots see `voice`. Nothing is said that the sort alone does
not make sure of.
"""

from agents.craft.story.lexicon import Sort

BY_SORT = {
    Sort.CREATURE: (
        "{The} looked up.",
        "“Oh, it is you,” said {the}.",
        "“Come in, come in,” said {the}.",
        "{The} had been thinking of lunch.",
        "“You are late,” said {the}. “Or early.”",
        "{The} gave a polite nod.",
        "“{S_i} knew that somebody would come,” said {the}.",
        "{The} moved up a bit to make room.",
        "“Speak up,” said {the}. “{S_i} {s_am} listening.”",
        "{The} looked at {hero} for quite a while.",
        "“Well, well, a guest!” said {the}.",
        "{The} {s_was} in a very good mood.",
        "“{S_i} {s_was} just about to sit down,” said {the}.",
        "{The} yawned and then said sorry.",
    ),
    Sort.RIDE: (
        "{Hero} felt the wind already.",
        "“All aboard!” said {the}. “No? Later, then.”",
        "{Hero} would have loved a ride.",
        "It looked fast, even standing still.",
        "“Mind the step,” said {the}.",
        "“{S_i} go as soon as you look away,” said {the}.",
    ),
    Sort.PLACE: (
        "{Hero} wiped both feet, just to be polite.",
        "“You may come in,” said {the}, “if you do not drip.”",
        "{Hero} felt at home at once.",
        "“{S_i} have been here all along,” said {the}.",
        "There was room here for a whole story.",
        "{Hero} said hello, and it echoed a little.",
    ),
    Sort.FOOD: (
        "{Hero} had to swallow twice.",
        "“No biting,” said {the}.",
        "{Hero} tried not to look hungry.",
        "It made {hero} think of breakfast.",
        "“Just looking,” said {hero}. “That is what they all say,” said {the}.",
        "{Hero} kept both hands behind, to be safe.",
    ),
    Sort.SKY: (
        "{Hero} had to tip right back to see it all.",
        "It made {hero} feel small, but not in a bad way.",
        "“You are a long way down,” said {the}.",
        "{Hero} stretched, but could not reach it.",
        "“Do not shout,” said {the}. “{S_i} hear everything up here.”",
        "{Hero} whispered, as one does under a big sky.",
    ),
    Sort.PLANT: (
        "{Hero} took a deep sniff.",
        "“{S_i} {s_am} busy growing,” said {the}. “But do go on.”",
        "It had grown a bit since the page began.",
        "{Hero} stepped round it with great care.",
        "“Do not pick {s_me},” said {the}.",
        "{Hero} could nearly hear it grow.",
    ),
    Sort.THING: (
        "{Hero} gave it a friendly pat.",
        "“So?” said {the}. “What do you think of {s_me}?”",
        "{Hero} walked all the way round it.",
        "“People do not often talk to {s_me},” said {the}.",
        "{Hero} had never met one that could talk.",
        "“{S_i} {s_am} more than {s_i} look,” said {the}.",
        "{Hero} looked at it from below.",
        "“Please do not lean on {s_me},” said {the}.",
    ),
}
