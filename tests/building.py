"""Builds the program of a release for a platform: small, and the same wherever it is built."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "easyauth-doctor"

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
# Relocations in their short form need musl 1.2.4; a program for a fixed address has none. The compiler doesn't tell
# this linker that a static program is loaded by no other one. The library for unwinding is asked for, and nothing of it
# is used: an empty one is there.
WITH_MUSL = [
    "-Clink-arg=-Ltarget/unwinding",
    "-Clink-self-contained=no",
    "-Crelocation-model=static",
    "-Clink-arg=-static",
    "-Clink-arg=-Wl,--no-dynamic-linker",
]


class Missing(Exception):
    """What this machine doesn't have, and the platform needs."""


@dataclasses.dataclass
class Way:
    """How the program for a platform is built on this machine."""

    platform: str
    # Rust's name for it.
    target: str
    compiler: str
    linker: str
    # Where Rust's libraries and their source are.
    libraries: pathlib.Path
    # Whether Rust's library is built as well.
    with_library: bool
    # LLVM's linker, where it is used.
    lld: pathlib.Path = None
    # Whether the C library is musl, of a compiler that has no target for it.
    musl: bool = False

    @property
    def windows(self):
        return "windows" in self.platform


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT, **options).stdout.decode()


def built_for(platform, folders, commit, time):
    """The program for a platform. `folders`: where the source of its crates is."""
    way = found(platform)
    command = ["cargo", "build", "--locked", "--release", "--target", described(way)]
    environment = dict(os.environ, EASYAUTH_DOCTOR_COMMIT=commit, SOURCE_DATE_EPOCH=str(time))
    if way.with_library:
        # Without symbols, a backtrace has nothing to tell.
        environment["RUSTC_BOOTSTRAP"] = "1"
        command += ["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"]
        if way.windows:
            command += ["-Z", "json-target-spec"]
    if way.lld:
        environment["COMPILER_PATH"] = str(way.lld.parent)
    if way.musl:
        unwinding = ROOT / "target/unwinding"
        unwinding.mkdir(parents=True, exist_ok=True)
        (unwinding / "libunwind.a").write_bytes(b"!<arch>\n")
    environment[f"CARGO_TARGET_{way.target.upper().replace('-', '_')}_LINKER"] = way.linker
    environment[f"CC_{way.target.replace('-', '_')}"] = way.linker
    environment["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(flags(way, folders))
    library = ", with Rust's library from its source" if way.with_library else ""
    print(f"building {platform} for {way.target}{library}", flush=True)
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    base = pathlib.Path(environment.get("CARGO_TARGET_DIR", ROOT / "target"))
    return base / way.target / "release" / (f"{NAME}.exe" if way.windows else NAME)


def found(platform):
    """How the platform can be built for here."""
    targets, _, _ = PLATFORMS[platform]
    linker = LINKERS[platform]
    if not shutil.which(linker):
        raise Missing(f"{linker} is not installed")
    options = os.environ.get(f"CFLAGS_{targets[0].replace('-', '_')}", "").split()
    checked = [linker, *options, "-fsyntax-only", "-xc", "-"]
    if subprocess.run(checked, input=b"#include <stdlib.h>", stderr=subprocess.DEVNULL).returncode:
        raise Missing(f"{linker} finds no headers of the C library (libc6-dev-arm64-cross)")
    compiler = os.environ.get("RUSTC", "rustc")
    libraries = pathlib.Path(output(compiler, "--print", "sysroot").strip()) / "lib/rustlib"
    target = next((target for target in targets if (libraries / target / "lib").is_dir()), None)
    # The one for Windows comes with tables for unwinding, which this linker keeps: without the source, the program is a
    # twelfth larger.
    with_library = (libraries / "src").is_dir() and ("windows" in platform or target != targets[0])
    if target is None and not with_library:
        raise Missing(f"no standard library for {targets[0]} (`rustup target add {targets[0]}`)")
    # Debian's compiler comes without it.
    linkers = [*libraries.glob("*/bin/gcc-ld/ld.lld"), *pathlib.Path("/usr/lib").glob("llvm-1[5-9]/bin/ld.lld")]
    lld = next(iter(linkers), None) if "linux" in platform else None
    musl = with_library and platform == "x86_64-linux" and lld is not None and shutil.which("musl-gcc") is not None
    if with_library:
        target, linker = (targets[0], "musl-gcc") if musl else (targets[-1], linker)
    return Way(platform, target, compiler, linker, libraries, with_library, lld, musl)


def flags(way, folders):
    """The compiler's options."""
    # Where it is built must not be told by the file, and must not change it; each path takes space as well.
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    chosen = [f"--remap-path-prefix={home}=cargo", *(f"--remap-path-prefix={folder}=" for folder in folders)]
    chosen += [f"--remap-path-prefix={way.libraries}/src/rust/library=", f"--remap-path-prefix={ROOT}=."]
    chosen += ["-Ctarget-feature=+crt-static"]
    if way.windows:
        # No time of the build in the file's head.
        chosen += ["-Clink-arg=-Wl,--no-insert-timestamp"]
        return chosen + (OUTLINED if way.with_library else [])
    # A static program in an empty root directory has no /dev/urandom. The standard library does without the function,
    # and it is only linked if somebody asks for it by name.
    chosen += ["--cfg", 'getrandom_backend="linux_getrandom"', "-Clink-arg=-Wl,--undefined=getrandom"]
    return chosen + (SMALL if way.lld else []) + (WITH_MUSL if way.musl else [])


def described(way):
    """The target as Cargo is given it. For Windows, where the library is built as well, it is the description that the
    compiler has, without the tables for unwinding. They are a twentieth of the program, and keep the rest from being
    made smaller. A program that ends where it panics doesn't read them; debuggers and crash reports do, and would find
    no names in this one. On Windows the compiler refuses the option that is enough on Linux."""
    if not (way.windows and way.with_library):
        return way.target
    printed = output(way.compiler, "-Zunstable-options", "--print=target-spec-json", "--target", way.target,
                     env=dict(os.environ, RUSTC_BOOTSTRAP="1"))
    description = json.loads(printed)
    description["requires-uwtable"] = False
    file = ROOT / "target" / f"{way.target}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(description, indent=1, sort_keys=True) + "\n")
    return str(file)
