"""One page or file from the web, when a person asks for it: bounded in size and time, public addresses only."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
import urllib.parse
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from octavo.ingest.errors import ReadError, UnsupportedError
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers.kinds import SUFFIXES, media_type

if TYPE_CHECKING:
    import httpx

_MOST_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)


def is_url(path: str) -> bool:
    """Returns whether what is to be read is an address on the web.

    >>> is_url("https://example.org/a.pdf"), is_url("reports/a.pdf")
    (True, False)
    """
    return bool(re.match(r"https?://", path, re.I))


def fetch(url: str, folder: Path, options: ReadOptions) -> Path:
    """Saves what is at `url` below `folder`, the same address always to the same file, and returns that.

    Raises `ReadError` where the address or one that it leads to is not public, where the answer is no success, larger
    than `max_file_bytes` or slower than `fetch_timeout`, and `UnsupportedError` where it is of no kind that is read.
    """
    import httpx

    deadline = time.monotonic() + options.fetch_timeout
    address = url
    try:
        with httpx.Client(trust_env=False, timeout=_CONNECT_SECONDS) as client:
            for _ in range(_MOST_REDIRECTS + 1):
                request = _request(client, address)
                response = client.send(request, stream=True)
                try:
                    if response.status_code in _REDIRECTS and "location" in response.headers:
                        address = urllib.parse.urljoin(address, response.headers["location"])
                        continue
                    if not response.is_success:
                        raise ReadError(f"{url} cannot be read: the server answers {response.status_code}.")
                    return _save(response, url, address, folder, options, deadline)
                finally:
                    response.close()
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise ReadError(f"{url} cannot be fetched: {error or type(error).__name__}.") from error
    raise ReadError(f"{url} leads on more than {_MOST_REDIRECTS} times.")


def _request(client: httpx.Client, address: str) -> httpx.Request:
    """Returns a request to the very address that was checked, so that no second look-up can lead elsewhere."""
    parts = urllib.parse.urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username:
        raise ReadError(f"{address} is no address of a page or file: it must begin with http:// or https://.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    results = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not results or not all(map(_is_public, results)):
        raise ReadError(f"{address} is not fetched: {host} is an address of this machine or of a private network.")
    chosen = min(results, key=lambda ip: (":" in ip, ip))
    literal = f"[{chosen}]" if ":" in chosen else chosen
    path = urllib.parse.quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{parts.query}" if parts.query else ""
    return client.build_request(
        "GET",
        f"{parts.scheme}://{literal}:{port}{path}{query}",
        headers={"Host": parts.netloc, "User-Agent": "octavo", "Accept": "*/*"},
        extensions={"sni_hostname": host},
    )


def _is_public(address: str) -> bool:
    """Returns whether an IP address is one of the internet, and not of a machine, a network or a group.

    >>> [_is_public(ip) for ip in ("93.184.216.34", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return (mapped or ip).is_global and ip.is_global and not ip.is_multicast


def _save(
    response: httpx.Response, url: str, address: str, folder: Path, options: ReadOptions, deadline: float
) -> Path:
    place = folder / _file_name(url, address, response.headers.get("content-type", ""))
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.part")
    size = 0
    try:
        with part.open("wb") as out:
            for block in response.iter_bytes():
                size += len(block)
                if size > options.max_file_bytes:
                    raise ReadError(
                        f"{url} has more than {options.max_file_bytes:,} bytes (OCTAVO_READING__MAX_FILE_BYTES)."
                    )
                if time.monotonic() > deadline:
                    raise ReadError(
                        f"{url} takes longer than {options.fetch_timeout:.0f} s (OCTAVO_READING__FETCH_TIMEOUT)."
                    )
                out.write(block)
        if not size:
            raise ReadError(f"{url} is empty.")
        checked = part.rename(part.with_suffix(place.suffix))
        try:
            media_type(checked)
        except UnsupportedError as error:
            raise UnsupportedError(f"{url} is of no kind that can be read.") from error
        return checked.replace(place)
    finally:
        part.unlink(missing_ok=True)
        part.with_suffix(place.suffix).unlink(missing_ok=True)


def _file_name(url: str, address: str, content_type: str) -> Path:
    """Returns the path where a fetched address is kept: its host, its path with what it asks for, and a suffix of
    what it is.

    >>> print(_file_name("https://example.org/a/report?year=2021", "", "text/html; charset=utf-8").as_posix())
    example.org/a_report_year_2021.html
    """
    parts = urllib.parse.urlsplit(url)
    name = re.sub(r"[^\w.-]+", "_", urllib.parse.unquote(f"{parts.path} {parts.query}")).strip("_.") or "index"
    kind = content_type.partition(";")[0].strip().lower()
    usual = next((suffix for suffix, media in SUFFIXES.items() if media == kind), "")
    stated = PurePosixPath(urllib.parse.urlsplit(address or url).path).suffix.lower()
    suffix = stated if stated in SUFFIXES else usual
    if suffix and not name.lower().endswith(suffix):
        name = name[: 150 - len(suffix)] + suffix
    return Path(re.sub(r"[^\w.-]", "_", parts.hostname or "web"), name[-150:])
