import * as pulumi from "@pulumi/pulumi";
import { GetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb";
import { sleep } from "../retry";

/**
 * The part of the engine's client that is needed: a question that every engine answers, if only by refusing it. During an
 * update the answer is the URN of the stack's root resource.
 */
export interface Engine {
  getRootResource(
    request: GetRootResourceRequest,
    options: { deadline: number },
    done: (error: { code: number } | null, answer?: { getUrn(): string }) => void,
  ): unknown;
}

/** gRPC's codes for an address where nobody listens any more, and for no answer in time. */
const [unavailable, deadlineExceeded] = [14, 4];

/** Milliseconds that an engine has to answer; one that is merely slow or stopped is not gone. */
const answerIn = 2_000;

/** Milliseconds between two looks. */
const every = 2_000;

/** How often in a row nobody listened before the engine is taken for gone. */
const enough = 3;

/**
 * Knows whether the engine that started this process has died. Killed by force it leaves the process behind, at work and
 * unheard, for ever: such an orphan ends what it is doing, and then itself.
 *
 * An engine that was never reached is never gone.
 */
export class EngineWatch {
  private root = "";
  private wasReached = false;
  private misses = 0;
  private calls = 0;

  /**
   * @param engine left out, there is no engine to watch
   * @param exit ends this process
   */
  constructor(
    private readonly engine: Engine | undefined,
    private readonly exit: () => void = () => process.exit(0),
    private readonly interval = every,
  ) {}

  /** Looks from now on, and ends the process once the engine is gone and no call is being handled. */
  start(): void {
    if (!this.engine) return;
    void this.look();
    const timer = setInterval(() => void this.look().then(() => this.leaveIfDone()), this.interval);
    timer.unref();
  }

  /** The stack's name; undefined as long as the engine has not told it, as during a refresh. */
  get stack(): string | undefined {
    return /^urn:pulumi:([^:]+)::/.exec(this.root)?.[1];
  }

  /** Counts a call of the engine as being handled until it has ended. */
  async during<T>(call: Promise<T>): Promise<T> {
    this.calls++;
    try {
      return await call;
    } finally {
      this.calls--;
    }
  }

  /** Looks now. True when the engine was there once and nobody listens at its address any more. */
  async isGone(): Promise<boolean> {
    while (this.wasReached) {
      await this.look();
      if (this.misses === 0) return false;
      if (this.misses >= enough) return true;
      await sleep(this.interval / 4);
    }
    return false;
  }

  private leaveIfDone(): void {
    if (this.misses >= enough && this.calls === 0) this.exit();
  }

  private async look(): Promise<void> {
    const answer = await this.ask();
    if (answer === "there") this.wasReached = true;
    if (!this.wasReached) return;
    this.misses = answer === "nobody" ? this.misses + 1 : 0;
  }

  private ask(): Promise<"there" | "nobody" | "unclear"> {
    return new Promise((done) => {
      this.engine?.getRootResource(
        new GetRootResourceRequest(),
        { deadline: Date.now() + answerIn },
        (error, answer) => {
          this.root = answer?.getUrn() || this.root;
          if (error?.code === unavailable) done("nobody");
          else done(error?.code === deadlineExceeded ? "unclear" : "there");
        },
      );
    });
  }
}

/** The engine that the user's log reaches too; to be asked for after that was made. */
export function currentEngine(): Engine | undefined {
  return pulumi.runtime.getEngine() as unknown as Engine | undefined;
}
