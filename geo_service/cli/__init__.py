"""The command line: ``geo-service``, the same verbs as the HTTP interface."""

from geo_service.cli.main import main

__all__ = ["main"]
