import type { Switches } from "../switches.js";

/** The codes of the facts; which of them a given refusal carries is partly open and chosen here in one place. */
export const rpcCodes = {
  sessionExpired: -32001,
  requestTimeout: -32002,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  parseError: -32700,
  operationFailed: 1000,
  alreadyExists: 1001,
  doesNotExist: 1002,
  forbidden: 1003,
  accessDenied: 1004,
} as const;

const silence = "no answer";
const absence = "%1 does not exist.";
const noSeat = "user count license exceeded";

/** An error that becomes the answer: of the whole call, or of one item of a bulk call. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly parameters: string[] = [],
  ) {
    super(message);
  }

  /** Wrong or missing parameters. */
  static invalidParams(): RpcError {
    return new RpcError(rpcCodes.invalidParams, "Invalid params");
  }

  /** Something of that name is there already. */
  static exists(name: string, code: number = rpcCodes.alreadyExists): RpcError {
    return new RpcError(code, "%1 already exists.", [name]);
  }

  /** Nothing has that id or name. */
  static missing(name: string, code: number = rpcCodes.doesNotExist): RpcError {
    return new RpcError(code, absence, [name]);
  }

  /** The rights of the caller do not suffice. */
  static denied(code: number = rpcCodes.accessDenied): RpcError {
    return new RpcError(code, "Insufficient rights to perform the requested operation.");
  }

  /** No seat is left. */
  static licence(): RpcError {
    return new RpcError(rpcCodes.forbidden, noSeat);
  }

  /** No answer ever comes; the code is what is written down about the call. */
  static unanswered(): RpcError {
    return new RpcError(rpcCodes.operationFailed, silence);
  }

  /** Whether it is {@link unanswered}. */
  get isUnanswered(): boolean {
    return this.message === silence;
  }

  /** Whether it is {@link licence}. */
  get isOfSeats(): boolean {
    return this.message === noSeat;
  }

  /** Whether it is {@link missing}. */
  get isOfMissing(): boolean {
    return this.message === absence;
  }

  /**
   * The real server has this method and the stand-in does not. The code for "operation failed" is the one that the
   * facts give for whatever has no code of its own.
   */
  static notImplemented(method: string): RpcError {
    return RpcError.failed("%1 is not implemented.", method);
  }

  /** Anything else that the server will not do. */
  static failed(message: string, ...parameters: string[]): RpcError {
    return new RpcError(rpcCodes.operationFailed, message, parameters);
  }

  /** The form at the top of an answer: the parameters of the message stand below `data`. */
  asCallError(switches: Switches): object {
    const { message, messageParameters } = this.textUnder(switches);
    return { code: this.code, message, data: { messageParameters } };
  }

  /** The form inside the `errors` of a bulk answer. */
  asItemError(inputIndex: number, switches: Switches): object {
    return { inputIndex, code: this.code, ...this.textUnder(switches) };
  }

  /** The text and what fills its placeholders, see the switch refusal-texts. */
  private textUnder(switches: Switches): { message: string; messageParameters: object } {
    const form = switches.of("refusal-texts");
    const isFilled = form !== "with-parameters";
    const whole = this.message.replace(/%(\d+)/g, (placeholder, at) => this.parameters[Number(at) - 1] ?? placeholder);
    return {
      message: form === "empty" ? "" : isFilled ? whole : this.message,
      messageParameters: { positionalParameters: isFilled ? [] : this.parameters, plurality: 1 },
    };
  }
}
