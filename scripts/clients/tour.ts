// What a program does with the generated client: it registers, logs in, writes, pages, patches with a
// condition, reads what was wrong with a field, and deletes.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths as V1 } from "./v1.js";
import type { components, paths as V2 } from "./v2.js";

const baseUrl = process.argv[2];
assert(baseUrl);
const person = { username: "tess", password: "correct horse" };

async function tourOfV1(): Promise<void> {
  const client = createClient<V1>({ baseUrl });
  const login = await client.POST("/api/v1/login", { body: person });
  assert(login.data);
  client.use({
    onRequest: ({ request }) => {
      request.headers.set("Authorization", `Bearer ${login.data.token}`);
    },
  });

  const made = await client.POST("/api/v1/posts", { body: { title: "By v1", content: "Hello" } });
  assert.equal(made.response.status, 201);
  assert(made.data);
  const wrong = await client.POST("/api/v1/posts", { body: { title: " ", content: "" } });
  assert.equal(wrong.error?.error, "Bad Request");
  const listed = await client.GET("/api/v1/posts", { params: { query: { limit: 100 } } });
  assert(listed.data?.posts.some((post) => post.id === made.data.id));
  const gone = await client.DELETE("/api/v1/posts/{id}", { params: { path: { id: made.data.id } } });
  assert.equal(gone.data?.message, "Post deleted");
}

async function tourOfV2(): Promise<void> {
  const client = createClient<V2>({ baseUrl });
  const registered = await client.POST("/api/v2/auth/register", { body: person });
  assert.equal(registered.data?.user.username, "tess");
  const login = await client.POST("/api/v2/auth/login", { body: person });
  assert(login.data && "access_token" in login.data);
  const token = login.data.access_token;
  client.use({
    onRequest: ({ request }) => {
      request.headers.set("Authorization", `Bearer ${token}`);
    },
  });

  const posts: components["schemas"]["Post"][] = [];
  for (const title of ["One", "Two", "Three"]) {
    const made = await client.POST("/api/v2/posts", {
      body: { title, content: "# Hello", tags: ["clients"] },
      params: { header: { "Idempotency-Key": `key of ${title}` } },
    });
    assert.equal(made.response.status, 201);
    assert(made.data);
    posts.push(made.data);
  }

  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; tag: string[]; cursor?: string } = { limit: 2, tag: ["clients"] };
    if (cursor !== null) query.cursor = cursor;
    const page: { data?: components["schemas"]["Posts"] } = await client.GET("/api/v2/posts", { params: { query } });
    assert(page.data);
    seen.push(...page.data.posts.map((post) => post.title));
    cursor = page.data.next_cursor;
  } while (cursor !== null);
  assert.deepEqual(seen, ["Three", "Two", "One"]);

  const path = { id: posts[0]!.id };
  const read = await client.GET("/api/v2/posts/{id}", { params: { path } });
  const tag = read.response.headers.get("ETag");
  assert(tag);
  const params = { path, header: { "If-Match": tag } };
  const patched = await client.PATCH("/api/v2/posts/{id}", { params, body: { title: "First" } });
  assert.equal(patched.data?.version, 2);
  const stale = await client.PATCH("/api/v2/posts/{id}", { params, body: { title: "Late" } });
  assert.equal(stale.error?.code, "stale_version");

  const wrong = await client.PATCH("/api/v2/posts/{id}", { params: { path }, body: { title: " " } });
  assert.equal(wrong.response.status, 422);
  assert.deepEqual(wrong.error?.errors.map((error) => error.field), ["title"]);

  const gone = await client.DELETE("/api/v2/posts/{id}", { params: { path } });
  assert.equal(gone.data?.message, "Post deleted");
  const missing = await client.GET("/api/v2/posts/{id}", { params: { path } });
  assert.equal(missing.error?.status, 404);
}

await tourOfV2();
await tourOfV1();
