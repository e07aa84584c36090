import { describe, expect, it } from "vitest";
import { decode, encode, fill } from "../../provider/kerio/rpc";

describe("the frame", () => {
  it("always has parameters, and the token where there is one", () => {
    expect(JSON.parse(encode(7, "Users.get", undefined, undefined))).toEqual({
      jsonrpc: "2.0",
      id: 7,
      method: "Users.get",
      params: {},
    });
    expect(JSON.parse(encode(7, "Users.get", { a: 1 }, "token"))).toMatchObject({ params: { a: 1 }, token: "token" });
  });

  it("reads a result of the same request only", () => {
    expect(decode('{"id":7,"result":{"a":1}}', 7)).toEqual({ kind: "result", result: { a: 1 } });
    expect(decode('{"id":8,"result":{}}', 7)).toBeUndefined();
    expect(decode('{"id":7}', 7)).toBeUndefined();
    expect(decode("<html></html>", 7)).toBeUndefined();
    expect(decode("null", 7)).toBeUndefined();
  });

  it("reads a refusal with and without data, whatever its id", () => {
    const data = { messageParameters: { positionalParameters: ["jdoe", 5], plurality: 1 } };
    const error = { code: 1001, message: "User %1 exists %2 times %3.", data };
    expect(decode(JSON.stringify({ id: 7, error }), 7)).toEqual({
      kind: "error",
      error: { code: 1001, message: "User jdoe exists 5 times %3." },
    });
    for (const odd of [undefined, null, "", {}]) {
      expect(decode(JSON.stringify({ id: null, error: { code: -32700, data: odd } }), 7)).toEqual({
        kind: "error",
        error: { code: -32700, message: "" },
      });
    }
  });

  it("fills placeholders by number, in any order", () => {
    expect(fill("%2 of %1, %12", ["a", "b"])).toBe("b of a, %12");
    expect(fill("as it is", undefined)).toBe("as it is");
  });
});
