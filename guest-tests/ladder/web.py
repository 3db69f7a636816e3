# SPDX-License-Identifier: Apache-2.0
# A client of a web server: PORT TIMES PATH. Prints a hash of what came.
import hashlib
import sys
import time
import urllib.request

port, times, path = sys.argv[1:]
url = f"http://127.0.0.1:{port}{path}"
for _ in range(300):
    try:
        urllib.request.urlopen(url).read()
        break
    except OSError:
        time.sleep(0.1)
digest = hashlib.sha256()
for _ in range(int(times)):
    digest.update(urllib.request.urlopen(url).read())
print(digest.hexdigest())
