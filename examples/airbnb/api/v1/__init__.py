"""The first version of the interface; later ones may stand beside it."""
