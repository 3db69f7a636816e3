# SPDX-License-Identifier: Apache-2.0
# A client of memcached that verifies each value: PORT OPERATIONS CONNECTIONS.
# Prints hits, misses and what was wrong.
import hashlib
import random
import socket
import sys
import time

port, operations, connections = map(int, sys.argv[1:])


def connect():
    for _ in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.1)
    sys.exit("nobody listens")


sockets = [connect() for _ in range(connections)]
files = [s.makefile("rb") for s in sockets]
stored = {}
chance = random.Random(1)
hits = misses = wrong = 0
for i in range(operations):
    at = i % connections
    key = "k%d" % chance.randrange(200)
    if chance.random() < 0.3:
        value = hashlib.sha256(b"%d" % chance.randrange(1 << 30)).hexdigest()
        sockets[at].sendall(f"set {key} 0 0 {len(value)}\r\n{value}\r\n".encode())
        wrong += files[at].readline() != b"STORED\r\n"
        stored[key] = value
        continue
    sockets[at].sendall(f"get {key}\r\n".encode())
    if files[at].readline() == b"END\r\n":
        misses += 1
        wrong += key in stored
        continue
    hits += 1
    wrong += files[at].readline()[:-2].decode() != stored.get(key)
    wrong += files[at].readline() != b"END\r\n"
print(hits, misses, wrong)
