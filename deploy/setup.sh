#!/bin/sh
# Looks for what building Terrace needs beyond a Rust toolchain. Says nothing when all is there.
#
# Needed: a C compiler and linker with the C library's headers (SQLite, ring and zstd are compiled
# from the sources their crates carry) and make. Wanted: a store of CA certificates, without which
# cargo cannot fetch crates over HTTPS. The protocol compiler is part of the build: no protoc.
# With --tests, Python with its venv is wanted too, for the outside reader among the tests, and chromium
# with its driver and a font for Chinese, for the tests in a real browser, and PostgreSQL, whose tests are never skipped.
#
# On Debian whatever is missing is named in one apt line, and installed by root.
# Exit status: 0 when the build can start, 1 when something needed is missing.
set -eu

root=$(dirname "$0")/..
tests=${1:-}

have() {
    command -v "$1" >/dev/null 2>&1
}

say() {
    printf 'setup: %s\n' "$*" >&2
}

# Fills $needed (the build fails without) and $wanted (it may do without), as Debian package names.
look() {
    needed=""
    wanted=""
    if ! have cc; then
        needed="$needed gcc libc6-dev"
    elif [ -e /etc/debian_version ]; then
        # Debian's gcc can be installed without the headers and start files of the C library.
        case $(cc -print-file-name=crt1.o) in
            /*) ;;
            *) needed="$needed libc6-dev" ;;
        esac
    fi
    have ar || have llvm-ar || needed="$needed binutils"
    have make || needed="$needed make"
    if [ -z "${CARGO_NET_OFFLINE:-}${CARGO_HTTP_CAINFO:-}${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] &&
        [ ! -e /etc/ssl/certs/ca-certificates.crt ] &&
        [ ! -e /etc/pki/tls/certs/ca-bundle.crt ] &&
        [ ! -e /etc/ssl/cert.pem ]; then
        wanted=" ca-certificates"
    fi
    if [ "$tests" = --tests ] && ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        wanted="$wanted python3-venv"
    fi
    if [ "$tests" = --tests ] && ! { have chromium && have chromedriver; }; then
        wanted="$wanted chromium chromium-driver fonts-noto-cjk"
    fi
    if [ "$tests" = --tests ] && [ -z "${TERRACE_POSTGRES:-}" ] &&
        ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
        wanted="$wanted postgresql"
    fi
}

install_missing() {
    if have apt-get && [ "$(id -u)" = 0 ]; then
        say "installing$needed$wanted"
        export DEBIAN_FRONTEND=noninteractive
        # Word splitting is meant: each word is a package.
        # shellcheck disable=SC2086
        if apt-get update -q >&2 &&
            apt-get install -y -q --no-install-recommends $needed $wanted >&2; then
            look
        else
            say "apt-get failed"
        fi
    fi
    [ -n "$needed$wanted" ] || return 0
    if [ -n "$needed" ]; then
        say "missing:$needed$wanted. As root on Debian:"
    else
        say "the build or some tests may be unable to do without$wanted. As root on Debian:"
    fi
    printf '    apt-get update && apt-get install -y --no-install-recommends%s\n' "$needed$wanted" >&2
    [ -z "$needed" ]
}

# The pinned toolchain is rustup's business where there is a rustup. Without one, an old cargo
# would fail later and less clearly.
check_cargo() {
    cargo_bin=${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
    if ! have cargo; then
        if [ -x "$cargo_bin/cargo" ]; then
            say "cargo is in $cargo_bin, which is not on PATH. Run: export PATH=\"\$PATH:$cargo_bin\""
        else
            say "no cargo: install a Rust toolchain first (https://rustup.rs)"
        fi
        return 1
    fi
    have rustup && return 0
    wants=$(sed -n 's/^rust-version = "1\.\([0-9]*\).*/\1/p' "$root/Cargo.toml")
    found=$(cargo --version | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
    if [ -n "$wants" ] && [ -n "$found" ] && [ "$found" -lt "$wants" ]; then
        say "cargo 1.$found is too old: Terrace needs Rust 1.$wants or newer (https://rustup.rs)"
        return 1
    fi
}

status=0
look
if [ -n "$needed$wanted" ]; then
    install_missing || status=1
fi
check_cargo || status=1
exit $status
