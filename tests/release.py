#!/usr/bin/env python3
"""Makes everything that a release consists of, the same byte for byte from the same commit, and tries each out.

    tests/release.py                          archives for every platform that this machine can build for
    tests/release.py --only x86_64-linux --quick   packs the build of `cargo test`, to try the script itself
    tests/release.py --out DIR                where they go (default: target/dist)

What can't be built here is named, with what is missing. Needs Python 3.9 and Cargo; nothing else.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

# No folder of compiled modules beside the tests.
sys.dont_write_bytecode = True
import kudu  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "easyauth-doctor"
# How hard archives are compressed; a trial of the script itself is in a hurry.
LEVEL = 1 if "--quick" in sys.argv else 9

# Our name for the platform: Rust's targets (the first one that is installed is built for), what the file is packed as,
# and Debian's and OCI's name for the processor. Where only the source of Rust's library is, it is built as well, with
# musl, which makes the smallest program, where its compiler is installed.
PLATFORMS = {
    "x86_64-linux": (["x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu"], "tar.gz", "amd64"),
    "aarch64-linux": (["aarch64-unknown-linux-musl", "aarch64-unknown-linux-gnu"], "tar.gz", "arm64"),
    "x86_64-windows": (["x86_64-pc-windows-gnu"], "zip", None),
}
LINKERS = {
    "x86_64-linux": "gcc",
    "aarch64-linux": "aarch64-linux-gnu-gcc",
    "x86_64-windows": "x86_64-w64-mingw32-gcc",
}
# What many functions repeat is kept once. Where there are tables for unwinding, next to nothing can be.
OUTLINED = ["-Cllvm-args=-enable-machine-outliner=always -machine-outliner-reruns=3"]
# What makes a Linux program smaller, with LLVM's linker, which comes with rustup: no tables for unwinding, which it
# doesn't do, relocations in their short form, and functions with the same code once.
SMALL = [
    "-Cforce-unwind-tables=no",
    *OUTLINED,
    "-Clink-arg=-fuse-ld=lld",
    "-Clink-arg=-Wl,--no-eh-frame-hdr,-T,tests/no-unwinding.ld,-z,pack-relative-relocs,--icf=all,-O2",
]


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT, **options).stdout.decode()


def say(text):
    print(text, flush=True)


class Release:
    def __init__(self, arguments):
        self.out = pathlib.Path(arguments.out).resolve()
        self.quick = arguments.quick
        self.out.mkdir(parents=True, exist_ok=True)
        self.metadata = json.loads(output("cargo", "metadata", "--format-version", "1", "--locked"))
        package = next(p for p in self.metadata["packages"] if p["name"] == NAME)
        self.version = package["version"]
        self.description = package["description"]
        self.commit, self.time = commit_and_time()
        self.files = []

    # Building

    def build(self, platform):
        """The program for a platform, or None with the reason said."""
        targets, _, _ = PLATFORMS[platform]
        if self.quick:
            # The tests' dependencies have features that the program alone doesn't ask for: with the tests named, nothing
            # is built twice.
            subprocess.run(["cargo", "build", "--locked", "--bins", "--tests"], check=True, cwd=ROOT)
            return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / NAME
        linker = LINKERS[platform]
        if not shutil.which(linker):
            say(f"SKIPPED {platform}: {linker} is not installed")
            return None
        flags = os.environ.get(f"CFLAGS_{targets[0].replace('-', '_')}", "").split()
        checked = [linker, *flags, "-fsyntax-only", "-xc", "-"]
        if subprocess.run(checked, input=b"#include <stdlib.h>", stderr=subprocess.DEVNULL).returncode:
            say(f"SKIPPED {platform}: {linker} finds no headers of the C library (libc6-dev-arm64-cross)")
            return None
        compiler = os.environ.get("RUSTC", "rustc")
        libraries = pathlib.Path(output(compiler, "--print", "sysroot").strip()) / "lib/rustlib"
        target = next((target for target in targets if (libraries / target / "lib").is_dir()), None)
        source = target != targets[0] and (libraries / "src").is_dir()
        if target is None and not source:
            say(f"SKIPPED {platform}: no standard library for {targets[0]} (`rustup target add {targets[0]}`)")
            return None
        # Debian's compiler comes without it.
        linkers = [*libraries.glob("*/bin/gcc-ld/ld.lld"), *pathlib.Path("/usr/lib").glob("llvm-1[5-9]/bin/ld.lld")]
        linked_by = next(iter(linkers), None)
        musl = source and platform == "x86_64-linux" and linked_by and shutil.which("musl-gcc")
        if source:
            target, linker = (targets[0], "musl-gcc") if musl else (targets[-1], linker)
        # Where it is built must not be told by the file, and must not change it; each path takes space as well.
        home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
        crates = {str(pathlib.Path(crate["manifest_path"]).parent.parent) for crate in self.crates()}
        flags = [f"--remap-path-prefix={home}=cargo", *(f"--remap-path-prefix={folder}=" for folder in sorted(crates))]
        flags += [f"--remap-path-prefix={ROOT}=.", "-Ctarget-feature=+crt-static"]
        if "linux" in platform:
            # A static program in an empty root directory has no /dev/urandom. The standard library does without the
            # function, and it is only linked if somebody asks for it by name.
            flags += ["--cfg", 'getrandom_backend="linux_getrandom"', "-Clink-arg=-Wl,--undefined=getrandom"]
        else:
            # No time of the build in the file's head.
            flags += ["-Clink-arg=-Wl,--no-insert-timestamp"]
            if source:
                flags += OUTLINED
        environment = dict(os.environ, EASYAUTH_DOCTOR_COMMIT=self.commit, SOURCE_DATE_EPOCH=str(self.time))
        if "linux" in platform and linked_by:
            flags += SMALL
            environment["COMPILER_PATH"] = str(linked_by.parent)
        if musl:
            # The compiler doesn't tell this linker that a static program is loaded by no other one. The library for
            # unwinding is asked for, and nothing of it is used. Relocations in their short form need musl 1.2.4; a
            # program for a fixed address has none.
            unwinding = ROOT / "target/unwinding"
            unwinding.mkdir(parents=True, exist_ok=True)
            (unwinding / "libunwind.a").write_bytes(b"!<arch>\n")
            flags += ["-Clink-arg=-Ltarget/unwinding", "-Clink-self-contained=no", "-Crelocation-model=static"]
            flags += ["-Clink-arg=-static", "-Clink-arg=-Wl,--no-dynamic-linker"]
        environment[f"CARGO_TARGET_{target.upper().replace('-', '_')}_LINKER"] = linker
        environment[f"CC_{target.replace('-', '_')}"] = linker
        environment["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(flags)
        built_for = without_unwinding(compiler, target) if source and "windows" in platform else target
        command = ["cargo", "build", "--locked", "--release", "--target", str(built_for)]
        if source:
            # Without symbols, a backtrace has nothing to tell.
            environment["RUSTC_BOOTSTRAP"] = "1"
            command += ["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"]
        if built_for != target:
            command += ["-Z", "json-target-spec"]
        say(f"building {platform}")
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
        base = pathlib.Path(environment.get("CARGO_TARGET_DIR", ROOT / "target"))
        suffix = ".exe" if "windows" in platform else ""
        return base / target / "release" / f"{NAME}{suffix}"

    # Packing

    def pack(self, platform, program):
        _, form, processor = PLATFORMS[platform]
        stem = f"{NAME}-{self.version}-{platform}"
        documents = self.documents()
        contents = [(f"{stem}/{program.name}", program.read_bytes(), 0o755)]
        contents += [(f"{stem}/{name}", data, 0o644) for name, data in documents]
        if form == "zip":
            self.write(f"{stem}.zip", zipped(contents))
            return
        self.write(f"{stem}.tar.gz", compressed(tarred(contents, self.time)))
        self.write(f"{NAME}_{self.version}_{processor}.deb", self.debian(program, processor, documents))
        self.write(f"{stem}-oci.tar", self.image(program, processor))

    def documents(self):
        """What goes with the program: the licence, those of others, the manual page, and completions."""
        documents = [(name, (ROOT / name).read_bytes()) for name in ("README.md", "LICENSE")]
        documents.append(("THIRD-PARTY.txt", self.notices().encode()))
        documents.append((f"{NAME}.1", self.printed("man")))
        for shell, name in (("bash", f"{NAME}.bash"), ("zsh", f"_{NAME}"), ("fish", f"{NAME}.fish"),
                            ("powershell", f"_{NAME}.ps1")):
            documents.append((f"completions/{name}", self.printed("completions", shell)))
        return documents

    def printed(self, *arguments):
        return subprocess.run([self.runnable, *arguments], check=True, stdout=subprocess.PIPE, env={}).stdout

    def debian(self, program, processor, documents):
        known = dict(documents)
        files = [
            (f"./usr/bin/{NAME}", program.read_bytes(), 0o755),
            (f"./usr/share/man/man1/{NAME}.1.gz", compressed(known[f"{NAME}.1"]), 0o644),
            (f"./usr/share/doc/{NAME}/copyright", known["LICENSE"] + b"\n" + known["THIRD-PARTY.txt"], 0o644),
            (f"./usr/share/bash-completion/completions/{NAME}", known[f"completions/{NAME}.bash"], 0o644),
            (f"./usr/share/zsh/vendor-completions/_{NAME}", known[f"completions/_{NAME}"], 0o644),
            (f"./usr/share/fish/vendor_completions.d/{NAME}.fish", known[f"completions/{NAME}.fish"], 0o644),
        ]
        # dpkg makes only the folders that the archive names.
        folders = sorted({str(parent) for name, _, _ in files for parent in pathlib.PurePosixPath(name).parents} - {"."})
        folders = [("./", 0o755), *((f"./{folder}/", 0o755) for folder in folders)]
        size = sum(len(data) for _, data, _ in files) // 1024 + 1
        control = (
            f"Package: {NAME}\nVersion: {self.version}\nArchitecture: {processor}\nMaintainer: {NAME} developers\n"
            f"Installed-Size: {size}\nSection: net\nPriority: optional\nDescription: {self.description}\n"
        )
        sums = "".join(f"{hashlib.md5(data).hexdigest()}  {name[2:]}\n" for name, data, _ in files)
        head = tarred([("./control", control.encode(), 0o644), ("./md5sums", sums.encode(), 0o644)], self.time)
        members = [
            ("debian-binary", b"2.0\n"),
            ("control.tar.gz", compressed(head)),
            ("data.tar.gz", compressed(tarred(files, self.time, folders))),
        ]
        archive = io.BytesIO(b"!<arch>\n")
        archive.seek(0, io.SEEK_END)
        for name, data in members:
            archive.write(f"{name:<16}{self.time:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode())
            archive.write(data + (b"\n" if len(data) % 2 else b""))
        return archive.getvalue()

    def image(self, program, processor):
        """An OCI image with nothing but the program and a folder for temporary files."""
        layer = tarred([(NAME, program.read_bytes(), 0o755)], self.time, folders=[("tmp", 0o1777)])
        packed = compressed(layer)
        created = output("date", "-u", "-d", f"@{self.time}", "+%Y-%m-%dT%H:%M:%SZ").strip()
        config = as_json({
            "architecture": processor, "os": "linux", "created": created,
            "config": {"Entrypoint": [f"/{NAME}"], "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
            "history": [{"created": created, "created_by": f"{NAME} {self.version}"}],
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
                               annotations={"org.opencontainers.image.ref.name": self.version})],
        })
        blobs = [(f"blobs/sha256/{digest(data)[7:]}", data, 0o644) for data in (config, manifest, packed)]
        layout = ("oci-layout", as_json({"imageLayoutVersion": "1.0.0"}), 0o644)
        return tarred([layout, ("index.json", index, 0o644), *sorted(blobs)], self.time)

    # What it is made of

    def crates(self):
        """The crates that are built into the program, in the order of their names."""
        nodes = {node["id"]: node for node in self.metadata["resolve"]["nodes"]}
        packages = {package["id"]: package for package in self.metadata["packages"]}
        seen, waiting = set(), [self.metadata["resolve"]["root"]]
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            for dependency in nodes[node]["deps"]:
                if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                    waiting.append(dependency["pkg"])
        found = [packages[node] for node in seen if packages[node]["name"] != NAME]
        return sorted(found, key=lambda package: (package["name"], package["version"]))

    def notices(self):
        text = [f"{NAME} {self.version} contains these crates, under the licences that each names.\n"]
        for package in self.crates():
            text.append(f"\n{'-' * 80}\n{package['name']} {package['version']}: {package['license'] or 'see below'}\n")
            folder = pathlib.Path(package["manifest_path"]).parent
            for file in sorted(folder.iterdir()):
                if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE")):
                    text.append(f"\n{file.name}\n\n{file.read_text(errors='replace').strip()}\n")
        return "".join(text)

    def bill_of_materials(self):
        components = [{
            "type": "library", "name": package["name"], "version": package["version"],
            "purl": f"pkg:cargo/{package['name']}@{package['version']}",
            "licenses": [{"expression": package["license"]}] if package["license"] else [],
        } for package in self.crates()]
        return as_json({
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": {"component": {"type": "application", "name": NAME, "version": self.version}},
            "components": components,
        })

    def write(self, name, data):
        (self.out / name).write_bytes(data)
        self.files.append((name, data))
        say(f"{len(data):>9}  {name}")

    # Trying out

    def try_out(self, platform, program):
        """Unpacks what was packed and runs it on the lab."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            stem = f"{NAME}-{self.version}-{platform}"
            if platform == "x86_64-windows":
                with zipfile.ZipFile(self.out / f"{stem}.zip") as archive:
                    archive.extractall(folder)
                if kudu.missing():
                    say(f"SKIPPED running {stem}.zip: {kudu.missing()}")
                else:
                    kudu.drive(folder / stem / program.name)
                return
            runner = []
            if platform == "aarch64-linux":
                emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
                if not emulator:
                    say(f"SKIPPED running {stem}: qemu-user is not installed")
                    return
                runner = [emulator]
            with tarfile.open(self.out / f"{stem}.tar.gz") as archive:
                archive.extractall(folder / "tar")
            passes([*runner, str(folder / "tar" / stem / NAME)], "tar.gz")
            processor = PLATFORMS[platform][2]
            package = self.out / f"{NAME}_{self.version}_{processor}.deb"
            if shutil.which("dpkg"):
                install(package, folder / "deb")
                passes([*runner, str(folder / "deb/usr/bin" / NAME)], "deb")
            else:
                say("SKIPPED installing the .deb: dpkg is not installed")
            self.run_image(stem, folder / "image", runner)

    def run_image(self, stem, folder, runner):
        """Unpacks the image by its own description, and enters it as a container engine would."""
        folder.mkdir()
        with tarfile.open(self.out / f"{stem}-oci.tar") as archive:
            blob = lambda described: archive.extractfile(f"blobs/sha256/{described['digest'][7:]}").read()
            index = json.load(archive.extractfile("index.json"))
            manifest = json.loads(blob(index["manifests"][0]))
            config = json.loads(blob(manifest["config"]))
            for layer, whole in zip(manifest["layers"], config["rootfs"]["diff_ids"]):
                data = gzip.decompress(blob(layer))
                assert digest(data) == whole, "the layer is not the one that the image describes"
                with tarfile.open(fileobj=io.BytesIO(data)) as files:
                    files.extractall(folder)
        if self.quick:
            say("SKIPPED running the image: this build needs the libraries of the machine")
        elif runner:
            passes([*runner, str(folder / NAME)], "image")
        elif os.geteuid() == 0:
            passes([shutil.which("chroot"), str(folder), *config["config"]["Entrypoint"]], "image")
        else:
            unshare = [shutil.which("unshare"), "--map-root-user", f"--root={folder}"]
            passes([*unshare, *config["config"]["Entrypoint"]], "image")


def install(package, root):
    """Installs a package as the only one of a system, whose folders it makes itself."""
    for folder in ["info", "updates"]:
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    forced = [f"--force-{thing}" for thing in ["architecture", "bad-path", "not-root", "script-chrootless"]]
    subprocess.run(["dpkg", f"--root={root}", *forced, "--install", str(package)], check=True, stdout=subprocess.DEVNULL)


def passes(command, name):
    done = subprocess.run([*command, "lab", "healthy", "--format", "json"], stdout=subprocess.PIPE,
                          env={"TMPDIR": "/tmp"})
    verdict = json.loads(done.stdout)["verdict"] if done.stdout else None
    if done.returncode != 0 or verdict != "pass":
        sys.exit(f"FAILED: `lab healthy` from the {name} ended with {done.returncode}, verdict {verdict}")
    say(f"ok: `lab healthy` from the {name}")


def commit_and_time():
    """The commit and its time; outside a repository no commit, and the first moment that a zip can name."""
    try:
        commit = output("git", "rev-parse", "--short=12", "HEAD").strip()
        return commit, int(output("git", "log", "-1", "--format=%ct").strip())
    except (OSError, subprocess.CalledProcessError):
        return "no commit", 315532800


def tarred(contents, time, folders=()):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, mode in folders:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, mode, time
            archive.addfile(entry)
        for name, data, mode in contents:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), mode, time
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


def without_unwinding(compiler, target):
    """The description of a target as the compiler has it, without the tables for unwinding. They are a twentieth of
    a Windows program, and keep the rest from being made smaller. A program that ends where it panics doesn't read
    them; debuggers and crash reports do, and would find no names in this one. On Windows the compiler refuses the
    option that is enough on Linux."""
    environment = dict(os.environ, RUSTC_BOOTSTRAP="1")
    printed = output(compiler, "-Zunstable-options", "--print=target-spec-json", "--target", target,
                     env=environment)
    description = json.loads(printed)
    description["requires-uwtable"] = False
    file = ROOT / "target" / f"{target}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(as_json(description))
    return file


def as_json(value):
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def described(kind, data):
    return {"mediaType": kind, "digest": digest(data), "size": len(data)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default=str(ROOT / "target/dist"), help="the folder for the artifacts")
    parser.add_argument("--only", action="append", choices=PLATFORMS, help="this platform (repeatable)")
    parser.add_argument("--quick", action="store_true", help="pack what `cargo test` builds")
    arguments = parser.parse_args()
    release = Release(arguments)
    built = {}
    if arguments.quick and arguments.only != ["x86_64-linux"]:
        parser.error("--quick packs a build for this machine: use it with --only x86_64-linux")
    for platform in arguments.only or PLATFORMS:
        program = release.build(platform)
        if program:
            built[platform] = program
    if "x86_64-linux" not in built:
        sys.exit("FAILED: completions and the manual page are printed by the program for x86_64-linux")
    release.runnable = str(built["x86_64-linux"])
    for platform, program in built.items():
        release.pack(platform, program)
    release.write(f"{NAME}-{release.version}.cdx.json", release.bill_of_materials())
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(release.files))
    (release.out / "SHA256SUMS").write_text(sums)
    for platform, program in built.items():
        release.try_out(platform, program)


if __name__ == "__main__":
    main()
