"""The domain's thinking: pure functions over arrays and dataclasses, in metres and households."""
