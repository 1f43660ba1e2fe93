#!/bin/sh
# Makes a PostgreSQL server that stands by the one that takes writing, after the first was lost.
#
#   promote.sh DATA_FOLDER FIRST_HOST [FIRST_PORT]
#
# DATA_FOLDER is the folder of the server that stands by, on this machine; FIRST_HOST the server that was lost (a host,
# or the folder of its socket). Run as the user who owns DATA_FOLDER.
#
# It refuses while the first still answers: two servers that both take writing would write two histories. It cannot know
# of a first server that is cut off from here and reachable for others. Switch that one off, or let Patroni with a
# watchdog decide (patroni.yml).
#
# The office needs no telling: its address names both servers, and it writes to whichever does not stand by.
# Exit status: 0 when this server takes writing, 1 when it was refused or failed.
set -eu

data=${1:?"DATA_FOLDER is missing"}
host=${2:?"FIRST_HOST is missing"}
port=${3:-5432}

# 0 it answers; 1 it refuses for now, since it starts up or shuts down; 2 nobody is there; 3 the question was wrong.
answer=0
pg_isready -q -t 5 -h "$host" -p "$port" || answer=$?
if [ "$answer" -ne 2 ]; then
    echo "promote: $host still answers, or is starting. Stop it first: two servers that take writing would write two histories" >&2
    exit 1
fi
pg_ctl -D "$data" -w promote
echo "promote: $data takes writing now. Nobody confirms its commits yet: add a server that stands by, and name it in synchronous_standby_names"
