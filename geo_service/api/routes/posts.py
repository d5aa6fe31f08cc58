"""A chief's post: the zone, its buildings, and whom to call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from geo_service.api.answers.posts import PostSheet
from geo_service.api.deps import Database, PostId, Reader
from geo_service.store.posts import get_post
from geo_service.store.session import transaction

router = APIRouter(prefix="/api/posts", tags=["posts"])


@router.get("/{post_id}", summary="A post with its zone and buildings", response_model=PostSheet)
def read_post(post_id: PostId, engine: Database, caller: Reader) -> dict[str, Any]:
    """Geometry is GeoJSON in degrees (EPSG:4490)."""
    with transaction(engine, caller, read_only=True) as connection:
        return get_post(connection, post_id)
