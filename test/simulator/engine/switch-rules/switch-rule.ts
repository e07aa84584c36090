/** One behaviour that public sources leave open: the values it can take, the default, and why that one. */
export interface SwitchRule {
  /** Allowed values; `number` stands for any integer. */
  values: readonly string[] | "number";
  /** The value in force unless a test says otherwise. */
  standard: string;
  /** What is open, and what speaks for the default. */
  reason: string;
}
