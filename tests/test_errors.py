import pickle

import pytest

from geo_service import errors


def kinds() -> list[type[errors.GeoServiceError]]:
    return [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.GeoServiceError)
    ]


@pytest.mark.parametrize("kind", kinds())
def test_an_error_raised_in_a_worker_arrives_whole(kind: type[errors.GeoServiceError]) -> None:
    raised = kind("zoning.zone_count_absurd", where="--zones", details=[{"area": "1"}], zones=9, buildings=3)
    raised.add_note("while drawing community 1")
    arrived = pickle.loads(pickle.dumps(raised))
    assert type(arrived) is kind
    assert (arrived.key, arrived.where, arrived.details) == (raised.key, raised.where, raised.details)
    assert str(arrived) == str(raised)
    assert arrived.__notes__ == raised.__notes__
