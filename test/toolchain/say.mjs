/** Prints one line about what the toolchain is doing; on stderr, so that a program's own output stays clean. */
export function say(text) {
  process.stderr.write(`[toolchain] ${text}\n`);
}
