#!/usr/bin/env python3
"""Drives the Windows program under wine as Kudu's debug console does on Windows: cmd.exe without a window, three pipes,
one typed line at a time, and a reader that takes the bytes for the system's code page.

    tests/kudu.py target/x86_64-pc-windows-gnu/debug/easyauth-doctor.exe

Needs wine and mingw-w64; says what is missing, and that nothing was tried.
"""

import base64
import json
import os
import pathlib
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent / "kudu"
COMPILER = "x86_64-w64-mingw32-gcc"
# How long a started wine, or the whole lab on a busy machine, may take.
PATIENCE = 180
# App 2 and everybody else are a port of this computer where nobody listens.
NOBODY = "http://127.0.0.1:9"
OFFLINE = f"--authority {NOBODY} --resource-manager {NOBODY} --graph {NOBODY} --timeout 5"


class Console:
    """cmd.exe behind three pipes."""

    def __init__(self, folder, environment):
        command = [wine(), str(folder / "console.exe")]
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ, 0)
        self.selector.register(self.process.stderr, selectors.EVENT_READ, 1)
        self.until(lambda out, error: b"Microsoft Windows" in out)

    def until(self, enough):
        """What came on both pipes until it is enough."""
        came, end = [b"", b""], time.monotonic() + PATIENCE
        while not enough(*came):
            ready = self.selector.select(max(0, end - time.monotonic()))
            if not ready:
                sys.exit(f"FAILED: no more output within {PATIENCE} s after {came}")
            for key, _ in ready:
                data = os.read(key.fd, 65536)
                if not data:
                    sys.exit(f"FAILED: cmd.exe ended after {came}")
                came[key.data] += data
        return came

    def type(self, line):
        """Output, error output, and %ERRORLEVEL% of a line, and of the answers in the lines after it. What is typed
        next waits in the same pipe meanwhile."""
        command, *answers = line.split("\n")
        self.send(command)
        first = self.until(lambda out, error: out.strip() or error.strip())
        for answer in answers:
            self.send(answer)
        self.send("echo [code %ERRORLEVEL%]")
        code = re.compile(rb"\[code (-?\d+)\]\r\n")
        rest = self.until(lambda out, error: code.search(first[0] + out))
        out, error = first[0] + rest[0], first[1] + rest[1]
        found = code.search(out)
        return out[:found.start()], error, int(found[1])

    def send(self, line):
        self.process.stdin.write(line.encode("ascii") + b"\r\n")
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def wine():
    return shutil.which("wine64") or shutil.which("wine")


def missing():
    """What can't be tried here for want of it."""
    if not wine():
        return "wine is not installed"
    return None if shutil.which(COMPILER) else f"{COMPILER} is not installed"


def prepared(program, folder):
    """The program with what is missing in wine beside it; the variables to run it with."""
    shutil.copy(program, folder / "easyauth-doctor.exe")
    for source, name, options in (("console.c", "console.exe", []),
                                  ("prng.c", "bcryptprimitives.dll", ["-shared"])):
        subprocess.run([COMPILER, "-O1", "-s", *options, "-o", str(folder / name), str(HERE / source), "-ladvapi32"],
                       check=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = dict(kept, WINEPREFIX=str(folder / "wine"), WINEDEBUG="-all", LC_ALL="C.UTF-8")
    environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = NOBODY
    # Its first start sets up a Windows of its own, which takes what is typed meanwhile.
    subprocess.run([wine(), "wineboot", "--init"], env=environment, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE, check=True)
    return environment


def part(claims):
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


TOKEN = f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part({'aud': 'api://x', 'exp': 4102444800, 'name': 'Jürgen'})}.c2ln"

# What is typed, the exit code, and a word of the answer.
LINES = [
    ("easyauth-doctor --version", 0, "easyauth-doctor"),
    ("easyauth-doctor --help", 0, "Usage:"),
    ("easyauth-doctor check --help", 0, "--target-resource-id"),
    ("easyauth-doctor", 2, ".\\easyauth-doctor"),
    (f"easyauth-doctor {NOBODY}/api/hello {OFFLINE}", 1, "target-unreachable"),
    (f"easyauth-doctor --ask {OFFLINE}\n{NOBODY}/api/hello", 1, "target-unreachable"),
    (f"echo {NOBODY}/api/hello | easyauth-doctor --ask {OFFLINE}", None, "target-unreachable"),
    ("easyauth-doctor --ask < nul", 2, "no URL was entered"),
    ("easyauth-doctor lab healthy", 0, "pass"),
    ("easyauth-doctor lab caller-not-in-allowed-applications", 1, "caller-not-in-allowed-applications"),
    ("easyauth-doctor lab caller-not-in-allowed-applications --format json --ascii", 1, '"verdict": "fail"'),
    ("easyauth-doctor lab caller-not-in-allowed-applications --format markdown", 1, "allowedApplications"),
    ("easyauth-doctor lab list", 0, "healthy"),
    ("easyauth-doctor explain 403", 0, "403"),
    ("easyauth-doctor explain AADSTS500011", 0, "AADSTS500011"),
    ("easyauth-doctor explain --list", 0, "caller-not-in-allowed-applications"),
    ("type token.txt | easyauth-doctor token", None, "api://x"),
    ("easyauth-doctor token token.txt", None, "api://x"),
    ("easyauth-doctor token token-utf16.txt", None, "api://x"),
    ("easyauth-doctor man", 0, "easyauth"),
    ("easyauth-doctor --nonsense", 2, "--nonsense"),
    ("easyauth-doctor open nothing.json", 2, "nothing.json"),
]


def problems(wanted, word, out, error, code):
    """What is wrong with the answer to a line."""
    both = out + error
    # In the code pages 437 and 1252, as in UTF-8, only ASCII reads the same.
    seen = {both.decode(page, "replace") for page in ("ascii", "cp437", "cp1252")}
    if len(seen) > 1:
        garbled = [text for text in both.decode("cp437").splitlines() if not text.isascii()]
        yield f"garbled in some code page: {garbled[:5]}"
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", both):
        yield "control characters"
    if wanted is not None and code != wanted:
        yield f"%ERRORLEVEL% is {code} instead of {wanted}"
    if word.encode() not in both:
        yield f"no {word!r}"
    if b"easyauth-doctor: internal error" in both:
        yield "an internal error"


def drive(program):
    """Types the lines; ends with what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        environment = prepared(program, folder)
        (folder / "token.txt").write_text(TOKEN)
        (folder / "token-utf16.txt").write_bytes(TOKEN.encode("utf-16"))
        wrong = []
        try:
            console = Console(folder, environment)
            for line, wanted, word in LINES:
                wrong += [f"{line}: {what}" for what in problems(wanted, word, *console.type(line))]
            console.close()
        finally:
            subprocess.run([shutil.which("wineserver") or "wineserver", "-k"], env=environment, check=False)
        if wrong:
            sys.exit("FAILED:\n" + "\n".join(wrong))
        print(f"ok: {len(LINES)} lines in an imitation of Kudu's console", flush=True)


if __name__ == "__main__":
    lacking = missing() or (None if len(sys.argv) == 2 else "no program is named")
    if lacking:
        print(f"SKIPPED: {lacking}")
    else:
        drive(sys.argv[1])
