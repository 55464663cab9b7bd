"""What reviewers call somebody whose name they must not know."""

import hashlib
from collections.abc import Iterator

# Words without a people, a gender, a rank or a reputation.
PALETTE = (
    "Amber Apricot Aqua Azure Beige Bronze Cerulean Chartreuse Citrine Cobalt Copper Coral "
    "Cyan Emerald Fuchsia Garnet Golden Indigo Jade Khaki Lavender Lilac Lime Magenta Malachite "
    "Maroon Mauve Mint Navy Ochre Olive Onyx Opal Orchid Pastel Peach Pearl Periwinkle Pine Plum "
    "Saffron Sage Sapphire Scarlet Sepia Sienna Silver Slate Teal Topaz Turquoise Umber Vermilion "
    "Violet Viridian"
)
FLOCK = (
    "Albatross Avocet Bittern Bunting Bustard Condor Cormorant Crane Curlew Dipper Dunlin Eider "
    "Falcon Finch Flycatcher Gannet Godwit Goldcrest Goshawk Grebe Guillemot Harrier Heron Hoopoe "
    "Ibis Jacana Kestrel Kingfisher Kite Lapwing Linnet Merlin Nightjar Nuthatch Oriole Osprey "
    "Ouzel Oystercatcher Petrel Pipit Plover Puffin Redwing Roller Sanderling Sandpiper Shearwater "
    "Shrike Siskin Skua Skylark Snipe Spoonbill Starling Stonechat Stork Swallow Swift Tern Thrush "
    "Treecreeper Turnstone Wagtail Waxwing Wheatear Whimbrel Woodpecker Wryneck"
)
COLOURS, BIRDS = PALETTE.split(), FLOCK.split()
PLAIN = 32  # So many names without a number, for one application, before there are any with one.
NUMBERS = 9000


def pseudonyms(application_id: str) -> Iterator[str]:
    """Names for this application without end: take the first that is free in its project.

    They follow from an id that tells nothing, so they tell nothing: not who it is, not who came
    first, and nothing common to two applications of one person.
    """
    draw = 0
    while True:
        digest = hashlib.sha256(f"{application_id}|{draw}".encode()).digest()
        drawn = int.from_bytes(digest[:8])
        drawn, colour = divmod(drawn, len(COLOURS))
        drawn, bird = divmod(drawn, len(BIRDS))
        number = f" {1000 + drawn % NUMBERS}" if draw >= PLAIN else ""
        yield f"Candidate {COLOURS[colour]} {BIRDS[bird]}{number}"
        draw += 1
