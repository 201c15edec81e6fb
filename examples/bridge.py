#!/usr/bin/env python3
"""A bridge between Steward and another chat, as an example: here the other chat is standard input and output.

    STEWARD_TOKEN=$(steward users token dana --name bridge) examples/bridge.py http://127.0.0.1:8080

Every line is said to Steward; `!2` presses the second button of the last message. To make it a bridge to your own chat, change
`hear` (what arrives there) and `show` (what is said there). Nothing but Python's standard library is needed.
"""

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

BASE = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080").rstrip("/") + "/api/v1"
TOKEN = os.environ["STEWARD_TOKEN"]
buttons = []


def request(path, body=None, **headers):
    headers["Authorization"] = f"Bearer {TOKEN}"
    if body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(body).encode()
    return urllib.request.Request(BASE + path, data=body, headers=headers)


def send(message):
    """Hands a message over, however long that takes; its id sees to it that it is handled once."""
    message["id"] = str(uuid.uuid4())
    while True:
        try:
            urllib.request.urlopen(request("/messages", message), timeout=30).close()
            return
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                print(f"refused: {error.read().decode()}", file=sys.stderr)
                return
            time.sleep(int(error.headers.get("Retry-After", "5")))
        except OSError:
            time.sleep(5)


def show(item):
    """Shows an item. One of the same id was shown before: a chat that can should edit it in place."""
    global buttons
    if item["from"] == "person":
        return
    for block in item["blocks"]:
        kind = block["kind"]
        if kind in ("title", "text", "code"):
            print(block["text"])
        elif kind == "rows":
            print("\n".join("  " + "  ".join(row) for row in block["rows"]))
        elif kind == "progress":
            print(f"  {block['done']:.0%} {block['label']}")
        elif kind in ("picture", "file"):
            print(f"  [{block.get('caption') or block.get('name')}] {BASE}/files/{block['file']}")
    buttons = item["buttons"]
    print("  ".join(f"[!{n} {button['label']}]" for n, button in enumerate(buttons, 1)), flush=True)


def leave():
    """Ends the whole program, from whichever thread."""
    print("the token is good no longer", file=sys.stderr, flush=True)
    os._exit(1)


def listen():
    """Follows the events, and comes again where it left off when the connection is lost."""
    last = os.environ.get("STEWARD_AFTER", "")
    while True:
        try:
            with urllib.request.urlopen(request("/events", **{"Last-Event-ID": last}), timeout=60) as events:
                for line in events:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    if field == "id":
                        last = value
                    elif field == "data" and value == "out":
                        leave()
                    elif field == "data":
                        show(json.loads(value))
        except OSError as error:
            if getattr(error, "code", None) == 401:
                leave()
            time.sleep(2)


def hear():
    for line in sys.stdin:
        line = line.strip()
        number = line[1:] if line.startswith("!") else ""
        if number.isdigit() and 0 < int(number) <= len(buttons):
            send({"press": buttons[int(number) - 1]["token"]})
        elif line:
            send({"text": line})


threading.Thread(target=listen, daemon=True).start()
hear()
time.sleep(float(os.environ.get("STEWARD_LINGER", "2")))
