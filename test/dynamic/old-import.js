/* eslint-disable @typescript-eslint/no-require-imports -- what is preloaded with --require is CommonJS */
// Preloaded into Pulumi's host: a module without a file name that imports something fails as under Node.js before 20.12.
const Module = require("node:module");
const { compileFunction } = require("node:vm");

const compile = Module.prototype._compile;

Module.prototype._compile = function (text, file, ...others) {
  if (file !== "") return compile.call(this, text, file, ...others);
  const names = ["exports", "require", "module"];
  const run = compileFunction(text, names, { importModuleDynamically: () => new URL(file) });
  return run.call(this.exports, this.exports, (id) => this.require(id), this);
};
