import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { describe, expect, it } from "vitest";
import { interfaces } from "../simulator/engine/rpc/interfaces";
import { productMethods } from "../simulator/engine/rpc/product-methods";
import { apiPage, switchesPage } from "./docs-pages";

const page = (name: string) => join(__dirname, "../../docs", name);

async function formatted(text: string, file: string): Promise<string> {
  return format(text, { ...(await resolveConfig(file)), parser: "markdown" });
}

describe("pages made from the code", () => {
  it.each([
    ["stand-in-api.md", apiPage],
    ["stand-in-switches.md", switchesPage],
  ])("%s is what the code says", async (name, write) => {
    await expect(await formatted(write(), page(name))).toMatchFileSnapshot(page(name));
  });
});

describe("the table of the product's methods", () => {
  it("knows every method that the stand-in answers", () => {
    const answered = Object.entries(interfaces).flatMap(([name, methods]) =>
      Object.keys(methods).map((method) => `${name}.${method}`),
    );
    expect(answered.filter((name) => !isKnown(name))).toEqual([]);
  });
});

function isKnown(name: string): boolean {
  const [interfaceName = "", method = ""] = name.split(".");
  return productMethods[interfaceName]?.includes(method) ?? false;
}
