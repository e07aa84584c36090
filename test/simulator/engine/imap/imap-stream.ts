import { ImapStream } from "imapflow/lib/handler/imap-stream";

/** Bytes of one line, and of one literal, that a client may send. */
const [longestLine, largestLiteral] = [65_536, 20_971_520];

/** Cuts what a client sends into commands with their literals; `onLiteral` answers one that waits to be asked for. */
export class CommandStream extends ImapStream {
  constructor(private readonly onLiteral: () => void) {
    super({
      logger: false,
      maxLineLength: longestLine,
      maxLiteralSize: largestLiteral,
      maxResponseSize: longestLine + largestLiteral,
    });
  }

  override checkLiteralMarker(line: Buffer): boolean {
    // The stream was made for the answers of servers, in which no literal announces that it will not wait.
    const unasked = /\{(\d+)\+\}\r?\n$/.exec(line.subarray(-30).toString("latin1"));
    const isMarker = super.checkLiteralMarker(unasked ? Buffer.from(`{${unasked[1]}}\r\n`) : line);
    if (isMarker && !unasked) this.onLiteral();
    return isMarker;
  }
}
