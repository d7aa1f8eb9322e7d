"""What a program does with the generated client: it registers, logs in, writes, pages, patches with a condition, reads
what was wrong with a field, and deletes."""

import sys

from inkgate_v_1_client.api.posts import create_post as v1_create_post
from inkgate_v_1_client.api.posts import delete_post as v1_delete_post
from inkgate_v_1_client.api.posts import list_posts as v1_list_posts
from inkgate_v_1_client.api.users import login as v1_login
from inkgate_v_1_client.client import AuthenticatedClient as V1AuthenticatedClient
from inkgate_v_1_client.client import Client as V1Client
from inkgate_v_1_client.models import Credentials as V1Credentials
from inkgate_v_1_client.models import Error as V1Error
from inkgate_v_1_client.models import Message as V1Message
from inkgate_v_1_client.models import Post as V1Post
from inkgate_v_1_client.models import PostIn as V1PostIn
from inkgate_v_1_client.models import Posts as V1Posts
from inkgate_v_1_client.models import Token as V1Token
from inkgate_v_2_client.api.auth import login, register
from inkgate_v_2_client.api.posts import create_post, delete_post, get_post, list_posts, patch_post
from inkgate_v_2_client.client import AuthenticatedClient, Client
from inkgate_v_2_client.models import (
    Credentials,
    Message,
    Post,
    PostIn,
    PostPatchIn,
    Posts,
    Problem,
    Registered,
    Registration,
    TokenPair,
)
from inkgate_v_2_client.types import UNSET, Unset

NAME, PASSWORD = "pam", "correct horse"


def tour_of_v1(url: str) -> None:
    token = v1_login.sync(client=V1Client(url), body=V1Credentials(username=NAME, password=PASSWORD))
    assert isinstance(token, V1Token)
    client = V1AuthenticatedClient(url, token.token)

    made = v1_create_post.sync(client=client, body=V1PostIn(title="By v1", content="Hello"))
    assert isinstance(made, V1Post)
    wrong = v1_create_post.sync(client=client, body=V1PostIn(title=" ", content=""))
    assert isinstance(wrong, V1Error) and wrong.error == "Bad Request"
    listed = v1_list_posts.sync(client=client, limit=100)
    assert isinstance(listed, V1Posts) and made.id in [post.id for post in listed.posts]
    gone = v1_delete_post.sync(made.id, client=client)
    assert isinstance(gone, V1Message) and gone.message == "Post deleted"


def tour_of_v2(url: str) -> None:
    anonymous = Client(url)
    registered = register.sync(client=anonymous, body=Registration(username=NAME, password=PASSWORD))
    assert isinstance(registered, Registered) and registered.user.username == NAME
    pair = login.sync(client=anonymous, body=Credentials(username=NAME, password=PASSWORD))
    assert isinstance(pair, TokenPair)
    client = AuthenticatedClient(url, pair.access_token)

    ids = []
    for title in ["One", "Two", "Three"]:
        body = PostIn(title=title, content="# Hello", tags=["snakes"])
        made = create_post.sync(client=client, body=body, idempotency_key=f"key of {title}")
        assert isinstance(made, Post)
        ids.append(made.id)

    seen: list[str] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_posts.sync(client=client, limit=2, tag=["snakes"], cursor=cursor)
        assert isinstance(page, Posts)
        seen += [post.title for post in page.posts]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == ["Three", "Two", "One"], seen

    tag = get_post.sync_detailed(ids[0], client=client).headers["ETag"]
    patched = patch_post.sync(ids[0], client=client, body=PostPatchIn(title="First"), if_match=tag)
    assert isinstance(patched, Post) and patched.version == 2
    stale = patch_post.sync(ids[0], client=client, body=PostPatchIn(title="Late"), if_match=tag)
    assert isinstance(stale, Problem) and stale.code == "stale_version"

    wrong = patch_post.sync_detailed(ids[0], client=client, body=PostPatchIn(title=" "))
    assert wrong.status_code == 422 and isinstance(wrong.parsed, Problem)
    assert [error.field for error in wrong.parsed.errors] == ["title"]

    gone = delete_post.sync(ids[0], client=client)
    assert isinstance(gone, Message) and gone.message == "Post deleted"
    missing = get_post.sync(ids[0], client=client)
    assert isinstance(missing, Problem) and missing.status == 404


tour_of_v2(sys.argv[1])
tour_of_v1(sys.argv[1])
