"""The fictional county 云川县: generated from a seed, written as files, then taken down the whole path."""
