//! The keys of a site and of what stands in it.

use super::section::{Section, default, optional, required};

/// Its sections, in the order in which one reads of them.
pub const OF_SITES: &[&Section] = &[&SITE, &TLS, &PEM, &RATE_LIMIT, &ROUTE];

/// A site.
pub const SITE: Section = Section {
    name: "a site",
    keys: &[
        default(
            "listen",
            "list of ports or addresses",
            "[80]",
            "`80` (every address, of IPv6 too where the host has it), `203.0.113.10:80` or `[::]:80`; `[]` with `tls` \
             for HTTPS alone.",
        )
        .example(r#"[80, "127.0.0.1:8080"]"#),
        optional("tls", "mapping", "Certificate and key for HTTPS; plain HTTP alone if absent.")
            .example("{ certificate: /etc/ssl/web.pem, key: /etc/ssl/private/web.key }"),
        optional("server_names", "list of names", "The host names that it answers to; any if absent.")
            .example(r#"[example.com, "*.example.com"]"#),
        optional("default", "boolean", "Answers what no other site does; `true` if `server_names` is absent.")
            .example("true"),
        optional("renamed_from", "name", "The name that it had until now, whose removal needs no consent then.")
            .example("shop"),
        default(
            "spare",
            "boolean",
            "false",
            "Whether it is on purpose that no host serves it; otherwise that is a mistake.",
        )
        .example("true"),
        default(
            "catch_all",
            "boolean",
            "true",
            "Where no site is the default, connections for unknown host names are closed without an answer; `false` \
             leaves its listeners out of that.",
        )
        .example("false"),
        default(
            "security_headers",
            "boolean",
            "true",
            "Adds `X-Content-Type-Options: nosniff`, `X-Frame-Options: SAMEORIGIN` and `Referrer-Policy: \
             strict-origin-when-cross-origin` where neither the app nor `headers` says otherwise.",
        )
        .example("false"),
        optional("headers", "mapping of name to text", "Response headers added to every answer.")
            .example(r#"{ X-Served-By: "{{ host.name }}" }"#),
        default("max_body", "size", "1M", "The largest request body; a k is 1024 bytes.").example("20M"),
        optional(
            "behind",
            "list of networks",
            "Load balancers in front, such as `10.0.0.0/8`: only they are trusted to tell the client's address \
             and scheme.",
        )
        .example("[10.0.0.0/8]"),
        optional("rate_limit", "mapping", "How often one client may ask the apps; files are not counted.")
            .example("{ rate: 10r/s, burst: 20 }"),
        default(
            "maintenance",
            "boolean",
            "false",
            "Answers everything with status 503 and a page that asks for patience; the apps run on.",
        )
        .example("true"),
        required(
            "routes",
            "mapping of path to route",
            "{ /: { app: web } }",
            "Which app answers below which path; paths begin and end with `/`.",
        ),
    ],
};

/// HTTPS.
pub const TLS: Section = Section {
    name: "`tls`",
    keys: &[
        required(
            "certificate",
            "path on the host or `{ from_env: NAME }`",
            "/etc/letsencrypt/live/example.com/fullchain.pem",
            "The certificate in PEM form, followed by its intermediate certificates.",
        ),
        required(
            "key",
            "path on the host or `{ from_env: NAME }`",
            "/etc/letsencrypt/live/example.com/privkey.pem",
            "The private key in PEM form, without a passphrase.",
        ),
        default("listen", "list of ports or addresses", "[443]", "Where HTTPS is spoken.").example("[8443]"),
        default(
            "redirect",
            "boolean",
            "true",
            "Sends requests that come by plain HTTP to the same place by HTTPS; `false` behind a load balancer that \
             ends TLS itself.",
        )
        .example("false"),
        default(
            "hsts",
            "duration or `off`",
            "off",
            "For how long browsers refuse plain HTTP after a visit, such as `180d`; cannot be undone before.",
        )
        .example("180d"),
        optional(
            "acme",
            "path on the host",
            "The folder that an ACME client such as certbot is given as `--webroot-path`; challenges are answered from \
             it by plain HTTP.",
        )
        .example("/var/www/acme"),
    ],
};

/// A certificate or key that stays out of the inventory.
pub const PEM: Section = Section {
    name: "a certificate or key",
    keys: &[required(
        "from_env",
        "name",
        "SITE_KEY",
        "The variable of your own environment that holds the text, which is never shown.",
    )],
};

/// How often one client may ask.
pub const RATE_LIMIT: Section = Section {
    name: "`rate_limit`",
    keys: &[
        required("rate", "requests per second or minute", "10r/s", "How often in the long run: `10r/s` or `30r/m`."),
        default(
            "burst",
            "0 to 10000",
            "20",
            "Requests that may come at once beyond that: half of them are answered at once, the others wait for their \
             turn, and more get status 429.",
        )
        .example("50"),
    ],
};

/// What answers below a path.
pub const ROUTE: Section = Section {
    name: "a route",
    keys: &[
        required("app", "app", "web", "The app that answers."),
        optional("strip", "path", "A prefix of the path that is taken off before the app sees the request.")
            .example("/api"),
        optional("files", "path", "A folder inside the app's, served by Nginx itself.").example("web/static"),
        default(
            "cache",
            "duration",
            "1h",
            "How long browsers may keep one of the files without asking again; `0` makes them ask each time.",
        )
        .example("7d"),
    ],
};
