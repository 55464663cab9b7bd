// A company and a candidate meet, through the client that is generated from the OpenAPI document.
// node journey.ts BASE OPERATOR_EMAIL PASSWORD

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

declare const process: { argv: string[] };

type Schemas = components["schemas"];
type Answer<T> = { data?: T; error?: Schemas["Problem"]; response: Response };

const [base = "", operatorEmail = "", password = ""] = process.argv.slice(2);
const nobody = createClient<paths>({ baseUrl: base });

class Refused extends Error {
  readonly problem: Schemas["Problem"];

  constructor(problem: Schemas["Problem"]) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** What was answered; a problem is thrown. */
function must<T>(answer: Answer<T>): T {
  if (answer.error !== undefined) throw new Refused(answer.error);
  return answer.data as T;
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** Services hear of each other's work in moments, not at once. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen in time`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function signIn(email: string) {
  const session = must(await nobody.POST("/v1/sessions", { body: { email, password } }));
  const headers = { Authorization: `${session.token_type} ${session.access_token}` };
  return createClient<paths>({ baseUrl: base, headers });
}

async function register(about: Pick<Schemas["Registration"], "role" | "name" | "organisation_name">) {
  const email = `${about.role}-${crypto.randomUUID()}@example.com`;
  const account = must(await nobody.POST("/v1/accounts", { body: { ...about, email, password } }));
  return { account, client: await signIn(email) };
}

const owner = await register({ role: "owner", name: "Dana Whitfield", organisation_name: "Northwind" });
const candidate = await register({ role: "candidate", name: "Kim Li" });
const operator = await signIn(operatorEmail);
const orgId = owner.account.org_id;
check(typeof orgId === "string", "an owner has an organisation");

must(await owner.client.PUT("/v1/payment-method", { body: { token: "tok_visa" } }));
must(
  await operator.POST("/v1/organisations/{org_id}/verify", {
    params: { path: { org_id: orgId } },
    body: { level: "verified" },
  }),
);

const skills = must(await candidate.client.GET("/v1/skills", { params: { query: { query: "data" } } }));
const skill = skills.items[0];
check(skill !== undefined, "the taxonomy knows data");

const brief: Schemas["Brief"] = {
  title: "Clean and dedupe our contacts",
  summary: "Our contacts come from three systems and overlap.",
  deliverables: [{ title: "Clean CSV", acceptance_criteria: ["One row per person"] }],
  skills: [{ skill_id: skill.skill_id, label: skill.label, required: true }],
  hours: 12,
  weeks: 1,
  fee_amount: 26_400,
  fee_currency: "USD",
  supervisor: { name: "Dana Whitfield", role: "Sales operations" },
};
const key = { header: { "Idempotency-Key": crypto.randomUUID() } };
const draft = must(await owner.client.POST("/v1/projects", { params: key, body: brief }));
const again = must(await owner.client.POST("/v1/projects", { params: key, body: brief }));
check(draft.id === again.id, "under one key one brief is drafted");

const where = { params: { path: { project_id: draft.id } } };
await until("hearing that the organisation is verified", async () => {
  const read = must(await owner.client.GET("/v1/projects/{project_id}", where));
  return read.organisation_level === "verified" ? read : undefined;
});
const published = must(await owner.client.POST("/v1/projects/{project_id}/publish", where));
check(published.status === "published", "the brief is published");

must(
  await candidate.client.PUT("/v1/profile", {
    body: {
      headline: "Statistics student",
      skills: [{ skill_id: skill.skill_id, label: skill.label, level: 4 }],
      weekly_hours: 15,
    },
  }),
);
const application = await until("hearing of the publication", async () => {
  const answer = await candidate.client.POST("/v1/projects/{project_id}/applications", {
    ...where,
    body: {},
  });
  return answer.error?.status === 404 ? undefined : must(answer);
});
check(application.project_id === draft.id, "the application is for the brief");

// Every page, one brief at a time, until it is found.
let seen = 0;
let after: string | null = null;
do {
  const query: { limit: number; after?: string } = after === null ? { limit: 1 } : { limit: 1, after };
  const page: Schemas["ProjectPage"] = must(await nobody.GET("/v1/projects", { params: { query } }));
  seen += page.items.filter((item) => item.id === draft.id).length;
  after = seen > 0 ? null : page.next;
} while (after !== null);
check(seen === 1, "the brief is on one of the pages");

const twice = await candidate.client.POST("/v1/projects/{project_id}/applications", { ...where, body: {} });
check(twice.error?.code === "already-applied", "a second application is refused by a problem");
const wrong = await owner.client.POST("/v1/projects", { body: { ...brief, hours: 41 } });
check(wrong.error?.errors?.[0]?.pointer === "#/hours", "the problem names the field");

console.log(`ok ${application.id}`);
