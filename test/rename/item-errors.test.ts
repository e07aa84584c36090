import { expect, it } from "vitest";
import { explainItemError } from "../../provider/rename/item-errors";

it("a refusal is told in the server's words, with what its code means as a rule", () => {
  expect(explainItemError({ code: 1001, message: "jdoe already exists." })).toBe(
    "jdoe already exists. (code 1001, as a rule: the name exists already)",
  );
  expect(explainItemError({ code: 1000, message: "" })).toBe("no reason given (code 1000)");
});
