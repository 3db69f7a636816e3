# SPDX-License-Identifier: Apache-2.0
# In the Linux beside a kernel (dive --native): memcached on that kernel, and in
# Linux a client that verifies what it gets. memcached.sh [THREADS [OPERATIONS]]
build/partner memcached -u root -l 127.0.0.1 -p 11311 -t "${1:-4}" &
python3 guest-tests/ladder/memcached.py 11311 "${2:-400}" 4
status=$?
kill $!
wait $!
exit $status
