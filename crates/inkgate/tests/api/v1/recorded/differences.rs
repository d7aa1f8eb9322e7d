//! Where we deliberately answer otherwise than the Flask app did: one entry a case.

use std::collections::BTreeMap;

use super::v2;

/// What we answer instead. Bodies are written with the seed's ids.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ours {
    /// An error with this status and description.
    Refusal(u16, &'static str),
    /// This status and body; `<id>` is whatever id the row got.
    Body(u16, &'static str),
    /// What was recorded, with an id that was never given out before.
    NewId,
    /// The recorded list with these of its rows only.
    Rows(&'static [i64]),
    /// What was recorded for this request.
    As(&'static str),
    /// This status, with a body of v2's own shape.
    Status(u16),
}

/// A request, the name of its case, the rule that asks for the difference, and our answer.
pub(super) type Entry = (&'static str, &'static str, &'static str, Ours);

/// All differences by section, request and case.
pub(super) fn all() -> BTreeMap<[String; 3], Ours> {
    let mut all = BTreeMap::new();
    let sections = SECTIONS.iter().chain(v2::SECTIONS);
    for &(section, entries) in sections {
        for &(request, case, rule, ours) in entries {
            assert!(!rule.is_empty());
            let key = [section, request, case].map(str::to_owned);
            assert!(all.insert(key.clone(), ours).is_none(), "{key:?} twice");
        }
    }
    all
}

const SECTIONS: &[(&str, &[Entry])] = &[
    (
        "users",
        &[
            (
                "POST /api/v1/users",
                "same name, other case (accepted: names are case-sensitive)",
                "rule 8: names are unique whatever their case",
                Ours::Refusal(400, "Username already exists"),
            ),
            (
                "POST /api/v1/users",
                "JSON null",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Missing username or password"),
            ),
            (
                "POST /api/v1/users",
                "JSON array naming both keys",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Missing username or password"),
            ),
            (
                "POST /api/v1/users",
                "JSON string containing both words",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Missing username or password"),
            ),
            (
                "POST /api/v1/users",
                "JSON number",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Missing username or password"),
            ),
            (
                "POST /api/v1/users",
                "empty strings (accepted)",
                "rule 8: the limits of names",
                Ours::Refusal(400, "username must have 1 to 50 characters"),
            ),
            (
                "POST /api/v1/users",
                "null username",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "username must be a string"),
            ),
            (
                "POST /api/v1/users",
                "numbers for strings",
                "rule 2: no other type passes for a string",
                Ours::Refusal(400, "username must be a string"),
            ),
            (
                "POST /api/v1/users",
                "array username",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "username must be a string"),
            ),
            (
                "POST /api/v1/users",
                "over String(50) (SQLite does not enforce)",
                "rule 8: the limits of names",
                Ours::Refusal(400, "username must have 1 to 50 characters"),
            ),
            (
                "POST /api/v1/users",
                "duplicate JSON key (last wins)",
                "rule 9: a key that stands twice",
                Ours::Refusal(
                    400,
                    "The browser (or proxy) sent a request that this server could not understand.",
                ),
            ),
            (
                "GET /api/v1/users/1",
                "no single-user route in the seed",
                "the route is an exercise of the series",
                Ours::Body(200, r#"{"id":1,"posts":[],"username":"alice"}"#),
            ),
        ],
    ),
    (
        "login",
        &[
            (
                "POST /api/v1/login",
                "JSON null",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Missing username or password"),
            ),
            (
                "POST /api/v1/login",
                "number password: 1234 is not \"1234\"",
                "rule 2: a number as password at log-in too",
                Ours::Refusal(400, "password must be a string"),
            ),
        ],
    ),
    (
        "posts: authentication",
        &[
            (
                "POST /api/v1/posts",
                "lower-case scheme (rejected: only \"Bearer \" is stripped)",
                "rule 11: `Bearer` in any case",
                Ours::Body(
                    201,
                    r#"{"category":"general","content":"Hello","created_at":"<time>","id":<id>,"title":"My Post","user_id":1}"#,
                ),
            ),
            (
                "POST /api/v1/posts",
                "no exp claim (accepted, never expires)",
                "rule 4: a token without `exp`",
                Ours::Refusal(401, "Invalid token"),
            ),
            (
                "POST /api/v1/posts",
                "no user_id claim (KeyError)",
                "rules 2 and 4: a token without `user_id`",
                Ours::Refusal(401, "Invalid token"),
            ),
        ],
    ),
    (
        "posts v1: create",
        &[
            (
                "POST /api/v1/posts",
                "JSON null",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Missing title or content"),
            ),
            (
                "POST /api/v1/posts",
                "empty strings (accepted)",
                "rule 8: the limits of titles",
                Ours::Refusal(
                    400,
                    "title must have 1 to 255 characters and not only blanks",
                ),
            ),
            (
                "POST /api/v1/posts",
                "nulls",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "title must be a string"),
            ),
            (
                "POST /api/v1/posts",
                "number / boolean for strings",
                "rule 2: no other type passes for a string",
                Ours::Refusal(400, "title must be a string"),
            ),
            (
                "POST /api/v1/posts",
                "object for a string",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "title must be a string"),
            ),
        ],
    ),
    (
        "posts v1: read",
        &[
            (
                "GET /api/v1/posts/99999999999999999999",
                "id beyond 64 bits",
                "rule 2: an id beyond 64 bits",
                Ours::Refusal(404, "Post not found"),
            ),
            (
                "GET /api/v1/posts?user_id=1_0",
                "user_id=1_0: Python int() takes underscores",
                "filters: `1_0` is no integer",
                Ours::As("GET /api/v1/posts"),
            ),
            (
                "GET /api/v1/posts?user_id=99999999999999999999",
                "user_id beyond 64 bits",
                "filters: beyond 64 bits is nobody",
                Ours::Body(200, r#"{"posts":[]}"#),
            ),
        ],
    ),
    (
        "posts v1: update and delete",
        &[
            (
                "PUT /api/v1/posts/9",
                "null title (NOT NULL fails)",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "title must be a string"),
            ),
            (
                "PUT /api/v1/posts/9",
                "JSON null",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "Request body must be a JSON object"),
            ),
            (
                "PUT /api/v1/posts/9",
                "JSON array: 200, unchanged",
                "rule 2: an array is no object, on PUT neither",
                Ours::Refusal(400, "Request body must be a JSON object"),
            ),
            (
                "POST /api/v1/posts",
                "the highest id is reused after its row is deleted",
                "rule 7: no id is given out twice",
                Ours::NewId,
            ),
        ],
    ),
    (
        "todos v1 (no authentication in the seed)",
        &[
            (
                "POST /api/v1/todos",
                "missing user_id",
                "rule 5: `user_id` may be left out",
                Ours::Body(
                    201,
                    r#"{"completed":false,"created_at":"<time>","description":null,"id":<id>,"priority":0,"title":"x","user_id":1}"#,
                ),
            ),
            (
                "POST /api/v1/todos",
                "missing title",
                "rule 5: only the title must be there",
                Ours::Refusal(400, "Missing title"),
            ),
            (
                "POST /api/v1/todos",
                "user_id a string of digits",
                "rule 2: no other type passes for an integer",
                Ours::Refusal(400, "user_id must be an integer of up to 64 bits"),
            ),
            (
                "POST /api/v1/todos",
                "user_id a word",
                "rule 2: the type is told first",
                Ours::Refusal(400, "user_id must be an integer of up to 64 bits"),
            ),
            (
                "POST /api/v1/todos",
                "user_id null",
                "rule 2: a null is told as such",
                Ours::Refusal(400, "user_id must be an integer of up to 64 bits"),
            ),
            (
                "POST /api/v1/todos",
                "null title",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "title must be a string"),
            ),
            (
                "POST /api/v1/todos",
                "completed a string",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "completed must be true or false"),
            ),
            (
                "POST /api/v1/todos",
                "completed 1",
                "rule 2: 1 is no boolean",
                Ours::Refusal(400, "completed must be true or false"),
            ),
            (
                "POST /api/v1/todos",
                "completed null",
                "rule 2: null is no boolean",
                Ours::Refusal(400, "completed must be true or false"),
            ),
            (
                "GET /api/v1/todos?completed=true",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[]),
            ),
            (
                "GET /api/v1/todos?completed=TRUE",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[]),
            ),
            (
                "GET /api/v1/todos?user_id=abc",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[1, 6]),
            ),
            (
                "GET /api/v1/todos?user_id=0",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[1, 6]),
            ),
            (
                "GET /api/v1/todos?priority=2",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[1, 6]),
            ),
            (
                "GET /api/v1/todos?priority=0",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[1, 6]),
            ),
            (
                "GET /api/v1/todos?priority=abc",
                "filter",
                "rule 5: the caller's own",
                Ours::Rows(&[1, 6]),
            ),
            (
                "PUT /api/v1/todos/1",
                "wrong types are ignored on update",
                "rule 2: `\"false\"` is no boolean",
                Ours::Refusal(400, "completed must be true or false"),
            ),
            (
                "PUT /api/v1/todos/1",
                "null title",
                "rule 2: nothing a client sends is a 500",
                Ours::Refusal(400, "title must be a string"),
            ),
        ],
    ),
    (
        "unknown routes",
        &[(
            "GET /api/v1//posts",
            "double slash",
            "rule 11: `//` is no redirect",
            Ours::Refusal(
                404,
                "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.",
            ),
        )],
    ),
];
