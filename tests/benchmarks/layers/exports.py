from collections.abc import Iterator


def export_ratios(world) -> Iterator[tuple[str, float, str]]:
    yield from ()
