import { existsSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { createProject, succeeded, type PulumiProject } from "../helpers/pulumi-project";

let project: PulumiProject | undefined;

afterEach(async () => {
  await project?.dispose();
  project = undefined;
});

test("a program without resources goes through the real engine, with its settings and its state", async () => {
  project = await createProject({
    program: `
      const pulumi = require("@pulumi/pulumi");
      const config = new pulumi.Config("kerio");
      exports.url = config.require("url");
      exports.seconds = config.requireObject("timeouts").request;
      exports.password = config.requireSecret("password");
    `,
    config: { "kerio:url": "https://mail.example.com", "kerio:timeouts": { request: 7 } },
    secrets: { "kerio:password": "planted secret" },
  });
  succeeded(await project.up());
  expect(await project.stackOutput()).toEqual({
    url: "https://mail.example.com",
    seconds: 7,
    password: "planted secret",
  });
  const state = await project.exportState();
  expect(state.deployment.resources).toHaveLength(1);
  expect(JSON.stringify(state)).not.toContain("planted secret");
  expect(existsSync(project.stateFile)).toBe(true);

  await project.setConfig("kerio:url", "https://other.example.com");
  const preview = succeeded(await project.preview({ diff: true }));
  expect(preview.text).toContain("https://other.example.com");
  succeeded(await project.preview({ expectNoChanges: true }));
  succeeded(await project.destroy());
  expect(await project.processes()).toEqual([]);
});

test("a dynamic resource in TypeScript is created by the launcher beside the command line", async () => {
  project = await createProject({
    runtime: "typescript",
    program: `
      import * as pulumi from "@pulumi/pulumi";
      class Note extends pulumi.dynamic.Resource {
        declare readonly text: pulumi.Output<string>;
        constructor(name: string, text: string) {
          super({ create: async (inputs) => ({ id: "1", outs: inputs }) }, name, { text });
        }
      }
      export const text = new Note("note", "kept").text;
    `,
  });
  succeeded(await project.up({ parallel: 2 }));
  expect(await project.stackOutput()).toEqual({ text: "kept" });
});

test("an update after which a preview is not empty is refused, unless the test says why it cannot be", async () => {
  project = await createProject({
    program: `
      const pulumi = require("@pulumi/pulumi");
      class Clock extends pulumi.dynamic.Resource {}
      const provider = { create: async (inputs) => ({ id: "1", outs: inputs }), update: async (_, __, outs) => ({ outs }) };
      new Clock(provider, "clock", { now: Date.now() });
    `,
  });
  await expect(project.up()).rejects.toThrow("the preview right after a successful update ended with code");
  succeeded(await project.up({ noPreviewAfter: "the clock goes on" }));
});

test("a command that does not end is killed together with its plugins", async () => {
  project = await createProject({
    program: `
      const pulumi = require("@pulumi/pulumi");
      class Slow extends pulumi.dynamic.Resource {}
      new Slow({ create: () => { console.log("create is running"); return new Promise((r) => setTimeout(r, 600000)); } }, "slow", {});
    `,
  });
  const running = project.spawnUp({ timeoutMs: 20_000 });
  await running.printed(/create is running/);
  expect((await project.processes()).length).toBeGreaterThan(1);
  await expect(running.ended).rejects.toThrow("did not end in 20 s");
  await expect.poll(() => project?.processes(), { timeout: 10_000 }).toEqual([]);
});
