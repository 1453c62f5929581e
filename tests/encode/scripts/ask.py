# Sends each request of the file `requests`, a host and a path a line, to the port that is its argument, and prints the
# header X-Value and the body of each answer, byte for byte, with a NUL behind each.
import socket
import sys

AT_ONCE = 50

stream = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
answers = stream.makefile("rb")
lines = open("requests").read().split("\n")[:-1]
for start in range(0, len(lines), AT_ONCE):
    some = [line.split(" ") for line in lines[start : start + AT_ONCE]]
    request = "GET {1} HTTP/1.1\r\nHost: {0}\r\n\r\n"
    stream.sendall("".join(request.format(*line) for line in some).encode("ascii"))
    for _ in some:
        length, header = 0, b""
        while True:
            line = answers.readline()[:-2]
            if not line:
                break
            name, _, value = line.partition(b": ")
            if name == b"Content-Length":
                length = int(value)
            elif name == b"X-Value":
                header = value
        sys.stdout.buffer.write(header + b"\0" + answers.read(length) + b"\0")
