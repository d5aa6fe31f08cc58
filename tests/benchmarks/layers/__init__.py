"""Layers beside their peers: tiles, items, exports and imports of one table."""
