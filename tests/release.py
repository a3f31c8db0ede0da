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
import building  # noqa: E402
import kudu  # noqa: E402
import packing  # noqa: E402
from building import NAME, PLATFORMS, ROOT, output  # noqa: E402


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

    def build(self, platform):
        """The program for a platform, or None with the reason said."""
        if self.quick:
            # The tests' dependencies have features that the program alone doesn't ask for: with the tests named,
            # nothing is built twice.
            subprocess.run(["cargo", "build", "--locked", "--bins", "--tests"], check=True, cwd=ROOT)
            return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / NAME
        folders = sorted({str(pathlib.Path(crate["manifest_path"]).parent.parent) for crate in self.crates()})
        try:
            return building.built_for(platform, folders, self.commit, self.time)
        except building.Missing as missing:
            say(f"SKIPPED {platform}: {missing}")
            return None

    # Packing

    def pack(self, platform, program):
        _, form, processor = PLATFORMS[platform]
        stem = f"{NAME}-{self.version}-{platform}"
        documents = self.documents()
        contents = [(f"{stem}/{program.name}", program.read_bytes(), 0o755)]
        contents += [(f"{stem}/{name}", data, 0o644) for name, data in documents]
        if form == "zip":
            self.write(f"{stem}.zip", packing.zipped(contents))
            return
        self.write(f"{stem}.tar.gz", packing.compressed(packing.tarred(contents, self.time)))
        self.write(f"{NAME}_{self.version}_{processor}.deb", self.debian(program, processor, documents))
        self.write(f"{stem}-oci.tar", packing.image(NAME, self.version, program.read_bytes(), processor, self.time))

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
            (f"./usr/share/man/man1/{NAME}.1.gz", packing.compressed(known[f"{NAME}.1"]), 0o644),
            (f"./usr/share/doc/{NAME}/copyright", known["LICENSE"] + b"\n" + known["THIRD-PARTY.txt"], 0o644),
            (f"./usr/share/bash-completion/completions/{NAME}", known[f"completions/{NAME}.bash"], 0o644),
            (f"./usr/share/zsh/vendor-completions/_{NAME}", known[f"completions/_{NAME}"], 0o644),
            (f"./usr/share/fish/vendor_completions.d/{NAME}.fish", known[f"completions/{NAME}.fish"], 0o644),
        ]
        fields = {
            "Package": NAME, "Version": self.version, "Architecture": processor, "Maintainer": f"{NAME} developers",
            "Section": "net", "Priority": "optional", "Description": self.description,
        }
        return packing.debian(fields, files, self.time)

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
        return packing.as_json({
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
                assert packing.digest(data) == whole, "the layer is not the one that the image describes"
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
    command = ["dpkg", f"--root={root}", *forced, "--install", str(package)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


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
