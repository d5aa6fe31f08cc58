from collections.abc import Iterator


def import_ratios(world) -> Iterator[tuple[str, float, str]]:
    yield from ()
