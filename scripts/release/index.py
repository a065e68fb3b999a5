"""A package index: what it holds of a version, and how something gets there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests
from packaging.version import InvalidVersion, Version
from pypi_simple import NoSuchProjectError, PyPISimple
from pypi_simple.errors import UnsupportedContentTypeError, UnsupportedRepoVersionError
from twine.commands import upload
from twine.exceptions import RedirectDetected, TwineException
from twine.settings import Settings
from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

PROJECT = "trustly-customers"
_SECONDS = 60
_REFUSED = {401, 403}


class PackageIndexError(Exception):
    """The index cannot be used; the text says why, and what to do."""


@dataclass(frozen=True)
class Index:
    """An index as an installer knows it, and as an uploader does."""

    url: str
    """What pip takes as `--index-url`."""
    upload_url: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def at(cls, url: str, upload_url: str, user: str, password: str) -> Index:
        """Return the index of a URL; the one to upload to is what comes before `simple/`, if it is not given.

        Raises:
            PackageIndexError: it is no URL of an index, holds credentials, or is the public one.
        """
        if not _is_http(url):
            raise PackageIndexError("INDEX_URL is no http URL: give what pip takes as --index-url, such as .../simple/")
        if upload_url and not _is_http(upload_url):
            raise PackageIndexError("UPLOAD_URL is no http URL: give what twine takes as --repository-url")
        for name, given in (("INDEX_URL", url), ("UPLOAD_URL", upload_url)):
            if "@" in urlsplit(given).netloc:
                raise PackageIndexError(
                    f"{name} holds credentials: give them as TWINE_USERNAME and TWINE_PASSWORD instead"
                )
        base, simple, rest = url.rstrip("/").rpartition("/")
        if not upload_url and (rest.lstrip("+") != "simple" or not simple):
            raise PackageIndexError("INDEX_URL does not end in simple/: say with UPLOAD_URL where to upload to")
        index = cls(url.rstrip("/") + "/", upload_url or base + "/", user, password)
        if any(_is_public(each) for each in (index.url, index.upload_url)):
            raise PackageIndexError("that is the public index, and the package is internal: give your company's own")
        return index

    def files(self, version: str) -> dict[str, str]:
        """Return what the index holds of a version: the hash of each file by its name.

        Raises:
            PackageIndexError: it does not answer, or not like an index.
        """
        auth = (self.user, self.password) if self.user else None
        try:
            with PyPISimple(self.url, auth=auth) as client:
                client.s.trust_env = False  # a loopback index is not behind the company's proxy
                page = client.get_project_page(PROJECT, timeout=_SECONDS)
                found = [each for each in page.packages if _is_version(each.version, version)]
                return {each.filename: each.digests.get("sha256") or self._sha256(each.url) for each in found}
        except NoSuchProjectError:
            return {}
        except requests.HTTPError as error:
            raise self._failed(error) from None
        except (requests.RequestException, UnsupportedContentTypeError, UnsupportedRepoVersionError) as error:
            raise PackageIndexError(f"{self.url} does not answer like an index ({type(error).__name__})") from None

    def upload(self, files: Iterable[Path]) -> None:
        """Upload files, one after the other.

        Raises:
            PackageIndexError: the index refused one, or the connection broke. Those before it are there.
        """
        settings = Settings(
            repository_url=self.upload_url,
            username=self.user or None,
            password=self.password or None,
            non_interactive=True,
            disable_progress_bar=True,
        )
        for file in files:
            try:
                upload.upload(settings, [str(file)])
            except requests.HTTPError as error:
                raise self._failed(error, file.name) from None
            except RedirectDetected as error:
                said = str(error).strip().partition("\n")[0].rstrip(".")
                raise PackageIndexError(f"{said}: say with UPLOAD_URL where to upload to") from None
            except (requests.RequestException, TwineException) as error:
                raise PackageIndexError(
                    f"{file.name} was not uploaded ({type(error).__name__}); run this again, it goes on from there"
                ) from None

    def _failed(self, error: requests.HTTPError, name: str = "") -> PackageIndexError:
        status = 0 if error.response is None else error.response.status_code
        if status in _REFUSED:
            return PackageIndexError(
                f"the index refuses the credentials ({status}): check TWINE_USERNAME and TWINE_PASSWORD"
            )
        what = f"{name} with {status}" if name else f"with {status}"
        return PackageIndexError(f"the index answered {what}; nothing was replaced")

    def _sha256(self, url: str) -> str:
        # The page may name any server; what opens this index is for this index alone.
        own = urlsplit(url)[:2] == urlsplit(self.url)[:2]
        auth = (self.user, self.password) if self.user and own else None
        answer = requests.get(url, auth=auth, timeout=_SECONDS)
        answer.raise_for_status()
        return hashlib.sha256(answer.content).hexdigest()


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets around what is no address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_version(told: str | None, version: str) -> bool:
    """Whether a file's version is this one, which installers take 7.0 and 7.0.0 for."""
    try:
        return Version(told or "") == Version(version)
    except InvalidVersion:
        return False


def _is_public(url: str) -> bool:
    """Whether a URL leads to one of the hosts that the uploader knows as the public index, or to one beside it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    domains = [
        ".".join((urlsplit(each).hostname or "").split(".")[-2:]) for each in (DEFAULT_REPOSITORY, TEST_REPOSITORY)
    ]
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
