"""The places on offer: a list in memory, so that the example runs without a database."""

PLACES = [
    {
        "name": "Boathouse on the quiet arm",
        "city": "Ghent",
        "price": 84,
        "guests": 3,
        "rooms": 1,
        "text": "Wake up level with the ducks. The stove is lit before you arrive.",
        "image": "boathouse.svg",
    },
    {
        "name": "Room above the bakery",
        "city": "Lyon",
        "price": 57,
        "guests": 2,
        "rooms": 1,
        "text": "Bread comes out of the oven at five. So, most days, do our guests.",
        "image": "bakery.svg",
    },
    {
        "name": "Lighthouse keeper's cottage",
        "city": "Tromso",
        "price": 132,
        "guests": 5,
        "rooms": 2,
        "text": "No neighbour for two miles, and a sky that moves in winter.",
        "image": "lighthouse.svg",
    },
    {
        "name": "Orchard cabin",
        "city": "Cluj",
        "price": 46,
        "guests": 4,
        "rooms": 2,
        "text": "Apples from September on, and a hammock for the months before.",
        "image": "cabin.svg",
    },
]


def stats():
    """Count what there is, for the interface."""
    return {
        "places": len(PLACES),
        "cities": len({place["city"] for place in PLACES}),
        "rooms": sum(place["rooms"] for place in PLACES),
    }
