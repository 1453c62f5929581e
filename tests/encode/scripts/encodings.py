# Prints each line that would make a Python file beginning with it one of another encoding than UTF-8.
import io
import sys
import tokenize

for line in sys.stdin.buffer:
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(line).readline)[0]
    except SyntaxError as error:
        encoding = str(error)
    if encoding != "utf-8":
        print(ascii(line), encoding)
