import { Zip, ZipDeflate } from "fflate";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

/**
 * A zip archive in volumes: `<path>.zip`, and as soon as one has reached the limit `<path>.1.zip` and so on. Each
 * volume is a whole archive of its own.
 */
export class ArchiveVolumes {
  /** Bytes of all volumes so far. */
  size = 0;
  private volume = 0;
  private written = 0;
  private zip: Zip;

  constructor(
    private readonly path: string,
    private readonly limit: number,
  ) {
    this.zip = this.open();
  }

  /** Adds a file under a name inside the archive. */
  add(name: string, file: string): void {
    if (this.written >= this.limit) {
      this.zip.end();
      this.volume += 1;
      this.zip = this.open();
    }
    const entry = new ZipDeflate(name, { level: 1 });
    this.zip.add(entry);
    entry.push(readFileSync(file), true);
  }

  /** Writes the end of the last volume. */
  close(): void {
    this.zip.end();
  }

  private open(): Zip {
    const file = `${this.path}${this.volume === 0 ? "" : `.${this.volume}`}.zip`;
    writeFileSync(file, "", { mode: 0o600 });
    this.written = 0;
    return new Zip((error, chunk) => {
      if (error) throw error;
      appendFileSync(file, chunk);
      this.written += chunk.length;
      this.size += chunk.length;
    });
  }
}
