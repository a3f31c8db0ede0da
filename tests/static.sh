#!/usr/bin/env bash
# Builds the static Linux binary and runs it where nothing else is: an empty root directory, then one whose
# nsswitch.conf names services that a static program must not load. Says clearly what was skipped and why.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ "$(uname -s)" != Linux || "$(uname -m)" != x86_64 ]]; then
    echo "SKIPPED: the static build is for x86_64 Linux"
    exit 0
fi
cargo static
binary="${CARGO_TARGET_DIR:-target}/x86_64-unknown-linux-gnu/release/easyauth-doctor"

if ! ldd "$binary" 2>&1 | grep -Eq 'statically linked|not a dynamic executable'; then
    echo "FAILED: $binary needs shared libraries:"
    ldd "$binary"
    exit 1
fi
echo "ok: static, $(stat -c %s "$binary") bytes"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$binary" "$root/easyauth-doctor"

if [[ "$(id -u)" == 0 ]]; then
    inside=("$(command -v chroot)" "$root")
elif unshare --map-root-user --root="$root" /easyauth-doctor --version >/dev/null 2>&1; then
    inside=("$(command -v unshare)" --map-root-user --root="$root")
else
    echo "SKIPPED: neither root nor user namespaces, so no empty root directory can be entered"
    exit 0
fi

# env -i: nothing of this machine's variables; no network outside loopback is used.
run() { env -i "${inside[@]}" /easyauth-doctor "$@"; }

run --version
echo "ok: starts in an empty root directory"

run explain --list | grep -q '^caller-not-in-allowed-applications'
echo "ok: carries its knowledge"

# The lab makes keys, signs tokens and speaks HTTP on loopback: the whole program but TLS.
mkdir -p "$root/tmp"
code=0
run lab healthy --format json > "$root/report.json" || code=$?
if [[ $code != 0 ]] || ! grep -q '"verdict": "pass"' "$root/report.json"; then
    echo "FAILED: lab healthy ended with $code"
    head -c 2000 "$root/report.json"
    exit 1
fi
echo "ok: the lab's healthy scenario passes"

# A name lookup with services that a static program cannot load. Without the pin of src/nss.rs this crashes where
# such libraries exist; the name is reserved never to resolve (RFC 6761), and no nameserver is asked.
mkdir -p "$root/etc"
echo "hosts: mymachines mdns4_minimal [NOTFOUND=return] resolve myhostname dns" > "$root/etc/nsswitch.conf"
echo "nameserver 127.0.0.1" > "$root/etc/resolv.conf"
code=0
run check -t https://nowhere.invalid/ -r api://x --authority https://127.0.0.1:9 \
    --resource-manager https://127.0.0.1:9 --graph https://127.0.0.1:9 --timeout 2 > "$root/out" 2>&1 || code=$?
if [[ $code != 1 && $code != 3 ]]; then
    echo "FAILED: a name lookup ended with $code"
    cat "$root/out"
    exit 1
fi
echo "ok: a name lookup survives a strange nsswitch.conf"
