/**
 * The open streams of changes, as server-sent events.
 *
 * Invariants:
 * 1. A stream reads the log at its own pace and keeps nothing of it: a slow client costs no memory. One that takes
 *    nothing for a while, or that the log has left behind, is dropped; it comes back and is told what it missed.
 * 2. A stream shows one platform's changes, in order.
 * 3. A stream ends when the credential that opened it is no longer good.
 */
import type { Clock } from "@millrace/agent";
import type { Identity } from "../authentication/authenticator.ts";
import { RefusedError } from "../problem.ts";
import type { ChangeLog, LoggedChange } from "./change-log.ts";

const HEARTBEAT_MS = 15_000;
const BATCH = 100;
/** How long a browser waits before it comes back. */
const RETRY_MS = 2_000;

export interface ChangeStreamsOptions {
  log: ChangeLog;
  clock: Clock;
  isStillGood: (identity: Identity) => Promise<boolean>;
  onError: (error: unknown) => void;
  /** How many streams may be open at once. Default 200. */
  limit?: number;
}

export class ChangeStreams {
  private readonly options: ChangeStreamsOptions;
  private readonly open = new Set<ChangeStream>();

  constructor(options: ChangeStreamsOptions) {
    this.options = options;
  }

  /**
   * Opens a stream.
   * @param lastEventId what the client has seen last; undefined when it has seen nothing
   * @throws RefusedError when too many are open
   */
  stream(identity: Identity, lastEventId: string | undefined): Response {
    const { limit = 200 } = this.options;
    if (this.open.size >= limit) throw new RefusedError("unavailable", `${limit} streams of changes are open already.`);
    const stream = new ChangeStream(this.options, identity, lastEventId, () => this.open.delete(stream));
    this.open.add(stream);
    return new Response(stream.body, {
      headers: { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" },
    });
  }

  /** Ends those whose credential is no longer good. */
  async recheck(): Promise<void> {
    await Promise.all([...this.open].map((stream) => stream.check()));
  }

  closeAll(): void {
    for (const stream of this.open) stream.end();
  }
}

class ChangeStream {
  readonly body: ReadableStream<Uint8Array>;
  private readonly options: ChangeStreamsOptions;
  private readonly identity: Identity;
  private readonly onEnd: () => void;
  private readonly encoder = new TextEncoder();
  private readonly stopListening: () => void;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  private cancelHeartbeat: () => void = () => undefined;
  private wake: () => void = () => undefined;
  private position: number;
  private isStalled = false;

  constructor(options: ChangeStreamsOptions, identity: Identity, lastEventId: string | undefined, onEnd: () => void) {
    const { log } = options;
    this.options = options;
    this.identity = identity;
    this.onEnd = onEnd;
    const known = lastEventId === undefined ? log.position : log.find(lastEventId);
    this.position = known ?? log.position;
    this.stopListening = log.onAppend(() => this.wake());
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
        const event = known === null ? "reset" : "ready";
        this.send(`retry: ${RETRY_MS}\nevent: ${event}\nid: ${log.nameOf(this.position)}\ndata: {}\n\n`);
        this.scheduleHeartbeat();
      },
      pull: () => this.sendNext(),
      cancel: () => this.release(),
    });
  }

  /** Ends the stream; the client may come back. */
  end(): void {
    const { controller } = this;
    this.release();
    controller?.close();
  }

  /** Ends the stream when its credential is no longer good, or can't be looked at: its client may come back with it. */
  async check(): Promise<void> {
    try {
      if (await this.options.isStillGood(this.identity)) return;
    } catch (error) {
      this.options.onError(error);
    }
    this.end();
  }

  /** Called whenever the client has taken what was sent: sends what comes next, or waits for it. */
  private async sendNext(): Promise<void> {
    while (this.controller !== null) {
      const next = this.options.log.readAfter(this.position, BATCH);
      if (next === null) return this.end();
      this.position = next.at(-1)?.position ?? this.position;
      const own = next.filter(({ platformId }) => platformId === this.identity.principal.platformId);
      if (own.length > 0) return this.send(own.map((logged) => this.write(logged)).join(""));
      if (next.length === 0) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }

  private write({ position, change }: LoggedChange): string {
    return `id: ${this.options.log.nameOf(position)}\ndata: ${JSON.stringify(change)}\n\n`;
  }

  private send(text: string): void {
    this.controller?.enqueue(this.encoder.encode(text));
  }

  private scheduleHeartbeat(): void {
    this.cancelHeartbeat = this.options.clock.setTimer(HEARTBEAT_MS, () => {
      this.beat().catch(this.options.onError);
    });
  }

  /** Keeps the connection alive, and looks whether there is still somebody who may read it and does. */
  private async beat(): Promise<void> {
    await this.check();
    if (this.controller === null) return;
    const isFull = (this.controller.desiredSize ?? 0) <= 0;
    if (isFull && this.isStalled) return this.drop();
    this.isStalled = isFull;
    if (!isFull) this.send(": still here\n\n");
    this.scheduleHeartbeat();
  }

  private drop(): void {
    const { controller } = this;
    this.release();
    controller?.error(new Error("The client does not read what it is sent."));
  }

  private release(): void {
    if (this.controller === null) return;
    this.controller = null;
    this.stopListening();
    this.cancelHeartbeat();
    this.wake();
    this.onEnd();
  }
}
