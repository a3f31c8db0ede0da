"""The forms that a release is packed in, each the same byte for byte for the same contents."""

import gzip
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import time
import zipfile

# How hard archives are compressed; a trial of the script itself is in a hurry.
LEVEL = 1 if "--quick" in sys.argv else 9


def tarred(contents, moment, folders=()):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, mode in folders:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, mode, moment
            archive.addfile(entry)
        for name, data, mode in contents:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), mode, moment
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def compressed(data):
    return gzip.compress(data, LEVEL, mtime=0)


def zipped(contents):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in contents:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, mode << 16, 3
            archive.writestr(entry, data)
    return packed.getvalue()


def debian(fields, files, moment):
    """A package for Debian and what is made from it."""
    # dpkg makes only the folders that the archive names.
    folders = sorted({str(parent) for name, _, _ in files for parent in pathlib.PurePosixPath(name).parents} - {"."})
    folders = [("./", 0o755), *((f"./{folder}/", 0o755) for folder in folders)]
    fields = dict(fields, **{"Installed-Size": sum(len(data) for _, data, _ in files) // 1024 + 1})
    control = "".join(f"{name}: {value}\n" for name, value in fields.items())
    sums = "".join(f"{hashlib.md5(data).hexdigest()}  {name[2:]}\n" for name, data, _ in files)
    head = tarred([("./control", control.encode(), 0o644), ("./md5sums", sums.encode(), 0o644)], moment)
    members = [
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", compressed(head)),
        ("data.tar.gz", compressed(tarred(files, moment, folders))),
    ]
    archive = io.BytesIO(b"!<arch>\n")
    archive.seek(0, io.SEEK_END)
    for name, data in members:
        archive.write(f"{name:<16}{moment:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode())
        archive.write(data + (b"\n" if len(data) % 2 else b""))
    return archive.getvalue()


def image(name, version, program, processor, moment):
    """An OCI image with nothing but the program and a folder for temporary files."""
    layer = tarred([(name, program, 0o755)], moment, folders=[("tmp", 0o1777)])
    packed = compressed(layer)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    config = as_json({
        "architecture": processor, "os": "linux", "created": created,
        "config": {"Entrypoint": [f"/{name}"], "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": created, "created_by": f"{name} {version}"}],
    })
    kinds = "application/vnd.oci.image"
    manifest = as_json({
        "schemaVersion": 2, "mediaType": f"{kinds}.manifest.v1+json",
        "config": described(f"{kinds}.config.v1+json", config),
        "layers": [described(f"{kinds}.layer.v1.tar+gzip", packed)],
    })
    index = as_json({
        "schemaVersion": 2, "mediaType": f"{kinds}.index.v1+json",
        "manifests": [dict(described(f"{kinds}.manifest.v1+json", manifest),
                           annotations={"org.opencontainers.image.ref.name": version})],
    })
    blobs = [(f"blobs/sha256/{digest(data)[7:]}", data, 0o644) for data in (config, manifest, packed)]
    layout = ("oci-layout", as_json({"imageLayoutVersion": "1.0.0"}), 0o644)
    return tarred([layout, ("index.json", index, 0o644), *sorted(blobs)], moment)


def as_json(value):
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def described(kind, data):
    return {"mediaType": kind, "digest": digest(data), "size": len(data)}
