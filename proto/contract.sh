#!/bin/sh
# Looks at the wire contract: `buf lint`, and `buf breaking` against the commit before (against the last
# commit while the contract is changed and not committed). A break is let through where proto/BREAKING
# has gained a line, and said aloud.
#
# Needs npm, which fetches buf once into the folder named; without it nothing is checked, aloud.
# Exit status: 0 unless the contract breaks a rule.
set -eu

cd "$(dirname "$0")/.."
home=${1:-target/buf}
buf=$home/node_modules/.bin/buf
version=1.75.0

say() {
    printf 'contract: %s\n' "$*"
}

if ! command -v npm >/dev/null 2>&1; then
    say "npm is absent: the wire contract was NOT checked (on Debian: apt-get install npm)"
    exit 0
fi
if [ "$("$buf" --version 2>/dev/null || true)" != "$version" ] &&
    ! npm install --silent --no-audit --no-fund --prefix "$home" "@bufbuild/buf@$version" >/dev/null; then
    say "npm cannot fetch @bufbuild/buf $version: the wire contract was NOT checked"
    exit 0
fi

say "buf lint"
"$buf" lint

if git diff --quiet HEAD -- proto/proto proto/BREAKING 2>/dev/null; then before=HEAD~1; else before=HEAD; fi
if ! git rev-parse --quiet --verify "$before^{commit}" >/dev/null 2>&1; then
    say "there is no $before here (a shallow clone?): breaks were NOT looked for"
    exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git archive "$before" proto/proto | tar -x -C "$scratch"
meant=$(git diff --unified=0 "$before" -- proto/BREAKING | sed -n 's/^+\([^+#].*\)/\1/p')

say "buf breaking against $before"
if "$buf" breaking --against "$scratch/proto/proto"; then
    [ -z "$meant" ] && exit 0
    say "proto/BREAKING names a break, and there is none: $meant"
    exit 1
fi
if [ -z "$meant" ]; then
    say "the contract breaks as listed above; if that is meant, say why in a new line of proto/BREAKING"
    exit 1
fi
say "BROKEN ON PURPOSE: $meant"
