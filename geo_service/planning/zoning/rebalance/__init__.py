"""A plan mended or bettered with as few changes as can be."""
