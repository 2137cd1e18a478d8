#!/bin/sh
# Starts the server of stage 06 on a port of its own, and shows how it is asked.
set -eu
server=build/default/06-metrics/server/poolcraft-server
at=http://127.0.0.1:5055

"$server" --port 5055 --workers 2 --log-level off &
pid=$!
trap 'kill "$pid" && wait "$pid" || true' EXIT
tries=0
until curl -fs "$at/health" >/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
        echo "ask_the_server: $server does not answer" >&2
        exit 1
    fi
    sleep 0.1
done

ask() { # shows the call, and what comes back
    printf '$ curl -s'
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9:/._-]*) printf " '%s'" "$word" ;; # as one would have to type it
        *) printf ' %s' "$word" ;;
        esac
    done
    echo
    curl -s "$@"
    echo
}
ask -d 'type=compute&param=20000&label=primes' "$at/api/submit" | tee build/ask.txt
id=$(sed -n 's/.*"task_id": *"\([^"]*\)".*/\1/p' build/ask.txt)
until curl -s "$at/api/task/$id" | grep -q '"state": *"completed"'; do :; done
ask "$at/api/task/$id"
ask -d 'type=compute&param=-1' "$at/api/submit"
ask -H 'Host: evil.example' "$at/api/tasks"
ask -H 'Origin: http://evil.example' -X POST "$at/api/clear-completed"
