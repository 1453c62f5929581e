#!/usr/bin/python3
"""A page of one line: the first thing to try on a new host."""
from flask import Flask

app = Flask(__name__)


# strict_slashes=False answers `/airbnb-onepage` and `/airbnb-onepage/` alike, without a redirect.
@app.route("/airbnb-onepage/", strict_slashes=False)
def hello():
    """Greet."""
    return "Hello HBNB!"


if __name__ == "__main__":
    # By hand; on a host gunicorn imports `app` instead.
    app.run(host="127.0.0.1", port=5000)
