#!/bin/sh
# Prepares the Python environment of the outside reader in the folder named, or finds it ready.
# Exit status: 0 when it is ready; 1, with the reason on standard error, when it cannot be had.
set -eu

environment=$1
wanted=$(dirname "$0")/requirements.txt

if cmp -s "$wanted" "$environment/requirements.txt"; then
    exit 0
fi
if ! command -v python3 >/dev/null 2>&1; then
    echo "there is no python3" >&2
    exit 1
fi
rm -rf "$environment"
if ! python3 -m venv "$environment" >&2; then
    echo "python3 cannot make a virtual environment (on Debian: apt-get install python3-venv)" >&2
    exit 1
fi
if ! "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2; then
    echo "the packages of $wanted cannot be installed" >&2
    exit 1
fi
# Written last: an interrupted attempt is begun anew.
cp "$wanted" "$environment/requirements.txt"
