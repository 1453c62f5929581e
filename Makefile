# What a developer types. `make demo` and `make test` install what is missing; run them as root, for the sandbox needs
# it.

.PHONY: demo test lint deny bench throughput encode faults failures load hostile hosts fuzz requirements

# Install what is missing, build, and rehearse the example on a real throw-away host.
demo: requirements
	cargo build --release --locked
	scripts/demo.sh

# Everything: format, lints, scripts, unit, integration and end-to-end tests on sandbox hosts. Tests on hosts mostly
# wait, so more of them run at once than there are processors.
test: requirements lint
	RUST_TEST_THREADS=4 cargo test --locked

# Warnings are errors.
lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- --deny warnings
	git ls-files -z '*.sh' .ci/run | xargs --null shellcheck

# Licences, sources and duplicates of every crate, and advisories that speak of one. Installs cargo-deny, which takes
# minutes.
deny:
	scripts/deny.sh

# A run without changes against a bare `ssh HOST true`.
bench: requirements
	cargo build --release --locked
	scripts/bench.sh

# The rendered stack against that of a tutorial, on one host, in turn; some minutes.
throughput: requirements
	command -v wrk >/dev/null || apt-get install --quiet --yes wrk
	cargo build --release --locked
	scripts/throughput.sh
	scripts/throughput.sh 5 8 ', workers: 2, threads: 8, keepalive: 64'

# Every kind of change twenty times under hundreds of requests a second, none of which may be lost. Takes minutes.
load: requirements
	cargo test --release --locked --test load -- --ignored --nocapture

# Cuts a change at every point between two of its steps, in seven ways, under systemd and under Upstart, and at random
# moments; some hours.
faults: requirements
	cargo test --locked --test faults -- --ignored --nocapture

# Ten thousand hostile texts for every encoder, read back by the real readers of its language; three minutes.
encode: requirements
	PROVISION_ENCODE_TEXTS=10000 cargo test --locked --test encode -- --nocapture

# Full disks, taken ports, busy package managers, two hundred interrupts and more; a quarter of an hour.
failures: requirements
	cargo test --locked --test failures -- --include-ignored --nocapture

# Whatever is not to be trusted (tenants, repositories, requirements, hosts), every trial; the better part of an hour.
hostile: requirements
	PROVISION_HOSTILE_ALL=1 cargo test --locked --test hostile -- --include-ignored --nocapture

# The example on every release of Debian and Ubuntu that the mirrors have: twice up, check, a new release, rollback,
# reboot; prints a table. A quarter of an hour, and the first time two minutes more for each release.
hosts: requirements
	cargo test --locked --test hosts -- --ignored --nocapture

# Every parser of what a host says, and the inventory, for ten minutes each.
fuzz: requirements
	scripts/fuzz.sh 600

requirements:
	scripts/requirements.sh
