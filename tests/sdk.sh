#!/usr/bin/env bash
# Microsoft's own clients against the lab, unchanged: azure-identity for Python and @azure/identity for Node get tokens
# from the lab's identity endpoint and from its Entra, and App 2 validates them. Says clearly what was skipped and why.
# Usage: tests/sdk.sh [PROGRAM]; without a program it is built.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=${1:-}
if [[ -z $program ]]; then
    (cd "$here/.." && cargo build --locked) || exit 1
    program="${CARGO_TARGET_DIR:-$here/../target}/debug/easyauth-doctor"
fi
work=$(mktemp -d)
lab=
finish() {
    [[ -n $lab ]] && kill "$lab" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
# Nothing but the lab is asked: the address of a virtual machine's metadata endpoint is replaced by a closed port.
export AZURE_POD_IDENTITY_AUTHORITY_HOST=http://127.0.0.1:9
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
passed=0 failed=0 skipped=0

# Starts a lab in the background and takes its variables into this shell.
serve() {
    [[ -n $lab ]] && kill "$lab" 2>/dev/null
    rm -f "$work/pipe" && mkfifo "$work/pipe"
    tail -f /dev/null | "$program" lab serve "$@" >"$work/variables" &
    lab=$!
    for _ in $(seq 1 300); do
        grep -q '^# READY' "$work/variables" 2>/dev/null && break
        sleep 0.1
    done
    unset LAB_CA_FILE NODE_EXTRA_CA_CERTS SSL_CERT_FILE REQUESTS_CA_BUNDLE
    set -a
    # shellcheck disable=SC1091
    source "$work/variables"
    set +a
    if [[ -n ${LAB_CA_FILE:-} ]]; then
        export NODE_EXTRA_CA_CERTS=$LAB_CA_FILE SSL_CERT_FILE=$LAB_CA_FILE REQUESTS_CA_BUNDLE=$LAB_CA_FILE
    fi
}

try() {
    local words
    if words=$(timeout 60 "${@:2}" 2>"$work/errors"); then
        echo "ok: $1: $words"
        passed=$((passed + 1))
    else
        echo "FAILED: $1: $words"
        # No secret is in the clients' messages; the lab's are gone with the lab in any case.
        tail -n 5 "$work/errors"
        failed=$((failed + 1))
    fi
}

install_python() {
    command -v python3 >/dev/null && python3 -m venv "$work/python" && "$work/python/bin/pip" -q install azure-identity
}
install_node() {
    command -v npm >/dev/null && mkdir "$work/node" && cp "$here/sdk/client.mjs" "$work/node/" \
        && (cd "$work/node" && npm init -y >/dev/null && npm install --silent @azure/identity >/dev/null)
}
clients=()
if install_python 2>"$work/errors"; then clients+=(python); else
    echo "SKIPPED: azure-identity for Python cannot be installed here"
    skipped=$((skipped + 1))
fi
if install_node 2>"$work/errors"; then clients+=(node); else
    echo "SKIPPED: @azure/identity for Node cannot be installed here"
    skipped=$((skipped + 1))
fi

run() {
    case $1 in
    python) try "azure-identity (Python), $2" "$work/python/bin/python" "$here/sdk/client.py" "$2" ;;
    node) try "@azure/identity (Node), $2" node "$work/node/client.mjs" "$2" ;;
    esac
}

if ((${#clients[@]})); then
    serve healthy
    # App Service sets no authority, and the client for Node takes none over plain http.
    unset AZURE_AUTHORITY_HOST
    for client in "${clients[@]}"; do run "$client" managed-identity; done
    serve healthy --tls
    # With TLS the identity endpoint would be taken for Service Fabric's; these clients ask Entra only.
    unset IDENTITY_ENDPOINT IDENTITY_HEADER
    for client in "${clients[@]}"; do
        for kind in client-secret client-certificate workload-identity; do run "$client" "$kind"; done
    done
fi
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
