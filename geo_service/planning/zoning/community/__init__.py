"""One community, or many, from footprints and a planner's wishes to numbered and explained zones."""
