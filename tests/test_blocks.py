"""Block files and what reads them: columns, checksums, the digest, the seeming arrays."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest

from sim.results import checksum
from sim.results.blocks import (
    MAGIC,
    Arrays,
    DamagedBlock,
    Origin,
    block_path,
    decode,
    encode,
    load_block,
    read_header,
    verify_block,
    write_block,
)
from sim.results.columns import Columns, Table
from sim.results.store import Store

N, BLOCK, PLAN = 50, 16, "d" * 64


@pytest.fixture
def arrays() -> Arrays:
    rng = np.random.default_rng(3)
    return {
        "m.loss": rng.normal(size=(N, 5)),
        "m.none": np.full((N, 5), np.nan),
        "day": rng.random(N),
        "reserve": np.zeros((N, 0)),
        "replication": np.arange(N),
    }


@pytest.fixture
def folder(tmp_path: Path, arrays: Arrays) -> Path:
    (tmp_path / "blocks").mkdir()
    for number, at in enumerate(range(0, N, BLOCK)):
        part = {k: a[at : at + BLOCK] for k, a in arrays.items()}
        write_block(tmp_path, number, part, Origin(PLAN, at))
    return tmp_path


def test_a_block_comes_back_bit_for_bit(arrays):
    back = decode(encode(arrays))
    assert back.keys() == arrays.keys()
    for name, values in arrays.items():
        assert back[name].dtype == values.dtype and back[name].shape == values.shape
        assert np.ascontiguousarray(back[name]).tobytes() == values.tobytes()


def test_the_bytes_of_a_block_do_not_depend_on_how_its_arrays_lie_in_memory(arrays):
    turned = {name: np.asfortranarray(a) for name, a in reversed(arrays.items())}
    assert encode(turned) == encode(arrays)


def test_every_flipped_bit_of_a_block_is_found(arrays):
    content = encode({name: a[:4] for name, a in arrays.items()})
    rng = np.random.default_rng(4)
    for at in [*range(0, 120, 7), *rng.integers(0, len(content), 200)]:
        broken = bytearray(content)
        broken[at] ^= 1 << int(rng.integers(8))
        with pytest.raises(DamagedBlock):
            decode(bytes(broken))


@pytest.mark.parametrize("length", [0, 10, 90, 200, -9, -1])
def test_every_cut_block_is_found(folder, length):
    path = block_path(folder, 0)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedBlock, match="block-000000"):
        read_header(path)


def test_bytes_after_the_end_are_found(folder):
    path = block_path(folder, 0)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DamagedBlock, match="block-000000"):
        read_header(path)


@pytest.mark.parametrize("cuts", [(), (1,), (16, 32, 48), (7, 8, 33), tuple(range(1, N))])
def test_the_digest_does_not_depend_on_how_replications_are_cut_into_blocks(arrays, cuts):
    edges = [0, *cuts, N]
    parts = [{k: a[i:j] for k, a in arrays.items()} for i, j in itertools.pairwise(edges)]
    fields = [("a", "<f8", 1)]
    pieces = [(len(p["day"]), checksum.column_checksums(p)) for p in parts]
    whole = [(N, checksum.column_checksums(arrays))]
    assert checksum.digest_of(fields, pieces) == checksum.digest_of(fields, whole)


def test_the_digest_changes_with_any_number_and_any_name(arrays):
    told = {checksum.digest(arrays)}
    for name, values in arrays.items():
        if values.size:
            changed = values.copy()
            changed.flat[-1] += 1 if name != "m.none" else 0
            changed.flat[-1] = 0 if name == "m.none" else changed.flat[-1]
            told.add(checksum.digest({**arrays, name: changed}))
    told.add(checksum.digest({**arrays, "m.other": arrays["day"]}))
    swapped = arrays["day"][::-1].copy()
    told.add(checksum.digest({**arrays, "day": swapped}))
    assert len(told) == 1 + 4 + 2


def test_the_store_has_the_digest_of_the_arrays_also_where_a_block_holds_more(folder, arrays):
    for n in (N, 40, 16, 3):
        first = {name: a[:n] for name, a in arrays.items()}
        assert Store(folder, BLOCK, n, PLAN).digest() == checksum.digest(first), n


ROWS = [slice(None), slice(3, 40), slice(16, 32), slice(40, 40), slice(None, None, 3), 17, -1,
        np.array([5, 2, 49]), np.arange(N) % 2 == 0]  # fmt: skip
COLUMNS = [slice(None), slice(1, 3), 2, -1, [0, 4], slice(None, None, 2)]


@pytest.mark.parametrize("n", [N, 40])
def test_a_measure_on_disk_gives_what_the_array_gives(folder, arrays, n):
    table, loss = Table(Store(folder, BLOCK, n, PLAN)), arrays["m.loss"][:n]
    lazy = table["loss"]
    assert list(table) == ["loss", "none"] and lazy.shape == loss.shape and len(lazy) == n
    for rows in ROWS:
        rows = rows[:n] if isinstance(rows, np.ndarray) and rows.dtype == bool else rows
        if n < N and isinstance(rows, np.ndarray) and rows.dtype != bool:
            continue
        assert np.array_equal(lazy[rows], loss[rows])
        for columns in COLUMNS:
            if not (isinstance(rows, np.ndarray) and isinstance(columns, list)):
                assert np.array_equal(lazy[rows, columns], loss[rows, columns]), (rows, columns)
    assert np.array_equal(lazy, loss) and np.array_equal(lazy * 2 - 1, loss * 2 - 1)
    assert np.array_equal(np.maximum(0.0, lazy), np.maximum(0.0, loss))
    day = Columns(Store(folder, BLOCK, n, PLAN), "day")
    assert day.size == n and day[3] == arrays["day"][3]
    assert np.array_equal(day, arrays["day"][:n])
    with pytest.raises(IndexError):
        lazy[n]
    with pytest.raises(KeyError):
        table["gain"]


def test_reading_a_column_notices_damage_in_that_column(folder):
    lazy = Table(Store(folder, BLOCK, N, PLAN))["loss"]
    assert lazy[:, 0].size == N
    path = block_path(folder, 1)
    header = read_header(path)
    at = header.start + 8 * header.n * header.place["m.loss"][0] + 5
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(bytes(content))
    with pytest.raises(DamagedBlock, match="block-000001"):
        lazy[:, 0]
    assert lazy[:, 1].size == N  # another column, untouched


def test_an_open_run_outlives_its_extension(folder, arrays):
    def third(end: int) -> None:
        write_block(folder, 2, {k: a[32:end] for k, a in arrays.items()}, Origin(PLAN, 32))

    third(40)
    table = Table(Store(folder, BLOCK, 36, PLAN))  # the third block is used in part
    first = table["loss"][:, 1]
    third(48)
    assert np.array_equal(table["loss"][:, 1], first)


# --- whose block it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "said"),
    [(Origin("e" * 64, 16), "belongs to another run"), (Origin(PLAN, 0), "from 0 on, not from 16"),
     (Origin("", 16), "belongs to another run")],
)  # fmt: skip
def test_a_block_of_another_run_or_place_is_refused_by_name(folder, arrays, origin, said):
    part = {k: a[16:32] for k, a in arrays.items()}
    write_block(folder, 1, part, origin)
    expected = Origin(PLAN, 16)
    store = Store(folder, BLOCK, N, PLAN)
    for read in (
        lambda: read_header(block_path(folder, 1), expected),
        lambda: load_block(block_path(folder, 1), expected),
        lambda: verify_block(block_path(folder, 1), expected),
        lambda: store.column("m.loss", 1),
        store.digest,
    ):
        with pytest.raises(DamagedBlock, match=f"block-000001.* {said}"):
            read()


def test_a_block_copied_to_another_number_after_it_was_opened_is_refused(folder):
    lazy = Table(Store(folder, BLOCK, N, PLAN))["loss"]
    assert lazy[:, 0].size == N
    block_path(folder, 1).write_bytes(block_path(folder, 2).read_bytes())
    with pytest.raises(DamagedBlock, match="block-000001"):
        lazy[:, 0]


SENSELESS = {
    "n": [0, -1, 2**60, "16", 1.5, True, None, []],
    "first": [-1, "0", None, 0.0],
    "plan": [None, 3, []],
    "fields": [[], [["day", "<f8"]], [["day", "|O", None]], [["day", "<f4", 2]], "day",
               [[1, "<f8", 1]], [["day", "<f8", -3]], [["day", "<f8", 1.0]],
               [["day", "<f8", 2**62]], {}],
    "crc": [[], [1], [-1] * 13, [2**40] * 13, ["1"] * 13, None],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"), [(k, v) for k, values in SENSELESS.items() for v in values]
)
def test_a_header_with_a_right_checksum_and_no_sense_is_refused(folder, key, value):
    path = block_path(folder, 1)
    content = path.read_bytes()
    start = read_header(path).start
    line = content.index(b"\n") + 1
    facts = {**json.loads(content[line:start]), key: value}
    path.write_bytes(with_header(json.dumps(facts).encode(), content[start:]))
    with pytest.raises(DamagedBlock, match="block-000001"):
        verify_block(path, Origin(PLAN, 16, BLOCK))


def test_a_header_without_end_is_refused(folder):
    path = block_path(folder, 1)
    path.write_bytes(with_header(b"[" * 200_000, b""))
    with pytest.raises(DamagedBlock, match="block-000001"):
        read_header(path)


def with_header(text: bytes, columns: bytes) -> bytes:
    """Return a block file of any header, with the checksum that it needs."""
    first = MAGIC + f"{len(text):08d} {hashlib.sha256(text).hexdigest()}\n".encode()
    return first + text + columns


def test_blocks_of_other_columns_than_the_first_are_refused(folder, arrays):
    part = {k: a[16:32] for k, a in arrays.items() if k != "day"}
    write_block(folder, 1, part, Origin(PLAN, 16))
    with pytest.raises(DamagedBlock, match=r"block-000001.*other measures"):
        Store(folder, BLOCK, N, PLAN).digest()


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_pipe_in_the_place_of_a_block_is_refused_and_not_waited_for(folder):
    path = block_path(folder, 1)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DamagedBlock, match="is not a file"):
        load_block(path)
