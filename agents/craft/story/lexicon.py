"""Words that the storyteller knows: what children draw, by kind, and the small words round it.

Data only. A noun that is not here still works behind an article ("a zorblax"); without one the caption is quoted.
"""

from enum import StrEnum


class Sort(StrEnum):
    """What sort of thing a noun names, as far as a story has to know."""

    CREATURE = "creature"
    PLACE = "place"
    RIDE = "ride"
    FOOD = "food"
    SKY = "sky"
    PLANT = "plant"
    THING = "thing"


_NOUNS = {
    Sort.CREATURE: """
        alien alligator angel animal ant astronaut aunt baby badger ballerina bat bear beaver bee beetle bird boy
        brother bull bunny butterfly calf camel cat caterpillar cheetah chick chicken child clown cow cowboy crab
        crocodile crow cub dad daddy deer dinosaur doctor dog doll dolphin donkey dragon dragonfly driver duck duckling
        eagle elephant elf fairy family farmer father firefighter fireman fish flamingo fly foal fox friend frog ghost
        giant giraffe girl gnome goat goose gorilla grandad grandfather grandma grandmother grandpa granny hamster
        hare hedgehog hen hippo horse jellyfish kangaroo king kitten knight koala ladybird ladybug lady lamb leopard
        lion lizard llama lobster mama man mermaid mole mom monkey monster moose mother mouse mum mummy narwhal
        newt nurse octopus ostrich otter owl ox pal panda papa parrot peacock penguin person pig pigeon piglet pilot
        pirate pony porcupine prince princess puppy queen rabbit raccoon ram rat reindeer rhino robot robin rooster
        sailor salmon scarecrow seagull seahorse seal shark sheep singer sister skeleton skunk sloth snail snake
        snowman sparrow spider squid squirrel starfish stork superhero swan teacher teddy tiger toad toucan troll
        turkey turtle tortoise twin uncle unicorn unicorns vampire walrus wasp whale witch wizard wolf woman worm
        yeti zebra zombie kid owlet person dino trex pterodactyl chameleon stegosaurus bumblebee moth
        cricket grasshopper dancer cook chef bride policeman caveman ninja hero pup pet bunny""",
    Sort.PLACE: """
        airport barn beach bedroom bridge cabin camp castle cave church circus city classroom cottage den desert farm
        field forest fort garden hall harbour hill home hospital house hut igloo island jungle kitchen lake
        lighthouse market meadow mill mountain museum nest ocean palace park playground pond pool river road room
        school sea shed shop stable station street tent tower town treehouse tunnel valley village volcano waterfall
        well windmill wood woods world zoo land library maze path pyramid room shore skyscraper store""",
    Sort.RIDE: """
        airplane aeroplane ambulance balloon bicycle bike boat bulldozer bus camper canoe car carriage cart digger
        engine ferry helicopter jeep jet kayak lorry motorbike motorcycle plane raft rocket scooter ship skateboard
        sled sleigh spacecraft spaceship submarine swing tank taxi tractor train tram tricycle truck ufo van wagon
        yacht sailboat steamboat""",
    Sort.FOOD: """
        apple avocado bagel banana berry biscuit bread broccoli burger butter cake candy carrot cereal cheese cherry
        chocolate coconut cookie corn croissant cupcake doughnut donut egg fries grape honey hamburger icecream jam
        jelly lemon lollipop lunch melon milk muffin noodle onion orange pancake pasta pea peach pear pie pineapple
        pizza plum popcorn popsicle potato pretzel pudding pumpkin radish raspberry rice salad sandwich soup
        spaghetti strawberry sushi sweet tea toast tomato waffle watermelon cream""",
    Sort.SKY: """
        cloud comet fog galaxy lightning meteor moon night planet rain rainbow sky snow snowflake space star storm
        sun sunrise sunset thunder tornado wind""",
    Sort.PLANT: """
        bush cactus daisy fern flower grass leaf mushroom oak palm plant rose seaweed seed sunflower toadstool tree
        tulip vine weed dandelion""",
    Sort.THING: """
        anchor axe bag ball bath basket bath bed bell birthday blanket block book boot bottle bow bowl box broom bubble
        bucket button camera candle cap chair chalk chest christmas clock coat comb compass computer crayon crown cup
        cushion dance diamond dice door dot dream dress drum eye face fair fan feather fence fire fireworks flag
        flute foot football game gate ghosttrain gift glass glasses glove gold guitar hair hammer hand hat heart
        helmet ice ink instrument jar jewel joke key kite knot ladder lamp lantern lava letter lego light line lock
        love machine magnet map mask mirror mitten money monument mud music nail necklace needle net nose page
        paint paintbrush paper parachute parade party pattern pen pencil phone photo piano picnic picture pillow
        pipe pirateship present puddle puppet puzzle ribbon ring rock rope ruby sand sandcastle scarf scissors shape
        shell shield shoe sign slide smoke soap sock song soccer spaceman spiral splash spoon spot squiggle stick
        stone string suitcase sweater sword table tail teapot telescope toy treasure trumpet tooth umbrella vase
        violin wand watch water wave wheel whistle window wing yoyo zigzag circle square triangle letterbox
        playhouse monstertruck trampoline seesaw merrygoround scribble hug kiss smile wish color colour rainboots
        raincoat backpack bathtub fridge television tv radio tablet""",
}  # fmt: skip

PLURALS = {
    "geese": "goose", "mice": "mouse", "children": "child", "people": "person", "men": "man", "women": "woman",
    "feet": "foot", "teeth": "tooth", "wolves": "wolf", "leaves": "leaf", "knights": "knight", "oxen": "ox",
    "snowmen": "snowman", "elves": "elf", "calves": "calf", "babies": "baby", "ladies": "lady", "cacti": "cactus",
    "octopuses": "octopus", "scarves": "scarf", "loaves": "loaf", "firemen": "fireman",
}  # fmt: skip
"""Plurals that rules do not give, with their singulars."""

EITHER_NUMBER = frozenset({"sheep", "fish", "deer", "moose", "reindeer", "salmon", "squid", "jellyfish", "starfish"})
ALWAYS_PLURAL = frozenset({"fries", "glasses", "scissors", "fireworks", "woods", "people", "rainboots"})
NOT_PLURAL = frozenset({
    "bus", "dress", "grass", "glass", "cactus", "octopus", "circus", "compass", "christmas", "lens", "walrus",
    "princess", "chess", "hippopotamus", "stegosaurus",
})  # fmt: skip
MASS = frozenset({
    "snow", "rain", "water", "grass", "smoke", "sand", "ice", "fog", "mud", "lava", "music", "spaghetti",
    "bread", "cheese", "hair", "popcorn", "pasta", "rice", "soup", "milk", "butter", "honey", "jam", "thunder",
    "lightning", "gold", "money", "love", "fire", "wind", "space", "seaweed", "tea", "toast", "corn",
    "broccoli", "chalk", "paint", "paper", "string", "soap", "ink", "lego", "soccer", "football", "chocolate",
    "candy", "salad", "pudding",
})  # fmt: skip
"""Nouns that take "some" where no article stands."""

ONE_OF_A_KIND = frozenset({"sun", "moon", "sky", "sea", "ocean", "world", "night", "beach"})
"""Nouns that take "the" where no article stands."""

FAMILY = {
    "mama": "she", "mum": "she", "mom": "she", "mummy": "she", "mommy": "she", "grandma": "she", "granny": "she",
    "nana": "she", "oma": "she", "papa": "he", "dad": "he", "daddy": "he", "grandpa": "he", "grandad": "he",
    "opa": "he",
}  # fmt: skip
"""Family words that stand alone as names."""

SHE = frozenset({
    "girl", "queen", "princess", "mother", "mum", "mummy", "mom", "mama", "grandma", "grandmother", "granny",
    "aunt", "sister", "woman", "lady", "mermaid", "witch", "ballerina", "hen", "cow", "bride",
})  # fmt: skip
HE = frozenset({
    "boy", "king", "prince", "father", "dad", "daddy", "papa", "grandpa", "grandfather", "grandad", "uncle",
    "brother", "man", "rooster", "bull", "snowman", "cowboy", "fireman", "policeman", "caveman",
})  # fmt: skip

_ADJECTIVES = """
    angry baby bad beautiful big birthday black blue bouncy brave bright broken brown busy cheeky chubby clever
    cold colorful colourful cool cosy crazy creepy crooked cuddly curious cute dancing dark dirty dizzy dotted
    enormous evil fancy fast fat fierce fire flat fluffy flying friendly frozen funny furry fuzzy gentle giant
    golden good grand gray great green grey grumpy hairy happy haunted hidden high hot huge hungry ice icy
    invisible jolly jumping kind large lazy little lonely long lost loud lovely lucky mad magic magical mean
    messy mighty mini nasty naughty new nice night noisy old orange own pink pirate plain pointy polite pretty
    prickly proud purple quick quiet rainbow red rich round royal running sad scary sea secret sharp shiny short
    shy silent silly silver sleeping sleepy slow small smiley snow snowy soft space sparkly spiky spooky spotted
    spotty square stinky strange striped stripy strong sunny super sweet tall teeny thin tiny tired ugly violet
    warm wavy weird wet white wicked wide wiggly wild wise wobbly wonderful wooden yellow young yummy
"""
ADJECTIVES = frozenset(_ADJECTIVES.split())

COUNTS = frozenset({
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty",
    "many", "several", "few", "hundred", "both", "some",
})  # fmt: skip
ARTICLES = frozenset({"a", "an", "the"})
OWNERS = frozenset({"my", "our", "your", "his", "her", "their"})
POINTERS = frozenset({"this", "that", "these", "those", "one"})
LINKS = frozenset({
    "with", "without", "in", "on", "at", "of", "to", "for", "from", "by", "under", "over", "near", "behind",
    "through", "into", "like", "after", "before", "during", "up", "down", "around", "between", "above", "below",
    "inside", "outside", "beside", "beneath", "across", "along", "against", "wearing", "holding", "that", "who",
    "which", "whose", "where", "when", "made", "full", "called", "named",
})  # fmt: skip
"""Words that begin what follows a noun."""

VERBAL = frozenset({
    "i", "we", "he", "she", "it", "they", "you", "me", "us", "am", "is", "are", "was", "were", "has", "have",
    "had", "can", "will", "do", "does", "did", "not", "don't", "i'm", "it's", "he's", "she's", "goes", "went",
    "go", "eats", "ate", "likes", "loves", "loved", "plays", "played", "says", "said", "makes", "made", "flies",
    "runs", "ran", "sees", "saw", "wants", "because", "if", "then", "there", "here", "what", "why", "how",
    "let's", "please", "sits", "sleeps", "swims", "jumps", "sings", "waters", "finds", "looks", "comes", "came",
    "gets", "got", "gives", "gave", "helps", "meets",
})  # fmt: skip
"""Words that make a caption a sentence rather than the name of a thing (outside a "that ..." part)."""

LEAD_INS = (
    "this is", "that is", "it is", "it's", "here is", "here's", "these are", "a picture of", "a drawing of",
    "picture of", "drawing of", "look at", "once there was", "there is", "i drew",
)  # fmt: skip

SORTS = {noun: sort for sort, nouns in _NOUNS.items() for noun in nouns.split()}
"""Each known noun in the singular with its sort."""
