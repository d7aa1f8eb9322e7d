# Read by scripts that try the server from outside: `start_server` builds it and starts it on a port of its own and a
# fresh database, as INKGATE_ENV=testing does: no limits, and every password is taken. It sets
# `server` (the process), `url`, and `binary`; the server ends with the script.
# shellcheck shell=bash

# A virtual environment of Python with the packages of a list, made anew when the list changes.
python_with() {
    local list=$1 folder=$2
    cmp -s "$list" "$folder/installed" && return
    echo "installing $list into $folder" >&2
    rm -rf "$folder"
    # --no-deps: nothing but what is listed, in its version.
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --no-deps --disable-pip-version-check --requirement "$list"
    cp "$list" "$folder/installed"
}

start_server() {
    cargo build --quiet --locked -p inkgate
    binary=$(readlink -f "${CARGO_TARGET_DIR:-target}/debug/inkgate")
    data=$(mktemp -d)
    server=""
    # shellcheck disable=SC2064 # as they are now
    trap 'status=$?; [ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$data"; exit $status' EXIT

    local port=$((20000 + RANDOM % 12000)) ready=no
    while (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    url=http://127.0.0.1:$port
    (cd "$data" && exec env -i PATH="$PATH" INKGATE_ENV=testing PORT="$port" "$binary" --access-log false) \
        >"$data/server.log" 2>&1 </dev/null &
    server=$!
    for _ in {1..100}; do
        kill -0 "$server" 2>/dev/null || break
        if curl -sf -m 1 -o /dev/null "$url/health/ready"; then ready=yes && break; fi
        sleep 0.1
    done
    if [ "$ready" = no ]; then
        echo "the server did not start:" >&2
        cat "$data/server.log" >&2
        return 1
    fi
}
