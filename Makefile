# What a developer types. `make demo` and `make test` install what is missing; run them as root, for the sandbox needs it.

.PHONY: demo test lint bench load faults requirements

# Install what is missing, build, and rehearse the example on a real throw-away host.
demo: requirements
	cargo build --release --locked
	scripts/demo.sh

# Everything: format, lints, scripts, unit, integration and end-to-end tests on sandbox hosts.
test: requirements lint
	cargo test --locked

# Warnings are errors.
lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- --deny warnings
	git ls-files -z '*.sh' .ci/run | xargs --null shellcheck

# A run without changes against a bare `ssh HOST true`.
bench: requirements
	cargo build --release --locked
	scripts/bench.sh

# Every kind of change twenty times under hundreds of requests a second, none of which may be lost. Takes minutes.
load: requirements
	cargo test --release --locked --test load -- --ignored --nocapture

# Every change cut at each of its points in five ways, on real hosts: old or new, and no request lost. Takes most of an hour.
faults: requirements
	cargo test --release --locked --test faults -- --ignored --nocapture

requirements:
	scripts/requirements.sh
