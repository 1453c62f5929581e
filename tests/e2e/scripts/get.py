"""Asks this host's own port 80 for the path in the first argument; prints the status and the body."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
connection.request("GET", sys.argv[1])
answer = connection.getresponse()
print(answer.status)
print(answer.read().decode())
