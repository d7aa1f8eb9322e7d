//! T15: every form that an `Authorization` header can have.

use super::{PROBES, Victim, probe, refusal};
use crate::support::socket::talk;

/// What a form is answered with.
#[derive(Clone, Copy)]
enum Wanted {
    Accepted,
    Missing,
    Invalid,
}

/// The table. `T` stands for a good token.
const FORMS: [(&str, Wanted); 26] = [
    ("Bearer T", Wanted::Accepted),
    ("bearer T", Wanted::Accepted),
    ("BEARER T", Wanted::Accepted),
    ("bEaReR T", Wanted::Accepted),
    // As the seed takes it.
    ("T", Wanted::Accepted),
    // Blanks around a header's value are no part of it (RFC 9110, section 5.5).
    ("Bearer T\t", Wanted::Accepted),
    ("Bearer T  ", Wanted::Accepted),
    (" \tBearer T", Wanted::Accepted),
    ("", Wanted::Missing),
    ("  ", Wanted::Missing),
    // The server strips the blank behind it: a bare token that is called Bearer.
    ("Bearer", Wanted::Invalid),
    ("Bearer ", Wanted::Invalid),
    ("Bearer  T", Wanted::Invalid),
    ("Bearer\tT", Wanted::Invalid),
    ("Bearer \tT", Wanted::Invalid),
    ("BearerT", Wanted::Invalid),
    ("Bearer: T", Wanted::Invalid),
    ("Bearer T,T", Wanted::Invalid),
    ("Bearer T, Bearer T", Wanted::Invalid),
    ("Bearer T T", Wanted::Invalid),
    ("Bearer Bearer T", Wanted::Invalid),
    ("Bearer \"T\"", Wanted::Invalid),
    ("Bearer token=T", Wanted::Invalid),
    ("Token T", Wanted::Invalid),
    ("Basic T", Wanted::Invalid),
    ("Basic YWxpY2U6MTIzNA==", Wanted::Invalid),
];

#[tokio::test(flavor = "multi_thread")]
async fn t15_each_form_of_the_header_has_one_answer() {
    let victim = Victim::new().await;

    for (form, wanted) in FORMS {
        let line = form.replace('T', &victim.token);
        // `Token` holds a T, too.
        let line = line.replace(&format!("{}oken ", victim.token), "Token ");
        for (method, path) in PROBES {
            let answer = raw_probe(&victim, (method.as_str(), path), &[&line]).await;
            check(form, path, wanted, &answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_no_header_at_all_is_a_missing_token() {
    let victim = Victim::new().await;

    for (method, path) in PROBES {
        let answer = raw_probe(&victim, (method.as_str(), path), &[]).await;
        check("", path, Wanted::Missing, &answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_two_lines_are_refused_even_if_both_are_good() {
    let victim = Victim::new().await;
    let good = format!("Bearer {}", victim.token);

    for lines in [
        [&good[..], &good[..]],
        [&good, ""],
        ["", &good],
        [&good, "Basic x"],
    ] {
        for (method, path) in PROBES {
            let answer = raw_probe(&victim, (method.as_str(), path), &lines).await;
            check("two lines", path, Wanted::Invalid, &answer);
        }
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_what_is_not_ascii_is_refused() {
    let victim = Victim::new().await;
    let token = victim.token.as_bytes();
    let fullwidth = "Ｂｅａｒｅｒ ".as_bytes();

    for line in [
        [b"Bearer ", token, b"\xff"].concat(),
        [b"Bearer \xe2\x80\x8b", token].concat(),
        [b"Bearer\xc2\xa0", token].concat(),
        [fullwidth, token].concat(),
        b"\xf0\x9f\x94\x91".to_vec(),
    ] {
        for (method, path) in PROBES {
            let answer = probe(&victim.app, (method, path), &line).await;
            assert_eq!(answer.status, 401, "{line:?}");
            assert_eq!(answer.json()["request_id"].is_string(), path.contains("v2"));
        }
    }

    victim.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_control_characters_end_the_connection_with_400() {
    let victim = Victim::new().await;

    for byte in ["\0", "\u{1}", "\u{7f}", "\u{1b}[2J"] {
        let line = format!("Bearer {}{byte}", victim.token);
        let answer = raw_probe(&victim, ("GET", "/api/v1/me"), &[&line]).await;
        assert_eq!(answer.0, 400, "{byte:?}: {}", answer.1);
    }

    victim.unharmed().await;
}

/// Asks with these `Authorization` lines, byte for byte; gives the status and the whole answer.
async fn raw_probe(victim: &Victim, (method, path): (&str, &str), lines: &[&str]) -> (u16, String) {
    let body = r#"{"title":"Forms","content":"x"}"#;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    for line in lines {
        request.push_str("Authorization:");
        request.push_str(line);
        request.push_str("\r\n");
    }
    let reply = talk(&victim.app, format!("{request}\r\n{body}")).await;
    (reply.status(), reply.text())
}

fn check(form: &str, path: &str, wanted: Wanted, (status, text): &(u16, String)) {
    let expected = match wanted {
        Wanted::Accepted => {
            assert!(matches!(status, 200 | 201), "{form:?} {path}: {text}");
            return;
        }
        Wanted::Missing => ("Missing token", "Bearer realm=\"inkgate\"\r\n"),
        Wanted::Invalid => {
            let challenge = "Bearer realm=\"inkgate\", error=\"invalid_token\"\r\n";
            ("Invalid token", challenge)
        }
    };
    assert_eq!(*status, 401, "{form:?} {path}: {text}");
    assert!(
        text.contains(&format!("www-authenticate: {}", expected.1)),
        "{form:?} {path}: {text}"
    );
    if path.starts_with("/api/v1") {
        let body = refusal(path, expected.0).to_string();
        assert!(
            text.ends_with(&format!("{body}\n")),
            "{form:?} {path}: {text}"
        );
    }
}
