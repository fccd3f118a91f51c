#!/usr/bin/env python3
"""Write the inputs of tests/base: arrays by NumPy 2.4.6, sparse matrices by SciPy 1.17.1, and the other
formats by hand from their specifications. Seeded; run in this folder. `--check FILE…` reads
safetensors files that headnod wrote, with no code of ours."""
import gzip
import json
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import scipy.sparse

here = Path(__file__).parent


def folder(name):
    path = here / name
    path.mkdir(exist_ok=True)
    return path


def save_npy(name, array, version=(1, 0)):
    with open(folder("corpus_npy") / f"{name}.npy", "wb") as f:
        np.lib.format.write_array(f, array, version=version)


# test_npy.c knows these formulas: element i of 24, in C order, of shape (2, 3, 4)
def numbers(dtype):
    i = np.arange(24)
    if dtype == "b1":
        values = i % 3 == 0
    elif dtype[0] == "f":
        values = i * 0.5 - 3
    elif dtype[0] == "u":
        values = i * 10
    else:
        values = i * 5 - 50
    return values.astype(dtype).reshape(2, 3, 4)


def make_npy():
    for dtype in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
        save_npy(f"{dtype}_c", numbers(dtype))
        save_npy(f"{dtype}_fortran", np.asfortranarray(numbers(dtype)))
        if dtype not in ("b1", "i1", "u1"):
            big = numbers(dtype).astype(">" + dtype)
            save_npy(f"{dtype}_big", big)
            save_npy(f"{dtype}_big_fortran", np.asfortranarray(big))
    texts = np.array(["", "West", "é", "中文", "🎤 mic"])
    save_npy("texts_u", texts)
    save_npy("texts_u_big", texts.astype(texts.dtype.newbyteorder(">")))
    save_npy("texts_s", np.array([t.encode() for t in texts]))
    save_npy("texts_2d_fortran", np.asfortranarray(np.array([["a", "b", "c"], ["d", "e", "f"]])))
    save_npy("version_2", np.arange(3, dtype="f4"), (2, 0))
    save_npy("version_3", np.arange(3, dtype="f4"), (3, 0))
    save_npy("scalar", np.float64(2.5).reshape(()))
    save_npy("empty", np.zeros((0, 5), "f4"))
    save_npy("halves", np.array([0, -0.0, 1, 65504, 6e-8, 6.1e-5, np.inf, -np.inf, np.nan], "f2"))
    save_npy("extremes", np.array([-(2**63), 2**63 - 1], "i8"))
    # what must be refused
    save_npy("bad_u8", np.array([2**63], "u8"))
    save_npy("bad_complex", np.zeros(2, "c8"))
    save_npy("bad_dates", np.zeros(2, "M8[s]"))
    save_npy("bad_structured", np.zeros(2, [("a", "f4"), ("b", "i4")]))
    save_npy("bad_axes", np.zeros((1, 1, 1, 1, 1), "f4"))
    save_npy("bad_latin1", np.array([b"caf\xe9"]))
    save_npy("labels_ints", np.array([10, 9, 10, -1], "i4"))
    save_npy("labels_reals", np.array([2, np.nan, 1, 2], "f8"))
    save_npy("labels_broken", np.array([0.5, 1], "f4"))


def dense():
    values = np.zeros((4, 6), "f4")
    values[0, [1, 4]] = [1.5, -2]
    values[2, [0, 2, 5]] = [3, 0.25, 7]
    values[3, 3] = 9
    return values


def make_npz():
    out = folder("corpus_npz")
    rows = scipy.sparse.csr_matrix(dense())
    for name, matrix in {
        "f4": rows,
        "f8": rows.astype("f8"),
        "i4": (rows * 4).astype("i4"),
        "i8": (rows * 4).astype("i8"),
        "empty": scipy.sparse.csr_matrix((3, 0), dtype="f4"),
    }.items():
        scipy.sparse.save_npz(out / f"{name}.npz", matrix)
    scipy.sparse.save_npz(out / "stored.npz", rows, compressed=False)
    wide = rows.copy()
    wide.indices, wide.indptr = wide.indices.astype("i8"), wide.indptr.astype("i8")
    scipy.sparse.save_npz(out / "wide.npz", wide)
    scipy.sparse.save_npz(out / "array.npz", scipy.sparse.csr_array(dense()))
    unsorted = scipy.sparse.csr_matrix(
        (np.array([-1, 1.5, -1, 0.25, 7, 3, 9], "f4"), [4, 1, 4, 2, 5, 0, 3], [0, 3, 3, 6, 7]), (4, 6)
    )
    scipy.sparse.save_npz(out / "unsorted.npz", unsorted)
    for form in "csc", "coo":
        scipy.sparse.save_npz(out / f"bad_{form}.npz", rows.asformat(form))
    np.savez(out / "bad_dense.npz", x=dense())

    def variant(name, **changes):
        parts = {
            "indices": rows.indices,
            "indptr": rows.indptr,
            "format": np.array(b"csr"),
            "shape": np.array(rows.shape),
            "data": rows.data,
        }
        np.savez(out / f"{name}.npz", **{k: v for k, v in (parts | changes).items() if v is not None})

    variant("bad_column", indices=np.array([1, 4, 0, 2, 6, 3], "i4"))
    variant("bad_negative", indices=np.array([1, -4, 0, 2, 5, 3], "i4"))
    variant("bad_indptr", indptr=np.array([0, 4, 2, 5, 6], "i4"))
    variant("bad_end", indptr=np.array([0, 2, 2, 5, 7], "i4"))
    variant("bad_length", data=rows.data[:5])
    variant("bad_shape", shape=np.array([4, 6, 1]))
    variant("bad_kind", indptr=rows.indptr.astype("f4"))
    variant("bad_missing", data=None)
    variant("unicode_format", format=np.array("csr"))
    # a member that announces far more than it holds
    lie = (out / "f4.npz").read_bytes()
    at = lie.rfind(b"PK\x01\x02")
    (out / "bad_size.npz").write_bytes(lie[: at + 24] + struct.pack("<I", 0x7FFFFFFF) + lie[at + 28 :])
    for path in out.iterdir():  # the dates of a zip would change with every run
        fix_dates(path)


def fix_dates(path):
    if path.name == "bad_size.npz":
        return
    with zipfile.ZipFile(path) as old:
        members = [(i.filename, i.compress_type, old.read(i)) for i in old.infolist()]
    with zipfile.ZipFile(path, "w") as new:
        for name, how, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = how
            new.writestr(info, content)


def tensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def make_tensors():
    out = folder("corpus_tensors")
    a = entry("F32", [2, 3], 0, 24)
    values = np.arange(6, dtype="<f4").tobytes()
    cases = {
        "plain": tensors({"a": a}, values),
        "metadata": tensors({"__metadata__": {"k": "v é", "b": ""}, "a": a}, values),
        "no_tensors": tensors({}),
        "types": tensors(
            {
                "d": entry("I64", [], 33, 41),
                "c": entry("U8", [1], 32, 33),
                "a": entry("F64", [1], 0, 8),
                "b": entry("I32", [6], 8, 32),
                "e": entry("F32", [0, 3], 41, 41),
            },
            struct.pack("<d6iBq", 0.5, *range(6), 200, -5),
        ),
        "bad_length": tensors({"a": a}, values, length=2**40),
        "bad_json": tensors(b'{"a": {"dtype": "F32",', values),
        "bad_list": tensors(b"[]"),
        "bad_dtype": tensors({"a": entry("BF16", [2], 0, 4)}, b"1234"),
        "bad_twice": tensors(b'{"a": %s, "a": %s}' % ((json.dumps(a).encode(),) * 2), values),
        "bad_hole": tensors({"a": entry("U8", [2], 2, 4)}, b"1234"),
        "bad_overlap": tensors({"a": entry("U8", [3], 0, 3), "b": entry("U8", [3], 1, 4)}, b"1234"),
        "bad_end": tensors({"a": entry("U8", [5], 0, 5)}, b"1234"),
        "bad_tail": tensors({"a": entry("U8", [3], 0, 3)}, b"1234"),
        "bad_shape": tensors({"a": entry("F32", [2, 2], 0, 24)}, values),
        "bad_overflow": tensors({"a": entry("F32", [2**40, 2**40], 0, 24)}, values),
        "bad_negative": tensors({"a": entry("F32", [-2, -3], 0, 24)}, values),
        "bad_axes": tensors({"a": entry("U8", [1] * 9, 0, 1)}, b"1"),
        "bad_entry": tensors({"a": {"dtype": "F32"}}),
        "bad_metadata": tensors({"__metadata__": {"k": 1}}),
    }
    for name, content in cases.items():
        (out / f"{name}.safetensors").write_bytes(content)


def make_tables():
    out = folder("corpus_csv")
    cases = {
        "plain": "track_id,title\n1,One\n2,Two\n",
        "quotes": 'a,b\r\n"x, y","say ""hi"""\r\n"line\r\nbreak",z\r\n\r\n last , cell ',
        "old_mac": "a,b\r1,2\r3,4\r",
        "mark": "\ufeffid,Größe\n1,中\n",
        "bad_rows": 'a,b\n1,2\n3\n4,5,6\n"u"v,7\n8,9\n"open\nline"x,1\nk,l\n',
        "bad_open": 'a,b\n1,2\n3,"never\nclosed\n',
        "bad_twice": "a,b,a\n",
        "bad_unnamed": "a,,c\n",
        "empty": "",
        "blank": "\n\n\r\n",
        "header_only": "a,b",
    }
    for name, text in cases.items():
        (out / f"{name}.csv").write_bytes(text.encode())
    (out / "bad_bytes.csv").write_bytes(b"a,b\n1,caf\xe9\n2,z\x00ero\n3,fine\n")
    (out / "packed.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n", mtime=0))

    out = folder("corpus_probability")
    head = "track_id,fold,truth,East,West\n"
    cases = {
        "plain": head + "t1,0,East,0.75,0.25\nt2,1,,,\nt3,,West,0.1,0.9\n",
        "unsorted": "track_id,fold,truth,10,9,2\na,0,9,0.5,0.25,0.25\n",
        "bad_columns": "track_id,truth,fold,East\n",
        "bad_no_class": "track_id,fold,truth\n",
        "bad_truth": head + "t1,0,North,0.5,0.5\n",
        "bad_fold": head + "t1,-1,East,0.5,0.5\n",
        "bad_range": head + "t1,0,East,1.5,-0.5\n",
        "bad_word": head + "t1,0,East,nan,0.5\n",
        "bad_sum": head + "t1,0,East,0.5,0.6\n",
        "bad_part": head + "t1,0,East,1,\n",
        "bad_id": head + ",0,East,1,0\n",
        "bad_twice": head + "t1,0,East,1,0\nt2,0,East,1,0\nt1,0,East,1,0\n",
    }
    for name, text in cases.items():
        (out / f"{name}.csv").write_text(text)


def make_json():
    out = folder("corpus_json")
    for name, text in {
        "plain": '{"b": [1, 2.5, null], "a": {"é": "\\u00e9"}}\n',
        "value": "3",
        "bad_twice": '{"a": 1,\n "a": 2}',
        "bad_comma": '{"a": 1,\n "b": [1, 2,]\n}',
        "bad_tail": "{} {}",
        "bad_open": '{"a": "never',
    }.items():
        (out / f"{name}.json").write_text(text)


def check(path):
    content = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    kinds = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1"}
    end = 0
    for name, item in header.items():
        if name == "__metadata__":
            assert all(isinstance(v, str) for v in item.values())
            continue
        begin, stop = item["data_offsets"]
        assert begin == end and stop - begin == np.prod(item["shape"], dtype=int) * np.dtype(
            kinds[item["dtype"]]
        ).itemsize, name
        values = np.frombuffer(data[begin:stop], kinds[item["dtype"]]).reshape(item["shape"])
        print(name, item["dtype"], values.tolist())
        end = stop
    assert end == len(data) and (8 + length) % 8 == 0
    print("metadata", header.get("__metadata__", {}))


if len(sys.argv) > 1 and sys.argv[1] == "--check":
    for path in sys.argv[2:]:
        check(path)
else:
    make_npy()
    make_npz()
    make_tensors()
    make_tables()
    make_json()
