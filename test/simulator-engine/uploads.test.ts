import { afterAll, beforeAll, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../helpers/start-simulator";
import { rawCall, sessionHeaders } from "./raw-call";

let simulator: Simulator;
let headers: Record<string, string>;
beforeAll(async () => {
  simulator = await startSimulator();
  headers = await sessionHeaders(simulator.info);
});
afterAll(() => simulator?.stop());

interface Answer {
  result?: { fileUpload: { name: string } };
  error?: { code: number };
}

async function upload(body: string): Promise<Answer> {
  const more = { ...headers, "Content-Type": "multipart/form-data; boundary=x" };
  return JSON.parse(
    (await rawCall(simulator.info, body, { path: "/admin/api/jsonrpc/upload", headers: more })).text,
  ) as Answer;
}

const partOf = (head: string) => `--x\r\n${head}\r\n\r\nName;FullName\r\n\r\n--x--\r\n`;

it.each([
  ["quoted", `Content-Disposition: form-data; name="f"; filename="a.csv"\r\nContent-Type: text/csv`, "a.csv"],
  [
    "without quotes, and the name twice",
    "Content-Disposition: form-data; name=f; filename=a.csv; filename*=utf-8''a.csv",
    "a.csv",
  ],
  ["encoded", `Content-Disposition: form-data; name="f"; filename*=utf-8''a%C3%A4.csv`, "aä.csv"],
  ["in the other order", `Content-Disposition: form-data; filename="a.csv"; name="f"`, "a.csv"],
  ["without blanks", `Content-Disposition: form-data;name="f";filename="a.csv"`, "a.csv"],
  ["without a name", `Content-Disposition: form-data; name="f"; filename=`, ""],
  ["with a type alone", `Content-Disposition: form-data; name="f"\r\nContent-Type: text/csv`, ""],
])("a file is taken whose part is written %s", async (_how, head, name) => {
  expect((await upload(partOf(head))).result?.fileUpload).toMatchObject({ name });
});

it("what comes before the first part, and parts that are no files, do not count", async () => {
  const field = `--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nabc\r\n`;
  const file = partOf(`Content-Disposition: form-data; name="f"; filename="a.csv"`);
  expect((await upload(`a form\r\n${field}${file}`)).result?.fileUpload).toMatchObject({ name: "a.csv" });
});

it.each([
  ["a field", `--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nabc\r\n--x--\r\n`],
  ["half a part", `--x\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\nhalf`],
  ["no part", "--x--\r\n"],
  ["something else", "Name;FullName\r\n"],
  ["nothing", ""],
])("%s is no file", async (_what, body) => {
  expect((await upload(body)).error?.code).toBe(1000);
});
