"""Sealed parts in a real S3 server: kept once, absent is none, and a store that refuses is told."""

from pathlib import Path

import pytest

from cityhall.mail.objects import BlobsAwayError, open_blobs
from tests.support.makers import make_id
from tests.support.object_store import ObjectStore


def test_a_part_is_kept_once(object_store: ObjectStore) -> None:
    """The second time nothing is written; what never came is none; another folder of the bucket is another shelf."""
    blobs = open_blobs(object_store.url, object_store.keys)
    blobs.put(make_id(1), 0, b"one")
    blobs.put(make_id(1), 0, b"other")
    beside = open_blobs(object_store.url.replace("?", "/beside?"), object_store.keys)
    assert (blobs.get(make_id(1), 0), blobs.get(make_id(1), 1)) == (b"one", None)
    assert beside.get(make_id(1), 0) is None


def test_a_part_is_deleted_for_ever(object_store: ObjectStore) -> None:
    """Once or twice; what never came is no error."""
    blobs = open_blobs(object_store.url, object_store.keys)
    blobs.put(make_id(3), 0, b"one")
    blobs.drop(make_id(3), 0)
    blobs.drop(make_id(3), 0)
    assert blobs.get(make_id(3), 0) is None


def test_fail__a_key_the_store_does_not_know(object_store: ObjectStore, tmp_path: Path) -> None:
    """It refuses; the bus is told to try again, and no key stands in the sentence."""
    keys = tmp_path / "keys.toml"
    keys.write_text('access_key_id = "madobus"\nsecret_access_key = "wrong"\n')
    with pytest.raises(BlobsAwayError, match="put failed") as caught:
        open_blobs(object_store.url, keys).put(make_id(), 0, b"one")
    assert "wrong" not in str(caught.value)
    with pytest.raises(BlobsAwayError, match="get failed"):
        open_blobs(object_store.url, keys).get(make_id(), 0)


@pytest.mark.parametrize(
    "url",
    ["https://sealed", "s3://", "s3://key:secret@sealed", "s3://sealed?key=secret"],
)
def test_fail__an_address_that_is_none(url: str) -> None:
    """Another scheme, no bucket, keys where they do not belong."""
    with pytest.raises(ValueError, match="s3://BUCKET"):
        open_blobs(url)


def test_fail__a_file_of_keys_with_something_else_in_it(tmp_path: Path) -> None:
    """A typing mistake is found at start."""
    keys = tmp_path / "keys.toml"
    keys.write_text('access_key_id = "a"\nsecret = "b"\n')
    with pytest.raises(ValueError, match="access_key_id and secret_access_key"):
        open_blobs("s3://sealed?endpoint=http://127.0.0.1:9", keys)
