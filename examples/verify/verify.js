// Whether credentials that candidates hand you stand:
//   node verify.js https://stint.example credential.jwt ...
// One line each: "valid" with its address, or "refused" with why. Ends with 1 where one is refused.
// VERIFY_AT (ISO 8601) checks as of that moment instead of now.
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { createRemoteJWKSet, jwtVerify } from "jose";

const [base, ...files] = process.argv.slice(2);
const issuer = `${base}/v1/issuer`;
// The keys come from the issuer that you trust, never from the token: neither its `iss` nor its
// `jwk` says whom to believe. Keys stay published after a rotation; `kid` names the right one.
const keys = createRemoteJWKSet(new URL(`${issuer}/keys`));
const currentDate = process.env.VERIFY_AT ? new Date(process.env.VERIFY_AT) : new Date();

async function read(token, more = []) {
  const algorithms = ["RS256"];
  const requiredClaims = ["jti", "sub", "nbf", ...more];
  const { payload } = await jwtVerify(token, keys, { issuer, algorithms, currentDate, requiredClaims });
  if (payload.jti !== payload.id || payload.sub !== payload.credentialSubject.id)
    throw new Error("its claims and what it says are of different things");
  return payload;
}

async function revoked({ statusListCredential: url, statusListIndex }) {
  if (!url.startsWith(`${issuer}/status/`)) throw new Error("its status list is not the issuer's");
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`its status list answers ${answer.status}`);
  const list = await read(await answer.text(), ["exp"]);
  if (list.jti !== url) throw new Error("its status list is another one");
  const packed = list.credentialSubject.encodedList.slice(1); // After "u", for base64url.
  const bits = gunzipSync(Buffer.from(packed, "base64url"));
  const index = Number(statusListIndex);
  if (!(index >= 0 && index < bits.length * 8)) throw new Error("it has no place in its status list");
  return Boolean((bits[index >> 3] >> (7 - (index % 8))) & 1);
}

async function verify(token) {
  const credential = await read(token);
  if (!credential.type.includes("OpenBadgeCredential")) throw new Error("it is no credential");
  if (await revoked(credential.credentialStatus)) throw new Error("it was revoked");
  return credential;
}

for (const file of files) {
  try {
    console.log(`valid ${(await verify((await readFile(file, "utf8")).trim())).id}`);
  } catch (error) {
    console.log(`refused ${error.code ?? "STINT"} ${error.message}`);
    process.exitCode = 1;
  }
}
