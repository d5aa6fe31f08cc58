"""Bulletins: their kinds, what their rows say, and what tells one that was changed."""
