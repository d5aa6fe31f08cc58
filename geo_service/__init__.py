"""Planning service for full property-management coverage (物业管理全覆盖)."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("geo-service")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+source"
