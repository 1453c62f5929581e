#!/usr/bin/python3
"""The list of places, and a dot that shows whether the interface answers."""
from flask import Flask, render_template

from places import PLACES

# Flask serves /static/ itself when it runs alone; on a host Nginx does, before a request gets here.
app = Flask(__name__)


@app.route("/", strict_slashes=False)
@app.route("/hbnb", strict_slashes=False)
def hbnb():
    """Show every place, the cheapest first."""
    places = sorted(PLACES, key=lambda place: place["price"])
    return render_template("hbnb.html", places=places)


if __name__ == "__main__":
    # By hand; on a host gunicorn imports `app` instead.
    app.run(host="127.0.0.1", port=5003)
