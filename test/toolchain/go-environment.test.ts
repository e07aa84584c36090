import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const module = pathToFileURL(join(__dirname, "go-environment.mjs")).href;
let directory: string;
let home: string;
let scratch: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pulumi-kerio-go-"));
  [home, scratch] = [join(directory, "home"), join(directory, "scratch")];
  mkdirSync(home);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

/** What the environment is on a platform, for a user with this home directory and these programs. */
function environmentOn(platform: string, path: string): Record<string, string> {
  const script = `
    import { goEnvironment } from ${JSON.stringify(module)};
    console.log(JSON.stringify(await goEnvironment(${JSON.stringify(scratch)}, ${JSON.stringify(platform)})));`;
  const stdout = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { HOME: home, PATH: path },
    encoding: "utf8",
    timeout: 50_000,
  });
  return JSON.parse(stdout) as Record<string, string>;
}

test("go's own directory of settings is another one, all else in it is the user's", () => {
  write(".config/go/env", "GOPROXY=off\n");
  write(".config/git/config", "[user]\n");
  const env = environmentOn("linux", "");
  expect(env["HOME"]).toBe(home);
  expect(env["GOENV"]).toBe(join(home, ".config/go/env"));
  expect(env["XDG_CONFIG_HOME"]).toContain(scratch);
  expect(readFileSync(join(env["XDG_CONFIG_HOME"]!, "git/config"), "utf8")).toBe("[user]\n");
  expect(existsSync(join(env["XDG_CONFIG_HOME"]!, "go/env"))).toBe(false);
});

test("on a Mac the home directory is another one, with the modules and caches of the user's", () => {
  write("Library/Application Support/go/env", "GOPROXY=off\n");
  write("Library/Caches/go-build/README", "");
  write(".netrc", "machine example.com\n");
  // As `go env` answers where only HOME counts.
  write("bin/go", `#!/bin/sh\necho '{"GOPATH": "'$HOME'/go:/opt/go", "GOCACHE": "'$HOME'/Library/Caches/go-build"}'\n`);
  execFileSync("chmod", ["755", join(home, "bin/go")]);
  const env = environmentOn("darwin", `${join(home, "bin")}:/usr/bin:/bin`);
  expect(env["HOME"]).toContain(scratch);
  expect(readFileSync(join(env["HOME"]!, ".netrc"), "utf8")).toBe("machine example.com\n");
  expect(existsSync(join(env["HOME"]!, "Library/Application Support/go/env"))).toBe(false);
  expect(env).toMatchObject({
    GOENV: join(home, "Library/Application Support/go/env"),
    GOPATH: `${join(home, "go")}:/opt/go`,
    GOCACHE: join(home, "Library/Caches/go-build"),
  });
});

test("go finds the user's settings, and leaves nothing in the user's configuration", ({ skip }) => {
  if (process.platform === "darwin" || spawnSync("go", ["version"], { env: process.env }).status !== 0)
    skip("needs go, and a home directory that go finds by XDG_CONFIG_HOME");
  write(".config/go/env", "GOPRIVATE=git.example.com\n");
  const env = { ...environmentOn("linux", process.env["PATH"] ?? ""), GOTOOLCHAIN: "local" };
  expect(execFileSync("go", ["env", "GOPRIVATE"], { env, encoding: "utf8" }).trim()).toBe("git.example.com");
  execFileSync("go", ["list", "std"], { env, cwd: directory });
  expect(
    execFileSync("find", [join(home, ".config")], { encoding: "utf8" })
      .trim()
      .split("\n")
      .sort(),
  ).toEqual(["", "/go", "/go/env"].map((path) => `${join(home, ".config")}${path}`));
});
