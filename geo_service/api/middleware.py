"""What every request passes: guards against foreign pages, a limit on bodies, headers that protect."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.api.errors import UploadTooLarge, problem, status_of
from geo_service.api.language import preferred_language
from geo_service.errors import Forbidden, GeoServiceError, InvalidInput

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Nothing but this server; MapLibre runs its workers and decodes its images from blobs.
_PROTECTION = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What one caller may read, no shared cache may keep.
    "Cache-Control": "private, no-cache",
}


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def _refuse(error: GeoServiceError, scope: Scope, receive: Receive, send: Send) -> None:
    language = preferred_language(Headers(scope=scope).get("accept-language"))
    await problem(error, status_of(error), language)(scope, receive, send)


def _each_once(names: str) -> str:
    return ", ".join(dict.fromkeys(name.strip() for name in names.split(",")))


class ProtectiveHeaders:
    """Puts the protective headers on every answer, and names what it varies by once.

    Whoever compresses an answer says so in Vary, whether or not the answer has said it already.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and the answer back with the headers."""

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _PROTECTION.items():
                    headers.setdefault(name, value)
                varies = headers.get("Vary")
                if varies is not None:
                    headers["Vary"] = _each_once(varies)
            await send(message)

        await self.app(scope, receive, send_protected)


class LocalOnly:
    """Without tokens everybody who reaches the server is the administrator, so only this machine may.

    A page of another site can make the browser ask us: under our own name after it rebinds its DNS (so the
    Host must name this machine), or by a form or script of its own (so a write's Origin must be ours).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what does not come from this machine's own pages and programs."""
        if scope["type"] == "http":
            refusal = self._refusal(scope)
            if refusal is not None:
                return await _refuse(refusal, scope, receive, send)
        return await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> GeoServiceError | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not _is_local_peer(scope):
            return Forbidden("request.not_local", where=scope["client"][0])
        if _host_name(host) not in LOOPBACK_NAMES:
            return Forbidden("request.foreign_host", where=host)
        if scope["method"] in _SAFE_METHODS:
            return None
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return Forbidden("request.foreign_origin", where=origin)
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return Forbidden("request.foreign_origin", where=headers["sec-fetch-site"])
        return None


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_local_peer(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is None or ip_address(client[0]).is_loopback
    except ValueError:
        return True  # not an address: a unix socket's peer


class ReadableText:
    """Refuses the zero byte in a path or a query: PostgreSQL and the file system know no such text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] == "http" and _has_zero_byte(scope):
            return await _refuse(InvalidInput("request.zero_byte", where="URL"), scope, receive, send)
        return await self.app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD wherever GET is answered: by the same headers, and no body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask as GET, and leave the body out."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        ended = False

        async def send_headers(message: Message) -> None:
            # The answer is over with its headers, however long GET would go on.
            nonlocal ended
            if message["type"] == "http.response.body":
                message = {**message, "body": b"", "more_body": False}
                if ended:
                    return
                ended = True
            await send(message)

        return await self.app({**scope, "method": "GET"}, receive, send_headers)


class RefusedEncodings:
    """Leaves out of Accept-Encoding what it refuses by a weight of zero (RFC 9110, section 12.5.3).

    Who compresses below looks only for the name of a coding.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the codings it takes."""
        if scope["type"] == "http":
            headers = MutableHeaders(scope=scope)
            given = headers.get("accept-encoding", "")
            if ";" in given:
                taken = (coding for coding in given.split(",") if not _REFUSED.search(coding))
                headers["accept-encoding"] = ", ".join(taken)
        return await self.app(scope, receive, send)


_REFUSED = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*$", re.IGNORECASE)


def _has_zero_byte(scope: Scope) -> bool:
    return "\0" in scope["path"] or b"\0" in scope["query_string"] or b"%00" in scope["query_string"]


class BodyLimit:
    """Refuses a body of more than ``limit_bytes``, by its announced length or as soon as it has come in."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        error = UploadTooLarge("request.too_large", limit_mb=self.limit_bytes // 2**20)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > self.limit_bytes:
            return await _refuse(error, scope, receive, send)
        received_bytes = 0

        async def receive_counted() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self.limit_bytes:
                raise error
            return message

        async def send_unless_refused(message: Message) -> None:
            # Whatever the parsers above made of the interruption, the client learns its cause.
            if received_bytes <= self.limit_bytes:
                await send(message)

        await self.app(scope, receive_counted, send_unless_refused)
        if received_bytes > self.limit_bytes:
            await _refuse(error, scope, receive, send)
        return None
