import { createRequire } from "node:module";

// A process of its own: the Automation API's installer cannot be cancelled, a process can be killed.
const require = createRequire(import.meta.url);
const { PulumiCommand } = require("@pulumi/pulumi/automation");
const { SemVer } = require("semver");
const [version, root] = process.argv.slice(2);
await PulumiCommand.install({ version: new SemVer(version), root, skipVersionCheck: false });
