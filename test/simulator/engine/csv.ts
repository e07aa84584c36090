import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** A text with a line of names at the top, fields apart by semicolons. */
export function writeCsv(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return stringify([columns, ...rows] as (string | number)[][], { delimiter: ";", record_delimiter: "windows" });
}

/** The rows of such a text by the names in its first line; undefined when it is none. Fields may be apart by commas. */
export function readCsv(text: string): { rows: Record<string, string>[]; listSeparator: string } | undefined {
  const [head = ""] = text.split(/\r?\n/, 1);
  const delimiter = head.includes(";") ? ";" : ",";
  try {
    const options = {
      columns: true,
      delimiter,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
    };
    const rows = parse(text, options) as unknown as Record<string, string>[];
    // Several values in one field are apart by the sign that fields are not.
    return { rows, listSeparator: delimiter === ";" ? "," : ";" };
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return undefined;
  }
}
