//! The seed's v2, of which ours has left the shapes behind: compared is the class of the status, and
//! here stand the cases where even that differs. What else holds there, v2's own tests say.

use super::differences::{Entry, Ours};

pub(super) const SECTIONS: &[(&str, &[Entry])] = &[
    (
        "posts v2: create",
        &[
            (
                "POST /api/v2/posts",
                "extra keys (user_id, created_at ignored; category only in v2)",
                "v2: keys that nobody knows are refused",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/posts",
                "JSON null",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/posts",
                "empty strings (accepted)",
                "v2: the limits of titles",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/posts",
                "nulls",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/posts",
                "number / boolean for strings",
                "v2: no other type passes",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/posts",
                "object for a string",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/posts",
                "category empty",
                "v2: the limits of categories",
                Ours::Status(422),
            ),
        ],
    ),
    (
        "posts v2: read",
        &[
            (
                "GET /api/v2/posts/99999999999999999999",
                "id beyond 64 bits",
                "v2: nothing is a 500",
                Ours::Status(404),
            ),
            (
                "GET /api/v2/posts?user_id=abc",
                "user_id not an integer: filter ignored",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/posts?user_id=",
                "user_id empty: filter ignored",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/posts?user_id=%202",
                "user_id with a blank: int(\" 2\")",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/posts?user_id=1_0",
                "user_id=1_0: Python int() takes underscores",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/posts?user_id=99999999999999999999",
                "user_id beyond 64 bits",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
        ],
    ),
    (
        "posts v2: update and delete",
        &[
            (
                "PUT /api/v2/posts/18",
                "user_id and id ignored",
                "v2: keys that nobody knows are refused",
                Ours::Status(422),
            ),
            (
                "PUT /api/v2/posts/18",
                "null title (NOT NULL fails)",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "PUT /api/v2/posts/18",
                "JSON null",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "PUT /api/v2/posts/18",
                "JSON array: 200, unchanged",
                "v2: an array is no object",
                Ours::Status(422),
            ),
            (
                "PATCH /api/v2/posts/18",
                "wrong method",
                "v2: PATCH is known",
                Ours::Status(200),
            ),
            (
                "POST /api/v2/posts",
                "the highest id is reused after its row is deleted",
                "v2: no id is given out twice",
                Ours::NewId,
            ),
        ],
    ),
    (
        "todos v2 (no authentication in the seed)",
        &[
            (
                "POST /api/v2/todos",
                "ok, defaults",
                "v2: a todo is the caller's, `user_id` is no field",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "all keys (priority only in v2)",
                "v2: a todo is the caller's, `user_id` is no field",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "missing user_id",
                "v2: a todo is the caller's",
                Ours::Status(201),
            ),
            (
                "POST /api/v2/todos",
                "user_id a string of digits",
                "v2: a todo is the caller's, `user_id` is no field",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "null title",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "completed a string",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "completed 1",
                "v2: 1 is no boolean",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "completed null",
                "v2: a todo is the caller's, `user_id` is no field",
                Ours::Status(422),
            ),
            (
                "POST /api/v2/todos",
                "priority a word",
                "v2: nothing is a 500, and no row is poisoned",
                Ours::Status(422),
            ),
            (
                "GET /api/v2/todos?completed=TRUE",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?completed=false",
                "filter",
                "v2: no poisoned row",
                Ours::Status(200),
            ),
            (
                "GET /api/v2/todos?completed=banana",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?completed=1",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?completed=",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?user_id=2",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?user_id=abc",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?user_id=0",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?priority=abc",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "GET /api/v2/todos?completed=true&user_id=2",
                "filter",
                "v2: a query that is not understood is refused",
                Ours::Status(400),
            ),
            (
                "PUT /api/v2/todos/7",
                "wrong types are ignored on update",
                "v2: wrong types are refused",
                Ours::Status(422),
            ),
            (
                "PUT /api/v2/todos/7",
                "priority true (a bool is an int in Python)",
                "v2: true is no integer",
                Ours::Status(422),
            ),
            (
                "PUT /api/v2/todos/7",
                "move to another user",
                "v2: a todo is the caller's, `user_id` is no field",
                Ours::Status(422),
            ),
            (
                "PUT /api/v2/todos/7",
                "null title",
                "v2: nothing is a 500",
                Ours::Status(422),
            ),
        ],
    ),
    (
        "unknown routes",
        &[(
            "GET /api/v2/users",
            "no v2 users",
            "v2: users are shown",
            Ours::Status(200),
        )],
    ),
];
