# shellcheck shell=bash
# Sourced by the scripts beside it. Leaves the shell in the project's directory.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# What the library, the mock controller and the examples need, as Debian 12 names it, and what the tests need on top.
# shellcheck disable=SC2034 # used where this is sourced
build_packages=(g++ cmake ninja-build libboost1.81-dev libssl-dev libsimdjson-dev nlohmann-json3-dev libyaml-cpp-dev
    libspdlog-dev libcli11-dev libmacaroons-dev pkg-config)
# shellcheck disable=SC2034
test_packages=(mold tinyproxy libgtest-dev libgmock-dev libbenchmark-dev clang-16 libclang-rt-16-dev)

if [ -z "${CMAKE_CXX_COMPILER_LAUNCHER:-}" ] && command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# quietly WHAT COMMAND...: one line for a long command; its output only when it fails.
quietly() {
    local what=$1 start=$SECONDS log
    shift
    mkdir -p build
    log=build/${what//[^A-Za-z0-9]/-}.log
    printf '%s ... ' "$what"
    if "$@" >"$log" 2>&1 </dev/null; then
        printf 'done (%d s)\n' $((SECONDS - start))
    else
        printf 'failed\n'
        tail -n 60 "$log" >&2
        fail "The whole output is in $log."
    fi
}

# configure PRESET [OPTION...]: with the linker mold, where there is one, since linking takes a third of the time without.
configure() {
    local preset=$1 options=()
    shift
    if command -v mold >/dev/null; then
        options=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold)
    fi
    quietly "Configuring $preset" cmake --preset "$preset" "${options[@]}" "$@"
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update && apt-get install -y --no-install-recommends "$@"
}

# need_packages PACKAGE...: installs those that are missing, or says which they are.
need_packages() {
    local package missing=()
    command -v dpkg-query >/dev/null ||
        fail "This script installs packages of Debian 12. On this system install what stands for them yourself:" "  $*" \
            "and build with CMake as README.md says."
    for package; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        return
    fi
    if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
        fail "Packages are missing:" "  ${missing[*]}" "Install them as root, then run this again:" \
            "  apt-get install --no-install-recommends ${missing[*]}"
    fi
    quietly "Installing ${#missing[@]} packages" install_packages "${missing[@]}"
}
