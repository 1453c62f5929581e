//! Texts that nobody would write on purpose: they are refused or accepted, but nothing panics and no value changes.

use std::panic::catch_unwind;

use super::load;

const PRODUCTION: &str = include_str!("../fixtures/inventories/production.yml");

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_no_value() {
    let plain = load("hosts.yml", PRODUCTION).unwrap();
    let marked = load("hosts.yml", &format!("\u{feff}{PRODUCTION}")).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(plain.all(), marked.all());
    let windows = load("hosts.yml", &PRODUCTION.replace('\n', "\r\n")).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(plain.all(), windows.all());
}

/// Prefixes of a good inventory, and what strange pieces in it make of it.
#[test]
fn no_text_makes_the_reader_panic() {
    let pieces = [
        "\u{feff}",
        "\r",
        "\0",
        "\t",
        "é",
        "😀",
        "{{",
        "}}",
        "{%",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "<<: ",
        "!!int ",
        "!x ",
        "|\n",
        ">",
        "---\n",
        "...\n",
        "? ",
        "- ",
        ": ",
        "#",
        "'",
        "\"",
        "\\",
        "%",
        "@",
        "\u{2028}",
        "null",
        "~",
        "99999999999999999999",
    ];
    let places: Vec<usize> = (0..=PRODUCTION.len()).filter(|at| PRODUCTION.is_char_boundary(*at)).collect();
    let prefixes = places.iter().step_by(2).map(|at| PRODUCTION[..*at].to_owned());
    let mutated = places.iter().step_by(7).enumerate().flat_map(|(index, at)| {
        let chosen = [pieces[index % pieces.len()], pieces[(index * 7 + 3) % pieces.len()]];
        chosen.map(|piece| format!("{}{piece}{}", &PRODUCTION[..*at], &PRODUCTION[*at..]))
    });
    for text in prefixes.chain(mutated) {
        let read = catch_unwind(|| load("hosts.yml", &text).map(|_| ()).map_err(|mistakes| mistakes.to_string()));
        assert!(read.is_ok(), "panics on:\n{text}");
    }
}

#[test]
fn deep_and_multiplying_texts_are_refused() {
    let deep = format!("version: 1\nhosts: {}", "[".repeat(100_000));
    assert!(load("hosts.yml", &deep).is_err());
    let closed = format!("version: 1\nvars: {{ a: {}{} }}\nhosts: {{ a: }}\n", "[".repeat(5_000), "]".repeat(5_000));
    assert!(load("hosts.yml", &closed).is_err());
    let mut bomb = "version: 1\nvars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!("  a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    bomb.push_str("hosts: { a: }\n");
    assert!(load("hosts.yml", &bomb).is_err());
}

#[track_caller]
fn refuse(apps: &str, sites: &str, message: &str) {
    let text = format!(
        "version: 1\napps:\n  a: {{ source: {{ path: . }}, wsgi: a:a, bind: 5000{apps} }}\n\
         \x20 b: {{ source: {{ path: . }}, wsgi: b:b, bind: 5001, log: {{ error: /var/log/b/b.log }} }}\n\
         sites:\n  s: {{ routes: {{ /: {{ app: a }}, /b/: {{ app: b }} }} }}\n  {sites}\n\
         hosts: {{ h: {{ sites: [s] }}{} }}\n",
        if sites.is_empty() { "" } else { ", i: { sites: [t] }" }
    );
    match load("hosts.yml", &text) {
        Ok(_) => assert_eq!(message, "", "accepted:\n{text}"),
        Err(mistakes) => assert!(!message.is_empty() && mistakes.to_string().contains(message), "{mistakes}"),
    }
}

#[test]
fn a_folder_below_var_log_is_one_users() {
    let same = "would log in the same folder";
    refuse(", log: { access: /var/log/b/a.log }", "", same);
    refuse(", log: { access: /var/log/b/c/a.log }", "", same);
    refuse(", user: b, log: { access: /var/log/b/a.log }", "", "");
    refuse(", log: { access: /var/log/a/a.log }", "", "");
    refuse(", log: { access: /var/log/nginx/a.log }", "", "belongs to the host");
    refuse(", log: { access: /var/log/a.log }", "", "write `/var/log/a/a.log`");
}

#[test]
fn two_ways_to_write_one_listener_are_one_listener() {
    refuse("", "t: { listen: [80, \"0.0.0.0:80\"], routes: { /: { app: a } } }", "this listener occurs twice");
    refuse("", "t: { listen: [80, \"[::]:80\"], routes: { /: { app: a } } }", "");
}

#[test]
fn a_route_is_written_as_nginx_compares_it() {
    for path in ["/%2e%2e/", "/a%2Fb/", "/%61/", "/a%00/", "/a%0a/"] {
        refuse("", &format!("t: {{ routes: {{ {path}: {{ app: a }} }} }}"), "is not the path of a route");
    }
    refuse("", "t: { routes: { /a%20b/%C3%A9/: { app: a } } }", "");
    let long = |length: usize| format!("t: {{ routes: {{ ? /{}/ : {{ app: a }} }} }}", "a".repeat(length - 2));
    refuse("", &long(256), "at most 255 bytes");
    refuse("", &long(255), "");
}

#[test]
fn a_user_without_a_group_of_its_name_is_refused() {
    refuse(", user: nobody", "", "no group of its own name");
}

#[test]
fn capital_letters_make_no_second_header_and_no_second_site() {
    let headers = "t: { headers: { X-A: one, x-a: two }, routes: { /: { app: a } } }";
    refuse("", headers, "header `x-a` occurs twice");
    let text = "version: 1\napps:\n  a: { source: { path: . }, wsgi: a:a, bind: 5000 }\nsites:\n\
                \x20 s: { listen: [80], routes: { /: { app: a } } }\n  S: { listen: [81], routes: { /: { app: a } } }\n\
                hosts: { h: { sites: [s, S] } }\n";
    let mistakes = load("hosts.yml", text).unwrap_err().to_string();
    assert!(mistakes.contains("have the same name for Nginx"), "{mistakes}");
}

#[test]
fn an_extra_file_takes_no_place_that_is_taken() {
    let taken = [
        "/srv/a",
        "/etc/provision",
        "/etc/provision/a",
        "/var/lib/provision",
        "/etc/systemd/system/logrotate.service.d/provision.conf",
    ];
    for destination in taken {
        let text = format!(
            "version: 1\napps:\n  a: {{ source: {{ path: . }}, wsgi: a:a, bind: 5000 }}\n\
             files: [{{ template: t, destination: {destination} }}]\nhosts: {{ h: {{ apps: [a] }} }}\n"
        );
        let mistakes = load("hosts.yml", &text).map(|_| ()).unwrap_err().to_string();
        assert!(mistakes.contains("belongs to"), "{mistakes}");
    }
}

#[test]
fn no_variable_has_a_nul_byte() {
    let mistakes = load("hosts.yml", "version: 1\nvars: { a: [\"x\\0\"] }\nhosts: { h: }\n").map(|_| ()).unwrap_err();
    assert!(mistakes.to_string().contains("NUL"), "{mistakes}");
}
