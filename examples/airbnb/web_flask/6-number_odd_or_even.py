#!/usr/bin/python3
"""Tells whether the number in the path is odd or even."""
from flask import Flask, render_template_string

app = Flask(__name__)

# The page stands here because it is this app's only one.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>HBNB</title>
</head>
<body>
  <h1>Number: {{ number }} is {{ "odd" if number % 2 else "even" }}</h1>
</body>
</html>
"""


# `<int:…>` matches digits only: any other path is answered with 404.
@app.route("/number_odd_or_even/<int:number>", strict_slashes=False)
def number_odd_or_even(number):
    """Show the number and its parity."""
    return render_template_string(PAGE, number=number)


if __name__ == "__main__":
    # By hand; on a host gunicorn imports `app` instead.
    app.run(host="127.0.0.1", port=5001)
