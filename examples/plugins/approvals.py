#!/usr/bin/env python3
"""A whole approval backend for jit in one file: it grants reads at once, keeps everything else for a person, and
remembers it all in a file. Run it from a profile of config.toml:

    [profiles.files]
    backend = "exec"
    command = "/usr/local/bin/approvals.py"
    environment = ["APPROVALS_FILE"]

jit writes one JSON-RPC 2.0 question a line to stdin and reads one answer a line from stdout; stderr is shown to people.
docs/plugins.md has every method. To decide on a request: approvals.py decide req_… approved
"""

import fcntl
import getpass
import json
import os
import secrets
import sys
import time

SCOPES = {
    "prod:db.read": {"description": "Read production data", "automatic": True},
    "prod:db.write": {"description": "Change production data", "automatic": False},
}
TARGET = "orders"
MAX_SECONDS = 4 * 3600
PENDING_SECONDS = 3600
CLAIM_SECONDS = 900


class Refused(Exception):
    """An answer that is an error: `code` is one of jit's, see docs/errors.md."""

    def __init__(self, code, message, hint=""):
        super().__init__(message)
        self.code, self.hint = code, hint


class Book:
    """What is known of requests and grants: one JSON file, locked while somebody holds it."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.data = json.loads(self.file.read() or '{"requests": {}, "grants": {}, "keys": {}}')
        return self.data

    def __exit__(self, kind, *_):
        if kind is None:
            self.file.seek(0)
            self.file.truncate()
            json.dump(self.data, self.file)
        self.file.close()


BOOK = Book(os.environ.get("APPROVALS_FILE") or os.path.expanduser("~/.approvals.json"))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds_of(text):
    return int(time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone)


def new_id(prefix):
    return prefix + secrets.token_hex(10)


def outcome_of(scopes, target):
    for scope in scopes:
        if scope not in SCOPES:
            raise Refused("unknown_scope", f'there is no scope "{scope}"', "jit scopes lists them all")
    if target != TARGET:
        raise Refused("unknown_target", f'there is no target "{target}"')
    return "automatic" if all(SCOPES[scope]["automatic"] for scope in scopes) else "needs_people"


def decision(outcome, reviews=()):
    reason = "reading is automatic" if outcome == "automatic" else "changing data needs a second person"
    return {"outcome": outcome, "rule": None, "reasons": [reason], "advice": [], "reviews": list(reviews)}


def settle(book):
    """Time passes: what was not decided or claimed lapses, and grants end."""
    now = time.time()
    for request in book["requests"].values():
        end = request["claim_by"] or request["lapses_at"]
        if request["state"] in ("pending", "approved") and seconds_of(end) <= now:
            request["state"] = "lapsed"
    for grant in book["grants"].values():
        if grant["state"] == "active" and seconds_of(grant["expires_at"]) <= now:
            end_grant(grant, "expired")


def end_grant(grant, because):
    if grant["state"] == "ended":
        return
    grant.update(state="ended", ended_at=stamp(time.time()), ended_because=because)
    grant["revocation"].update(token="revoked", target="gone", confirmed=True, attempts=1)


def find(book, kind, wanted):
    found = book[kind].get(wanted)
    if found is None:
        raise Refused("not_found", f"there is no {wanted}")
    return found


def claim_request(book, request):
    if request["state"] == "denied":
        raise Refused("denied", f"{request['id']} was denied")
    if request["state"] == "pending":
        raise Refused("still_pending", f"{request['id']} is still pending", f"jit wait {request['id']}")
    if request["state"] in ("cancelled", "lapsed"):
        raise Refused(request["state"], f"{request['id']} was {request['state']}")
    grant = book["grants"].get(request["grant_id"] or "")
    if grant is None:
        now = time.time()
        grant = {
            "id": new_id("gr_"), "url": f"file://{BOOK.path}", "request_id": request["id"], "state": "active",
            "scopes": request["scopes"], "target": request["target"], "held_by": request["requested_by"],
            "claimed_at": stamp(now), "expires_at": stamp(now + request["duration_seconds"]),
            "last_used_at": None, "ended_at": None, "ended_because": None,
            "revocation": {"token": "live", "target": "live", "confirmed": False, "attempts": 0,
                           "last_error": None, "sessions_ended": 0},
        }
        book["grants"][grant["id"]] = grant
        request.update(state="claimed", grant_id=grant["id"])
    if grant["state"] == "ended":
        raise Refused("no_grant", f"{grant['id']} has ended", "jit request asks for another")
    # What the target understands. A real one would be made by whatever guards the target.
    token = f"example-token-of-{grant['id']}"
    empty = {"environment": {}, "secret_environment": {}, "secret_files": [], "removes": []}
    return {"request": request, "grant": grant, "token": token, "credential": empty}


def submit(book, ask):
    known = book["keys"].get(ask["idempotency_key"])
    if known is None:
        outcome = outcome_of(ask["scopes"], ask["target"])
        if not 1 <= ask["duration_seconds"] <= MAX_SECONDS:
            raise Refused("bad_duration", f"at most {MAX_SECONDS} seconds")
        if ask["extends_grant_id"] or ask["break_glass"]:
            raise Refused("not_offered", "neither extending nor break-glass is offered here")
        now, request_id = time.time(), new_id("req_")
        automatic = outcome == "automatic"
        book["requests"][request_id] = {
            "id": request_id, "url": f"file://{BOOK.path}", "state": "approved" if automatic else "pending",
            "scopes": ask["scopes"], "target": ask["target"], "duration_seconds": ask["duration_seconds"],
            "reason": ask["reason"], "ticket": ask["ticket"], "requested_by": getpass.getuser(),
            "created_at": stamp(now), "lapses_at": stamp(now + PENDING_SECONDS),
            "claim_by": stamp(now + CLAIM_SECONDS) if automatic else None, "decision": decision(outcome),
            "approvals": {"needed": 0 if automatic else 1, "given": 0, "groups": []},
            "can_approve": [] if automatic else ["a colleague"], "told": [], "grant_id": None,
            "extends_grant_id": None, "break_glass": False, "escalated_at": None, "afterwards": None,
            "originally": {"scopes": ask["scopes"], "duration_seconds": ask["duration_seconds"]},
            "digest": request_id,
        }
        known = book["keys"][ask["idempotency_key"]] = request_id
    request = book["requests"][known]
    claimed = claim_request(book, request) if request["state"] in ("approved", "claimed") else None
    return {"request": request, "claimed": claimed}


def cancel(book, ask):
    request = find(book, "requests", ask["id"])
    if request["state"] in ("pending", "approved"):
        request["state"] = "cancelled"
    return {"request": request}


def revoke(book, ask):
    grant = find(book, "grants", ask["id"])
    end_grant(grant, ask["because"])
    return {"grant": grant}


def read_status(book, _):
    return {
        "as_of": stamp(time.time()),
        "requests": [one for one in book["requests"].values() if one["state"] in ("pending", "approved")],
        "grants": [one for one in book["grants"].values() if one["state"] == "active"],
    }


def list_history(book, ask):
    newest = list(book["requests"].values())[::-1][: ask["limit"]]
    return {"as_of": stamp(time.time()), "requests": newest, "grants": list(book["grants"].values())}


def preview(_, ask):
    return {"decision": decision(outcome_of(ask["scopes"], ask["target"])), "can_approve": ["a colleague"]}


def list_scopes(_, __):
    return {"scopes": [
        {"name": name, "description": scope["description"], "sensitivity": "medium", "default_seconds": 1800,
         "max_seconds": MAX_SECONDS, "minimum_reason_length": 0, "needs_ticket": False,
         "targets": [{"name": TARGET, "kind": "token", "outcome": outcome_of([name], TARGET)}]}
        for name, scope in SCOPES.items()
    ]}


def read_person(_, __):
    name = getpass.getuser()
    login = {"method": "workload", "at": stamp(time.time())}
    return {"subject": name, "name": name, "kind": "person", "groups": [], "login": login}


METHODS = {
    "read_person": read_person,
    "list_scopes": list_scopes,
    "preview": preview,
    "submit": submit,
    "read_request": lambda book, ask: {"request": find(book, "requests", ask["id"])},
    "claim": lambda book, ask: claim_request(book, find(book, "requests", ask["id"])),
    "cancel": cancel,
    "read_status": read_status,
    "list_history": list_history,
    "read_grant": lambda book, ask: {"grant": find(book, "grants", ask["id"])},
    "revoke": revoke,
}


def answer(method, params):
    if method == "initialize":
        return {"protocol": 1, "name": "approvals.py", "methods": list(METHODS)}
    if method not in METHODS:
        raise Refused("not_offered", f"{method} is not offered")
    with BOOK as book:
        settle(book)
        return METHODS[method](book, params)


def serve():
    for line in sys.stdin:
        question = json.loads(line)
        reply = {"jsonrpc": "2.0", "id": question["id"]}
        try:
            reply["result"] = answer(question["method"], question["params"])
        except Refused as refusal:
            data = {"code": refusal.code, "hint": refusal.hint}
            reply["error"] = {"code": -32000, "message": str(refusal), "data": data}
        print(json.dumps(reply), flush=True)


def decide(request_id, said):
    with BOOK as book:
        settle(book)
        request = find(book, "requests", request_id)
        if request["state"] != "pending":
            raise SystemExit(f"{request_id} is {request['state']} already")
        if request["requested_by"] == getpass.getuser() and not os.environ.get("APPROVALS_ALONE"):
            raise SystemExit("nobody decides on their own request")
        review = {"by": getpass.getuser(), "outcome": said, "reason": None, "at": stamp(time.time()), "way": "cli",
                  "scopes": request["scopes"], "duration_seconds": request["duration_seconds"]}
        request.update(state=said, decision=decision("needs_people", [review]),
                       claim_by=stamp(time.time() + CLAIM_SECONDS) if said == "approved" else None)
        request["approvals"]["given"] = 1 if said == "approved" else 0


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "decide" and sys.argv[3] in ("approved", "denied"):
        decide(sys.argv[2], sys.argv[3])
    else:
        serve()
