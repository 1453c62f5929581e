#!/usr/bin/python3
"""Status and numbers of the example, as JSON."""
from flask import Flask, jsonify

from places import stats

app = Flask(__name__)


@app.route("/api/v1/status", strict_slashes=False)
def status():
    """Say that the service works; load balancers and the page's dot ask for it."""
    return jsonify(status="OK")


@app.route("/api/v1/stats", strict_slashes=False)
def numbers():
    """Count places, cities and rooms."""
    return jsonify(stats())


@app.errorhandler(404)
def not_found(_error):
    """Answer unknown paths in JSON too, since no person reads this."""
    return jsonify(error="Not found"), 404


if __name__ == "__main__":
    # By hand; on a host gunicorn imports `app` instead.
    app.run(host="127.0.0.1", port=5002)
