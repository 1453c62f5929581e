# Reads a Python literal from each line, as bytes of no particular encoding, and prints all their texts as JSON.
import ast
import json
import sys

print(json.dumps([ast.literal_eval(line.decode("ascii")) for line in sys.stdin.buffer]))
