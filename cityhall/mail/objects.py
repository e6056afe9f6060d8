"""Sealed parts in an S3-compatible object store, for intakes and an office that share no disk."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

# A store that does not answer is told to the bus, which tries again; nothing waits for minutes.
CONNECT_S: Final = 3
ANSWER_S: Final = 20
RETRIES: Final = 2
RETRY_S: Final = 20
QUERY: Final = frozenset({"endpoint", "region"})
SECRETS: Final = frozenset({"access_key_id", "secret_access_key"})


class BlobsAwayError(OSError):
    """The object store could not be reached or refused; trying again is safe."""


class ObjectBlobs:
    """Parts as objects: <prefix>/<first byte of the id>/<id>/<index>."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def put(self, env_id: bytes, index: int, data: bytes) -> None:
        """Keep one checked part; durable when this returns. What is there is the same part and stays."""
        try:
            self._store.put(_place(env_id, index), data, mode="create")
        except AlreadyExistsError:
            return
        except BaseError as error:
            raise _away("put", error) from error

    def get(self, env_id: bytes, index: int) -> bytes | None:
        """Return one part, or None when it is not here."""
        try:
            return bytes(self._store.get(_place(env_id, index)).bytes())
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise _away("get", error) from error

    def drop(self, env_id: bytes, index: int) -> None:
        """Delete one part; harmless when it is not here. A bucket that keeps versions keeps this one too."""
        try:
            self._store.delete(_place(env_id, index))
        except FileNotFoundError:
            return
        except BaseError as error:
            raise _away("delete", error) from error


def open_blobs(url: str, secrets: Path | None = None) -> ObjectBlobs:
    """Open s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME; raises ValueError for another form.

    Keys come from the TOML file `secrets` (access_key_id, secret_access_key), else from the environment
    (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), never from the URL.
    """
    found = urlsplit(url)
    asked = {name: given[-1] for name, given in parse_qs(found.query).items()}
    if found.scheme != "s3" or not found.hostname or "@" in found.netloc or set(asked) - QUERY:
        raise ValueError("blobs: write s3://BUCKET?endpoint=https://HOST, keys stand elsewhere")
    endpoint = asked.get("endpoint")
    config = _keys(secrets)
    config["region"] = asked.get("region", "us-east-1")
    if endpoint is not None:
        config["endpoint"] = endpoint
    store = S3Store(
        found.hostname,
        prefix=found.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": (endpoint or "").startswith("http:"),
            "connect_timeout": timedelta(seconds=CONNECT_S),
            "timeout": timedelta(seconds=ANSWER_S),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_S)},
    )
    return ObjectBlobs(store)


def _keys(secrets: Path | None) -> "S3Config":
    if secrets is None:
        return {}
    found = tomllib.loads(secrets.read_text(encoding="utf-8"))
    if set(found) != SECRETS:
        raise ValueError(f"blobs: {secrets} holds {' and '.join(sorted(SECRETS))}, nothing else")
    return {
        "access_key_id": str(found["access_key_id"]),
        "secret_access_key": str(found["secret_access_key"]),
    }


def _place(env_id: bytes, index: int) -> str:
    name = env_id.hex()
    return f"{name[:2]}/{name}/{index}"


def _away(verb: str, error: BaseError) -> BlobsAwayError:
    return BlobsAwayError(f"object store: {verb} failed ({type(error).__name__}); see to the store")
