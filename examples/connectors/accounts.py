#!/usr/bin/env python3
"""A connector for jit in one file: accounts of a service that has an HTTP interface for its administrators. In jit.yaml:

    targets:
      tickets:
        kind: exec
        audience: https://tickets.example.com
        command: /usr/local/lib/jit/accounts.py
        environment: { ACCOUNTS_URL: "https://tickets.example.com/admin", ACCOUNTS_TOKEN: "${TICKETS_TOKEN}" }

jit starts it once for each operation: one JSON document on stdin, one on stdout. Every operation may be asked for again,
and two at once. docs/connectors.md describes them all.
"""

import json
import os
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request

NAME, PASSWORD = "JIT_CREDENTIAL_USER", "JIT_CREDENTIAL_PASSWORD"


def call(method, path, body=None):
    """The answer, or None where there is no such thing. Whatever else goes wrong ends the program, and jit tries again."""
    request = urllib.request.Request(
        os.environ["ACCOUNTS_URL"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["ACCOUNTS_TOKEN"], "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=8) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        sys.exit(f"{method} {path}: the service answers {error.code}")
    except OSError as error:
        sys.exit(f"the service was not reached: {error}")


def account(order):
    return "/accounts/" + urllib.parse.quote(order["handle"], safe="")


def issue(order):
    """Makes the account, or gives the one that is there a new password."""
    password = secrets.token_urlsafe(24)
    call("PUT", account(order), {"password": password, "roles": order["scopes"], "expires_at": order["expires_at"]})
    return {"environment": {NAME: order["handle"]}, "secret_environment": {PASSWORD: password}}


def probe(order):
    """Logs in as the holder would: what was approved must work."""
    given = order["credential"]
    login = {"name": given["environment"][NAME], "password": given["secret_environment"][PASSWORD]}
    if call("POST", "/login", login) is None:
        sys.exit("the service does not know the new account")
    return {}


def extend(order):
    if call("PATCH", account(order), {"expires_at": order["expires_at"]}) is None:
        sys.exit("the account is gone")
    return {}


def remove(order):
    """Ends its sessions, removes it, and looks. What is gone already is removed."""
    removed = call("DELETE", account(order)) or {}
    if call("GET", account(order)) is not None:
        sys.exit("the account is still there")
    return {"sessions_ended": removed.get("sessions_ended", 0)}


def find_all(order):
    """Only what this installation of jit has made, by the beginning of its name."""
    mine = "jit_" + order["installation"] + "_"
    known = call("GET", "/accounts") or []
    live = [one for one in known if one["name"].startswith(mine)]
    return {"credentials": [{"handle": one["name"], "sessions": one["sessions"]} for one in live]}


def activity(order):
    return {"last_used_at": (call("GET", account(order)) or {}).get("last_used_at")}


OPERATIONS = {
    "issue": issue,
    "probe": probe,
    "extend": extend,
    "remove": remove,
    "list": find_all,
    "activity": activity,
}

if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(OPERATIONS[asked["operation"]](asked), sys.stdout)
